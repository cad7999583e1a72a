// Buttons that do something: shut while it runs, asking first where it cannot be taken back, telling how it went.

import {h} from '../shared/dom.js';
import {act, confirm} from '../shared/view.js';

/**
 * A button of a text that runs `action`, which calls the service.
 *
 * - kind: its classes, 'primary' or 'danger'
 * - ask: {title, text, danger}, asked first; the title is the button's text where none is given
 * - done: what is said once it went well, and `after` what follows
 */
export function doing(text, action, {kind, ask, done, after} = {}) {
  return h('button', {
    type: 'button', class: kind, onclick: async ({currentTarget}) => {
      if (ask && await confirm({title: text, action: text, danger: kind?.includes('danger'), ...ask}) === null) return;
      if (await act(currentTarget, action, {done})) after?.();
    },
  }, text);
}
