// What the service says in plain words: lines, of which those set in by spaces belong to the line before them.

import {h} from '../shared/dom.js';

/** Lines as paragraphs and lists. */
export function explained(lines) {
  const parts = [];
  for (const line of lines) {
    if (!/^\s/.test(line)) parts.push({text: line, items: []});
    else if (parts.length) parts.at(-1).items.push(line.trim());
    else parts.push({text: '', items: [line.trim()]});
  }
  return h('div', {class: 'explained'}, parts.map(({text, items}) => [
    text && h('p', {}, text),
    items.length > 0
      && h('ul', {class: items.every((item) => /^\d+\. /.test(item)) ? 'plain' : null}, items.map((item) => h('li', {}, item))),
  ]));
}

/** Pairs of a name and what it is, without those that are not known. */
export function facts(pairs) {
  const known = pairs.filter(([, value]) => value !== null && value !== undefined && value !== false && value !== '');
  return known.length ? h('dl', {class: 'facts'}, known.map(([name, value]) => [h('dt', {}, name), h('dd', {}, value)])) : null;
}
