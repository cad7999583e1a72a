// Whose code is read at a van without network: by the public keys that every device is given, which are kept for that time.

import {keepValue, keptValue} from './journal.js';
import {getWithin, keepAsking} from './link.js';
import {OwnCodes} from './own-codes.js';
import {learningTime} from './true-time.js';

const stored = 'device keys';

/** The codes read at a van, with the keys as they were last given. */
export class VanCodes extends OwnCodes {
  /** Takes up the keys and what was accepted before. */
  async open() {
    await super.open();
    const kept = await keptValue(stored);
    if (kept) await this.learn(kept);
  }

  /** Asks for the keys now and again until `signal` ends; those that are kept stay good while nobody answers. */
  keepFresh(signal) {
    return keepAsking(async () => {
      try {
        const {publicKeys} = await learningTime(() => getWithin(8000, '/v1/device/keys'));
        await this.learn(publicKeys);
        await keepValue(stored, publicKeys);
      } catch { /* The badge tells that nobody answers; what is kept is used. */ }
    }, signal);
  }
}
