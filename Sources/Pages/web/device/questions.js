// Questions to the service under a request id that is on the disk before it is asked: a lost answer is asked for again under the same id.

import {pause, requestID} from '../shared/api.js';
import {acknowledge, add, change, waiting} from './journal.js';
import {isUnanswered, postWithin} from './link.js';
import {now, timeText} from './true-time.js';

const asking = new Set();

/**
 * Asks `path` with `body`, its request id and its time. Gives {answer, entry}; without an answer {entry}, which stays in the journal.
 *
 * - kind: by which the journal finds it again; more: what is kept with it, such as what a lesson is
 * - pin: goes along, and never onto the disk: without an answer such a question is forgotten
 */
export async function ask(kind, path, body, {pin, milliseconds = 6000, more = {}, isTimed = true} = {}) {
  const moment = now();
  const id = requestID(moment.microseconds / 1000);
  const whole = {...body, requestId: id, ...(isTimed && {occurredAt: timeText(moment)})};
  let entry = await add({kind, path, body: whole, id, moment, ...more});
  if (pin) whole.pin = pin;
  asking.add(entry.number);
  try {
    const answer = await postWithin(milliseconds, path, whole);
    await acknowledge([entry]);
    return {answer, entry};
  } catch (error) {
    if (!isUnanswered(error)) {
      await acknowledge([entry]);
      throw error;
    }
    if (pin) entry = await change(entry, {hadPIN: true});
    return {entry};
  } finally {
    asking.delete(entry.number);
  }
}

/** Asks again what got no answer; gives the answer, or throws. A refusal is an answer, too. */
export async function askAgain(entry, milliseconds = 10000) {
  try {
    const answer = await postWithin(milliseconds, entry.path, entry.body);
    await acknowledge([entry]);
    return answer;
  } catch (error) {
    if (!isUnanswered(error)) await acknowledge([entry]);
    throw error;
  }
}

/** Entries of a kind that nobody is asking about at this moment. */
export function resting(kind) { return waiting(kind).filter((entry) => !asking.has(entry.number)); }

/** Tells the service what waits, by `flush()`, whenever there is something and a way; until `signal` ends. */
export async function keepTelling(flush, signal) {
  let wake = () => undefined;
  addEventListener('online', () => wake(), {signal});
  while (!signal.aborted) {
    if (waiting().length > 0) {
      try {
        await flush();
      } catch (error) {
        if (!isUnanswered(error) && !error.status) throw error;
      }
    }
    await Promise.race([pause(4000, signal), new Promise((resolve) => { wake = resolve; })]);
  }
}
