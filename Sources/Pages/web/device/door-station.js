// A door's or a guard's tablet as its controller: asks the service with a budget of 300 ms, else decides alone; fetches policy, keys and
// refusals every minute, tells what was decided alone as soon as there is a way, and says every 30 seconds that it lives.

import {listen, pause, requestID} from '../shared/api.js';
import {toldEntry} from './door-entry.js';
import {AcceptedCodes, decide, decideBeforeAsking, read, timeProven} from './decide.js';
import {importKeys} from './offline-code.js';
import {applyRefusals, noRefusals} from './refusals.js';
import {acknowledge, add, change, keepValue, keptValue, waiting} from './journal.js';
import {know, learningTime, microsecondsOf, now, timeText} from './true-time.js';
import {getWithin, isShutOut, isUnanswered, noteLink, postWithin} from './link.js';

const askBudget = 300;
const syncEvery = 60000;
const beatEvery = 30000;
const pageSize = 200;
const codeMax = 1024;

/** The door of access point `id`. It runs until `signal` ends; `told(command)` hears what organizers and phones command. */
export class DoorStation {
  #id;
  #signal;
  #told;
  #knowledge;
  #keys = new Map();
  #accepted = new AcceptedCodes();
  #isShutOut = false;
  #turn = Promise.resolve();
  #wake = () => undefined;
  #wishes = new Set();
  #commands = [];

  constructor(id, signal, told = () => undefined) {
    this.#id = id;
    this.#signal = signal;
    this.#told = told;
  }

