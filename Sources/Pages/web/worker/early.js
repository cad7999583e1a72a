// What a view asks for before it is shown, so that nothing jumps when the answers come one after another.

import {pause} from '../shared/api.js';
import {pane} from '../shared/view.js';

/**
 * Begins all loads and waits for them, but not long. Gives for each a function for a `pane`: the first time it gives what was begun, later
 * it asks anew.
 */
export async function early(signal, loads) {
  const begun = loads.map((load) => {
    const mine = new AbortController();
    signal.addEventListener('abort', () => mine.abort(), {once: true});
    const answer = load(mine.signal);
    answer.catch(() => { /* The pane tells it. */ });
    return {answer, mine};
  });
  await Promise.race([Promise.allSettled(begun.map(({answer}) => answer)), pause(1200, signal)]);
  return loads.map((load, index) => {
    let first = begun[index].answer;
    return (later) => {
      const answer = first;
      first = undefined;
      if (answer) return answer;
      // What is replaced ends: its countdowns, its streams.
      begun[index].mine.abort();
      return load(later);
    };
  });
}

/** A pane that is a whole view: its heading is there when the view is shown, so that the focus finds it. */
export async function whole(signal, load, options) {
  const [begun] = await early(signal, [load]);
  return pane(begun, {heading: 'h1', ...options, signal});
}
