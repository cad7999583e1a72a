// A day's list of a van's visit, as the service gives it for a spreadsheet, kept for the time without network. Names are masked.

import {call} from '../shared/api.js';
import {keepValue, keptValue, waiting} from './journal.js';
import {isUnanswered, keepAsking, noteLink, notingReach} from './link.js';
import {now} from './true-time.js';

const states = {待确认: 'placed', 已确认: 'confirmed', 已到: 'attended', 未到: 'no_show', 已退: 'withdrawn'};

/** Today, where the vans are. */
export function dayToday() {
  return new Intl.DateTimeFormat('sv-SE', {timeZone: 'Asia/Shanghai', dateStyle: 'short'}).format(new Date(now().microseconds / 1000));
}

/** The rows of a CSV text, without its first line. */
export function csvRows(text) {
  const rows = [];
  let row = [];
  let cell = '';
  let isQuoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (isQuoted) {
      if (character !== '"') cell += character;
      else if (text[index + 1] === '"') {
        cell += '"';
        index += 1;
      } else isQuoted = false;
    } else if (character === '"') isQuoted = true;
    else if (character === ',') {
      row.push(cell);
      cell = '';
    } else if (character === '\n') {
      rows.push([...row, cell]);
      row = [];
      cell = '';
    } else if (character !== '\r') cell += character;
  }
  return rows.slice(1);
}

function lineOf([time, session, memberID, name, digits, word]) {
  const [state, walkIn] = word.split('·');
  return {time, session: Number(session), memberID, name, digits, state: states[state] ?? 'placed', isWalkIn: walkIn !== undefined};
}

/** The list of a visit's day: `lines` are {time, session, memberID (text), name, digits, state, isWalkIn, isWaiting}. */
export class DayList {
  #visitID;
  lines = [];
  asOf;
  fault;

  /** Lines that the service did not take, to be looked at by somebody: {name, reason}. */
  conflicts = [];

  constructor(visitID) {
    this.#visitID = visitID;
    this.date = dayToday();
  }

  /** Takes up what was kept of today. */
  async open() {
    this.conflicts = (await keptValue('day conflicts')) ?? [];
    const kept = await keptValue('day list');
    if (kept?.visitID !== this.#visitID || kept.date !== this.date) return;
    this.#take(kept.lines, kept.asOf);
  }

  #take(lines, asOf) {
    // What is not entered yet holds over what the service knew.
    const own = new Map(waiting('attendance').map((entry) => [entry.memberID, entry.state]));
    this.lines = lines.map((line) => (own.has(line.memberID)
      ? {...line, state: own.get(line.memberID) === 'no_show' ? 'no_show' : 'attended', isWaiting: true} : {...line, isWaiting: false}));
    this.asOf = asOf;
    noteLink({asOf});
  }

  /** Keeps what the service did not take until somebody has looked at it. */
  async keepConflicts(conflicts) {
    this.conflicts = conflicts;
    await keepValue('day conflicts', conflicts);
  }

  find(memberID) { return this.lines.find((line) => line.memberID === String(memberID)); }

  /** Asks the service for the list of today. */
  async refresh() {
    this.date = dayToday();
    const path = `/v1/checkups/visits/${this.#visitID}/days/${this.date}/list`;
    const lines = csvRows(await notingReach(() => call('GET', path, {accept: 'text/csv', as: 'text'}))).map(lineOf);
    const asOf = now().microseconds / 1000;
    this.#take(lines, asOf);
    await keepValue('day list', {visitID: this.#visitID, date: this.date, lines, asOf});
  }

  /** The same now and every minute; `changed()` after each, also when it failed. */
  async keepFresh(signal, changed) {
    const ask = async () => {
      try {
        await this.refresh();
        this.fault = undefined;
      } catch (error) {
        this.fault = isUnanswered(error) ? undefined : error.message;
      }
      changed();
    };
    await keepAsking(ask, signal);
  }
}
