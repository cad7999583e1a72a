// The device's clock: one for the whole page, kept over restarts.

import {DoorClock, readClock} from './door-clock.js';
import {keepValue, keptValue} from './journal.js';

let clock = new DoorClock();

/** Takes up what was kept; after openJournal. */
export async function openClock() {
  const kept = await keptValue('clock');
  if (kept) clock = new DoorClock(kept.anchor, kept.floor);
}

/** The present moment: {microseconds, isCertain, …}. */
export function now() { return clock.moment(readClock()); }

/** A moment as a time of the API. */
export function timeText(moment) { return new Date(moment.microseconds / 1000).toISOString(); }

/** Calls the service by `ask()`, and learns its time from `serverTime` of the answer. */
export async function learningTime(ask) {
  const asked = readClock();
  const answer = await ask();
  const answered = readClock();
  if (clock.hear(microsecondsOf(answer.serverTime), asked, answered)) {
    keepValue('clock', {anchor: clock.anchor, floor: clock.floor}).catch(() => undefined);
  }
  return answer;
}

/** A time of the API in microseconds since 1970. */
export function microsecondsOf(text) {
  const [, fraction = ''] = /\.(\d+)Z$/.exec(text) ?? [];
  return Math.floor(Date.parse(text) / 1000) * 1000000 + Number(fraction.padEnd(6, '0').slice(0, 6));
}

/** It was no earlier than this. */
export function know(atLeast) { clock.know(atLeast); }

/** A moment of before, as well as it is known now. */
export function corrected(moment) { return clock.corrected(moment); }
