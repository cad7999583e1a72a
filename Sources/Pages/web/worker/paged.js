// A list that comes page by page: what is there is drawn whole each time, so that headings may span pages.

import {h, put, announce} from '../shared/dom.js';
import {get} from '../shared/api.js';
import {t} from '../shared/text.js';
import {act, pane} from '../shared/view.js';

/**
 * A place with everything of `path` that was read so far: `draw(items, answer)` gives its node. More comes by a button, and its `reload()`
 * begins anew.
 */
export function paged(path, draw, {empty, signal, lines, limit = 30} = {}) {
  return pane(async (inner) => {
    const first = await get(path, {limit}, {signal: inner});
    if (!first.items.length) return null;
    const items = [...first.items];
    const host = h('div', {});
    const more = h('button', {type: 'button', class: 'wide', onclick: () => act(more, async () => {
      const next = await get(path, {limit, after: more.dataset.after}, {signal: inner});
      items.push(...next.items);
      show(next);
      announce(t('paged.more', {n: next.items.length}));
    })}, t('action.more'));
    const list = h('div', {});
    function show(answer) {
      put(list, draw(items, answer));
      more.hidden = !answer.next;
      more.dataset.after = answer.next ?? '';
    }
    show(first);
    return put(host, list, more);
  }, {empty, signal, lines});
}
