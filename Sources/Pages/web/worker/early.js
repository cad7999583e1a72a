// What a view asks for before it is shown, so that nothing jumps when the answers come one after another.

import {pause} from '../shared/api.js';

/**
 * Begins all loads and waits for them, but not long. Gives for each a function for a `pane`: the first time it gives what was begun, later
 * it asks anew.
 */
export async function early(signal, loads) {
  const begun = loads.map((load) => {
    const answer = load(signal);
    answer.catch(() => { /* The pane tells it. */ });
    return answer;
  });
  await Promise.race([Promise.allSettled(begun), pause(1200, signal)]);
  return loads.map((load, index) => (later) => {
    const answer = begun[index] ?? load(later);
    begun[index] = undefined;
    return answer;
  });
}