  /** The policy that it goes by; undefined before the service was reached for the first time. */
  get policy() { return this.#knowledge?.policy; }

  /** Takes up what is kept of before, settles what was not finished, and begins its errands. */
  async start() {
    const kept = await keptValue(`door ${this.#id}`);
    const codes = await keptValue(`accepted ${this.#id}`);
    this.#commands = (await keptValue('commands')) ?? [];
    if (codes) this.#accepted = new AcceptedCodes(codes.rows, codes.forgottenThroughSeconds);
    if (kept) await this.#take(kept).catch(() => undefined);
    for (const entry of waiting('door')) {
      if (!entry.decision) await change(entry, {decision: {isOpen: false, reasons: ['door.controller_restarted'], relayMilliseconds: 0}});
    }
    addEventListener('online', () => this.#wish('sync'), {signal: this.#signal});
    this.#runErrands();
    this.#hearCommands();
  }

  async #take(knowledge) {
    this.#keys = await importKeys(knowledge.publicKeys);
    this.#knowledge = knowledge;
    noteLink({asOf: knowledge.asOfMicroseconds / 1000});
  }

  // Scans, one after another.

  /** Decides about a code: {requestID, isOpen, reasons, decider, relayMilliseconds, answer (the service's own, if it came)}. */
  scan(code, direction, pin) {
    const result = this.#turn.then(() => this.#decide({code: code.slice(0, codeMax), direction}, pin));
    this.#turn = result.catch(() => undefined);
    return result;
  }

  async #decide(scan, pin) {
    let moment = now();
    let reading = await read({...scan, microseconds: moment.microseconds}, this.#keys);
    const proven = timeProven(reading, moment.isCertain);
    if (proven !== undefined) {
      know(proven);
      moment = now();
      reading = await read({...scan, microseconds: moment.microseconds}, this.#keys);
    }
    const id = requestID(moment.microseconds / 1000);
    let entry;
    try {
      entry = await add({kind: 'door', accessPointID: this.#id, id, code: scan.code, direction: scan.direction, moment});
    } catch {
      return {requestID: id, ...this.#unwritten(scan, reading)};
    }
    const asked = {...scan, microseconds: moment.microseconds};
    const early = decideBeforeAsking(reading, this.#knowledge, this.#accepted);
    const answer = early ? undefined : await this.#ask(entry, pin);
    const decision = early ?? decide(asked, reading, this.#knowledge, {
      answer: answer && {...answer, reasons: answer.reasons.map((reason) => reason.code)}, isShutOut: this.#isShutOut,
    });
    return {requestID: id, ...(await this.#settle(entry, decision, reading, scan)), answer};
  }

  async #ask(entry, pin) {
    try {
      const answer = await postWithin(askBudget, '/v1/access/scans', {
        code: entry.code, accessPointId: this.#id, direction: entry.direction, occurredAt: timeText(entry.moment), requestId: entry.id,
        ...(pin && {pin}),
      });
      this.#isShutOut = false;
      return answer;
    } catch (error) {
      if (isShutOut(error)) this.#shutOut();
      return undefined;
    }
  }

  /** Puts the decision on the disk before it is shown. What the service decided it has; the rest waits to be told. */
  async #settle(entry, decision, reading, scan) {
    const values = {};
    if (decision.isOpen && reading.code.found) {
      this.#accepted.accept(reading.code.found, entry.moment.microseconds / 1000000);
      values[`accepted ${this.#id}`] = {rows: this.#accepted.all, forgottenThroughSeconds: this.#accepted.forgottenThroughSeconds};
    }
    try {
      if (decision.decider === 'server') await acknowledge([entry], values);
      else await change(entry, {decision}, values);
    } catch {
      return this.#unwritten(scan, reading);
    }
    this.#wake();
    return decision;
  }

  /** A disk that cannot be written promises nothing: entries stay out; but nobody is kept inside by it. */
  #unwritten(scan, reading) {
    const isExit = scan.direction === 'out' && reading.code.found !== undefined;
    return {
      isOpen: isExit, reasons: isExit ? [] : ['door.journal_unwritable'], decider: 'controller',
      relayMilliseconds: isExit ? this.policy?.relayMilliseconds ?? 3000 : 0,
    };
  }

  #shutOut() {
    this.#isShutOut = true;
    noteLink({fault: 'badge.shut_out'});
  }

  // Errands.

  #wish(errand) {
    this.#wishes.add(errand);
    this.#wake();
  }

  async #runErrands() {
    let [nextSync, nextBeat, nextUpload] = [0, 0, 0];
    while (!this.#signal.aborted) {
      const wished = this.#wishes;
      this.#wishes = new Set();
      if (wished.has('sync') || Date.now() >= nextSync) nextSync = Date.now() + ((await this.#sync()) ? syncEvery : 2000);
      if (Date.now() >= nextBeat) nextBeat = Date.now() + ((await this.#beat()) ? beatEvery : beatEvery / 6);
      if (this.#decided().length > 0 && Date.now() >= nextUpload) {
        nextUpload = Date.now() + ((await this.#upload()) ? 0 : 1000);
      }
      const next = Math.min(nextSync, nextBeat, this.#decided().length > 0 ? nextUpload : Infinity);
      await Promise.race([pause(Math.max(50, next - Date.now()), this.#signal), new Promise((resolve) => { this.#wake = resolve; })]);
    }
  }

  #decided() { return waiting('door').filter((entry) => entry.decision); }

  async #sync() {
    let version = this.#knowledge?.refusals.version;
    for (let tries = 0; tries < 2; tries += 1) {
      try {
        const path = `/v1/access-points/${this.#id}/sync`;
        const news = await learningTime(() => getWithin(10000, path, {version}));
        if (await this.#learn(news)) return true;
        version = undefined;
      } catch (error) {
        if (isShutOut(error)) this.#shutOut();
        else if (!isUnanswered(error)) noteLink({fault: error.status ? undefined : 'badge.cannot_verify'});
        return isShutOut(error);
      }
    }
    return false;
  }

  async #learn(news) {
    const refusals = await applyRefusals(this.#knowledge?.refusals ?? noRefusals(), news.refusals);
    if (refusals === null) return false;
    const knowledge = {policy: news.policy, publicKeys: news.publicKeys, refusals, asOfMicroseconds: microsecondsOf(news.serverTime)};
    await this.#take(knowledge);
    this.#isShutOut = false;
    noteLink({fault: undefined});
    await keepValue(`door ${this.#id}`, knowledge).catch(() => undefined);
    return true;
  }

  async #beat() {
    try {
      await postWithin(10000, `/v1/access-points/${this.#id}/heartbeat`, {
        occurredAt: new Date().toISOString(), softwareVersion: 'page 1', journalLength: this.#decided().length, doorState: 'closed',
        ...(this.#knowledge && {refusalListAgeSeconds: this.#listAge()}),
      });
      return true;
    } catch {
      return false;
    }
  }

  #listAge() { return Math.max(0, Math.floor((now().microseconds - this.#knowledge.asOfMicroseconds) / 1000000)); }

  async #upload() {
    // Times are put right by the server's, so it has to be heard first.
    if (!now().isCertain && !(await this.#sync())) return false;
    for (let size = pageSize; this.#decided().length > 0;) {
      const page = this.#decided().filter((entry, _, all) => entry.accessPointID === all[0].accessPointID).slice(0, size);
      try {
        await postWithin(20000, '/v1/access/journal', {accessPointId: page[0].accessPointID, entries: page.map(toldEntry)});
        await acknowledge(page);
        size = pageSize;
      } catch (error) {
        // What another door decided that this device served before is told to nobody who would hear it.
        const isElsewhere = error.code === 'access.access_point_foreign' && page[0].accessPointID !== this.#id;
        if (isElsewhere) {
          await acknowledge(page);
          continue;
        }
        if (isShutOut(error)) this.#shutOut();
        if (![400, 413, 422].includes(error.status)) return false;
        // One that the service cannot even read would keep all others back for ever.
        if (size === 1) await acknowledge(page);
        size = Math.max(1, Math.floor(size / 8));
      }
    }
    return true;
  }

  async #hearCommands() {
    const hear = async (event, command) => {
      if (event !== 'command' || this.#commands.includes(command.commandId)) return;
      if (command.expiresAt && microsecondsOf(command.expiresAt) < now().microseconds) return;
      this.#commands = [...this.#commands, command.commandId].slice(-64);
      await keepValue('commands', this.#commands);
      const state = {lock_down: 'locked_down', unlock: 'unlocked', normal: 'normal'}[command.kind];
      if (state && this.#knowledge) this.#knowledge.policy.state = state;
      if (command.kind !== 'open') this.#wish('sync');
      this.#told(command);
    };
    await listen(`/v1/access-points/${this.#id}/commands`, hear, {signal: this.#signal}).catch(() => undefined);
  }
}
