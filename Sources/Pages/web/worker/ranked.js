// A list in the order of one's wishes: things are added, moved up and down by buttons, removed. The focus stays with what was moved.

import {h, put, announce} from '../shared/dom.js';
import {t} from '../shared/text.js';

/**
 * A ranked list of things {key, text, small}, `max` at most. Its element is `node`; `changed(items)` is called after each change.
 */
export function rankedList({items = [], max = 8, empty, label, changed = () => {}}) {
  let list = [...items];
  const place = h('ol', {class: 'ranked', 'aria-label': label});
  const none = h('p', {class: 'soft'}, empty);
  const node = h('div', {}, none, place);

  function draw(focus) {
    none.hidden = list.length > 0;
    put(place, list.map((item, index) => {
      const way = (step, key, sign, isShut) => h('button', {
        type: 'button', class: 'icon', 'data-way': `${item.key} ${step}`, 'aria-disabled': isShut ? 'true' : null,
        'aria-label': t(key, {name: item.text}), onclick: () => { if (!isShut) move(index, step); },
      }, sign);
      return h('li', {}, h('span', {class: 'rank', 'aria-hidden': 'true'}, String(index + 1)),
        h('span', {class: 'grow'}, item.text, item.small && h('small', {class: 'below'}, item.small)),
        h('span', {class: 'moves'}, way(-1, 'ranked.up', '↑', index === 0), way(1, 'ranked.down', '↓', index === list.length - 1),
          h('button', {
            type: 'button', class: 'icon', 'aria-label': t('ranked.remove', {name: item.text}), onclick: () => remove(item.key),
          }, '✕')));
    }));
    if (focus) [...place.querySelectorAll('button')].find((one) => one.dataset.way === focus)?.focus();
  }

  function move(index, step) {
    const [item] = list.splice(index, 1);
    list.splice(index + step, 0, item);
    draw(`${item.key} ${step}`);
    announce(t('ranked.now', {name: item.text, n: index + step + 1, of: list.length}));
    changed(list);
  }

  function remove(key) {
    list = list.filter((one) => one.key !== key);
    draw();
    changed(list);
  }

  draw();
  return {
    node, remove,
    get items() { return list; },
    get isFull() { return list.length >= max; },
    has: (key) => list.some((one) => one.key === key),
    add(item) {
      if (list.length >= max || list.some((one) => one.key === item.key)) return false;
      list.push(item);
      draw();
      announce(t('ranked.now', {name: item.text, n: list.length, of: list.length}));
      changed(list);
      return true;
    },
  };
}
