// Codes read without network at a counter, a van or in a classroom: whose they are, by public keys, and each once.

import {AcceptedCodes, read, timeProven} from './decide.js';
import {importKeys} from './offline-code.js';
import {keptValue} from './journal.js';
import {know} from './true-time.js';

const stored = 'accepted codes';

/** Reads codes with the keys that the service gave. */
export class OwnCodes {
  #accepted = new AcceptedCodes();
  #keys = new Map();

  /** Takes up what was accepted before. */
  async open() {
    const kept = await keptValue(stored);
    if (kept) this.#accepted = new AcceptedCodes(kept.rows, kept.forgottenThroughSeconds);
  }

  /** Takes the keys; where this browser cannot use them every code needs the network. */
  async learn(publicKeys) {
    try { this.#keys = await importKeys(publicKeys); } catch { this.#keys = new Map(); }
  }

  /**
   * {memberID, found} of a code or a card read at a moment, or {reason: a key of a text}; {reason, memberID} where the code is authentic and
   * only this device's clock, which is not sure, says that it is too old.
   */
  async judge(code, {microseconds, isCertain}) {
    if (this.#keys.size === 0) return {reason: 'alone.needs_network'};
    let reading = await read({code, microseconds}, this.#keys);
    // An authentic code from the future proves that this device's clock is behind.
    const proven = timeProven(reading, isCertain);
    if (proven !== undefined) {
      know(proven);
      reading = await read({code, microseconds: proven}, this.#keys);
    }
    if (code.startsWith('WC')) {
      const {verdict, found} = reading.card;
      if (verdict === 'valid') return {memberID: found.memberID};
      // With a PIN before or after it, say.
      return {reason: verdict === 'malformed' ? 'alone.needs_network' : `alone.card_${verdict}`};
    }
    if (!code.startsWith('WS')) return {reason: 'alone.needs_network'};
    const {verdict, found} = reading.code;
    if (verdict === 'expired' && !isCertain) return {reason: 'alone.time_unknown', memberID: found.memberID};
    if (verdict !== 'valid') return {reason: `alone.code_${verdict}`};
    return this.#accepted.hasSeen(found) ? {reason: 'alone.code_replayed'} : {memberID: found.memberID, found};
  }

  /** Takes a code for used; gives the values to be kept in the journal's transaction. */
  accept(found, microseconds) {
    if (!found) return {};
    this.#accepted.accept(found, microseconds / 1000000);
    return {[stored]: {rows: this.#accepted.all, forgottenThroughSeconds: this.#accepted.forgottenThroughSeconds}};
  }
}
