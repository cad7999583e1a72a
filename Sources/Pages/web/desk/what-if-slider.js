// One thing that may be tried: a slider with its number beside it.

import {h} from '../shared/dom.js';
import {field} from '../shared/form.js';
import {t} from '../shared/text.js';

/**
 * A slider with its number. `read()` tells the value, `take(value)` sets it without telling anybody, `limit(most)` moves the end.
 * `changed(value)` hears every change by hand.
 */
export function slider(label, {value, least = 0, most, changed}) {
  const state = {value, most};
  const told = (event) => {
    state.value = Math.max(least, Math.min(state.most, Math.round(Number(event.target.value)) || 0));
    show(event.target);
    changed(state.value);
  };
  const range = field('', label, {type: 'range', min: least, max: most, step: 1, value, oninput: told});
  const number = field('', t('whatif.number'), {
    type: 'number', 'aria-label': t('whatif.number.of', {what: label}), min: least, max: most, value, oninput: told,
  });
  const inputs = [range, number].map((one) => one.querySelector('input'));
  const show = (except) => inputs.forEach((one) => { if (one !== except && Number(one.value) !== state.value) one.value = state.value; });
  const node = h('div', {class: 'slider'}, range, number);
  node.read = () => state.value;
  node.take = (next) => {
    state.value = next;
    show();
  };
  node.limit = (end) => {
    state.most = end;
    inputs.forEach((one) => { one.max = end; });
    state.value = Math.min(state.value, end);
    show();
  };
  return node;
}
