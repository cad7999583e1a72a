// What was taken at a counter today, kept on the device: after a page is loaded anew it can still be taken back within its time.

import {keepValue, keptValue, waiting} from './journal.js';

const stored = 'taken list';
const keptAtMost = 100;

/** How long a coupon can be taken back at the counter, in milliseconds. */
export const annulWithin = 15 * 60000;

/** The coupons taken, the last first: {requestID, at, title, fen, name, isAlone, isAnnulled}. */
export class TakenList {
  all = [];

  /** Takes up what was kept of today, and of the minutes before midnight that still count. */
  async open() {
    const kept = (await keptValue(stored)) ?? [];
    const resting = new Set(waiting('taken').map((entry) => entry.id));
    this.all = kept.filter((one) => isRecent(one) || resting.has(one.requestID))
      .map((one) => ({...one, isAlone: Boolean(one.isAlone) && resting.has(one.requestID)}));
  }

  find(requestID) { return this.all.find((one) => one.requestID === requestID); }

  add(one) {
    this.all = [one, ...this.all.filter((other) => isRecent(other) || other.isAlone)].slice(0, keptAtMost);
    this.#keep();
  }

  change(one, changes) {
    Object.assign(one, changes);
    this.#keep();
  }

  // A disk that is full loses the list after a reload, and nothing else.
  #keep() { keepValue(stored, this.all).catch(() => undefined); }
}

function isRecent({at}) {
  return Date.now() - at < annulWithin || new Date(at).toDateString() === new Date().toDateString();
}
