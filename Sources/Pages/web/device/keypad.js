// A pad of large keys for numbers, day codes and PINs: for gloves, and for tablets whose own keyboard hides half the screen.

import {h, freshID} from '../shared/dom.js';
import {t} from '../shared/text.js';
import {showRefusal} from '../shared/view.js';
import {closeResult} from './result.js';

/**
 * A field with its keys and a button. `submit(text)` gets what was typed; the field is empty then.
 *
 * - isSecret: a PIN, which is not shown; the tablet's own keyboard stays away
 */
export function keypad({label, action, submit, isSecret = false}) {
  const id = freshID('k');
  const field = h('input', {
    id, type: isSecret ? 'password' : 'text', inputmode: isSecret ? 'none' : 'text', autocomplete: 'off', autocapitalize: 'characters',
    spellcheck: 'false', maxlength: isSecret ? 12 : 200, class: 'number',
  });
  const key = (text) => h('button', {type: 'button', class: 'key', onclick: () => { field.value += text; }}, text);
  const erase = h('button', {type: 'button', class: 'key', 'aria-label': t('keypad.erase'), onclick: () => {
    field.value = field.value.slice(0, -1);
  }}, '⌫');
  return h('form', {class: 'keypad', onsubmit: (event) => {
    event.preventDefault();
    const text = field.value.trim();
    field.value = '';
    if (text !== '') submit(text);
  }}, h('div', {class: 'field'}, h('label', {for: id}, label), field),
  h('div', {class: 'keys'}, ['1', '2', '3', '4', '5', '6', '7', '8', '9'].map(key), erase, key('0'),
    h('button', {class: 'key primary'}, action)));
}

/** The pad in a result that asks for a PIN: `again(pin)` asks once more with it. */
export function pinPad(again) {
  return keypad({
    label: t('reader.pin'), action: t('reader.ok'), isSecret: true,
    submit: (typed) => {
      closeResult();
      again(typed).catch(showRefusal);
    },
  });
}

/** Whether a PIN is 'missing' or 'wrong' by these reasons' codes; undefined if it is neither. */
export function pinFault(codes) {
  return ['missing', 'wrong'].find((fault) => codes.some((code) => code.endsWith(`.pin_${fault}`)));
}
