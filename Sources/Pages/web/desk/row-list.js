// Rows of fields that can be added and taken away: holidays, terms of office, lessons besides the weekly ones, columns of a file.

import {h, announce} from '../shared/dom.js';
import {t} from '../shared/text.js';

/**
 * A list of rows, each of the fields that `fieldsOf(item)` gives; its `read()` gives the rows as objects by the fields' names, numbers as
 * numbers, what is left open left out. `pointer` is where the rows stand in what the service is sent, so that a refusal finds its field.
 *
 * - add: what the button says that adds a row
 * - hint: a sentence below the heading
 */
export function rowList(heading, items, fieldsOf, {pointer, add, hint}) {
  const rows = h('ul', {class: 'plain'});
  const button = h('button', {type: 'button', class: 'quiet', onclick: () => {
    take({}).querySelector('input, select')?.focus();
  }}, `＋ ${add}`);
  const take = (item) => {
    const fields = fieldsOf(item);
    const inputs = fields.flatMap((one) => [...one.querySelectorAll('input, select, textarea')]).map((one) => [one.name, one]);
    // A name would put the field among those of the form; here it only says what the row is read by.
    inputs.forEach(([, one]) => one.removeAttribute('name'));
    const row = h('li', {class: 'row-of-fields'}, h('div', {class: 'fields'}, fields),
      h('button', {type: 'button', class: 'quiet', onclick: () => {
        row.remove();
        announce(t('rows.removed'));
        button.focus();
      }}, t('rule.remove')));
    row.read = (index) => Object.fromEntries(inputs.map(([name, one]) => {
      one.dataset.pointer = `${pointer}/${index}/${name}`;
      return [name, valueOf(one)];
    }).filter(([, value]) => value !== undefined));
    rows.append(row);
    return row;
  };
  items.forEach(take);
  const node = h('fieldset', {class: 'rows-of-fields'}, h('legend', {}, heading), hint && h('p', {class: 'hint'}, hint), rows, button);
  node.read = () => [...rows.children].map((row, index) => row.read(index));
  return node;
}

function valueOf(one) {
  if (one.type === 'checkbox') return one.checked;
  const text = one.value.trim();
  if (text === '') return undefined;
  return one.type === 'number' ? Number(text) : text;
}

/** Boxes to tick, of [[value, text], …]; its `read()` gives the values that are ticked. */
export function tickBoxes(heading, options, chosen, {hint} = {}) {
  const boxes = options.map(([value, text]) => {
    const box = h('input', {type: 'checkbox', value, checked: chosen.some((one) => String(one) === String(value))});
    return {value, box, node: h('label', {class: 'line'}, box, h('span', {}, text))};
  });
  const node = h('fieldset', {class: 'choices'}, h('legend', {}, heading), boxes.map((one) => one.node),
    hint && h('p', {class: 'hint'}, hint));
  node.read = () => boxes.filter((one) => one.box.checked).map((one) => one.value);
  return node;
}
