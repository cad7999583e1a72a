// Fields with their labels, and forms that show each refusal beside the field it is about.

import {h, put, freshID} from './dom.js';
import {t} from './text.js';
import {reasonList, signInAgain} from './view.js';

/**
 * A field with its label. `name` is the JSON pointer without its slash, so that a refusal finds its field: 'nameZh', 'rules/quota'.
 *
 * - type: 'text' (default), 'number', 'date', 'datetime-local', 'tel', 'password', 'search', 'textarea', 'select', 'checkbox', 'file' …
 * - options: of a select: [[value, text], …]
 * - hint: a sentence below
 */
export function field(name, label, {type = 'text', options, hint, value, required = false, ...rest} = {}) {
  const id = freshID('f');
  const attributes = {id, name, required, 'aria-describedby': `${id}-hint ${id}-error`, ...rest};
  let input;
  if (type === 'select') {
    input = h('select', attributes, options.map(([one, text]) => h('option', {value: one, selected: String(one) === String(value)}, text)));
  } else if (type === 'textarea') input = h('textarea', {rows: 4, ...attributes, value: value ?? ''});
  else if (type === 'checkbox') input = h('input', {type, ...attributes, checked: Boolean(value)});
  else input = h('input', {type, ...attributes, ...(value !== undefined && {value})});
  const text = h('label', {for: id}, label, required && h('span', {class: 'mark', 'aria-hidden': 'true'}, ' *'));
  return h('div', {class: `field ${type}`},
    type === 'checkbox' ? [h('span', {class: 'line'}, input, text)] : [text, input],
    h('p', {class: 'hint', id: `${id}-hint`}, hint ?? ''), h('p', {class: 'error', id: `${id}-error`, hidden: true}));
}

/** The values of a form's fields as an object; numbers as numbers, checkboxes as booleans, what is left open left out. */
export function values(form) {
  const found = {};
  for (const input of form.elements) {
    if (!input.name || input.disabled || input.type === 'file') continue;
    if (input.type === 'radio' && !input.checked) continue;
    if (input.type === 'checkbox') found[input.name] = input.checked;
    else if (input.value.trim() === '') continue;
    else found[input.name] = input.type === 'number' || input.type === 'range' ? Number(input.value) : input.value.trim();
  }
  return found;
}

/**
 * A form whose `submit(values, form)` calls the service. While it runs the button is shut; what is refused stands beside the fields it is
 * about, and above the button for the rest.
 */
export function form({submit, action, fields, aside, danger = false}) {
  const said = h('div', {class: 'said', role: 'alert'});
  const button = h('button', {class: danger ? 'danger' : 'primary'}, action);
  const element = h('form', {class: 'form', novalidate: true}, fields, said, h('div', {class: 'actions'}, button, aside));
  element.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (button.getAttribute('aria-disabled') === 'true') return;
    clear(element);
    put(said);
    const missing = [...element.elements].find((input) => input.willValidate && !input.checkValidity());
    if (missing) {
      tellField(missing, missing.validity.valueMissing ? t('error.missing') : missing.validationMessage);
      missing.focus();
      return;
    }
    button.setAttribute('aria-disabled', 'true');
    button.classList.add('busy');
    try {
      await submit(values(element), element);
    } catch (error) {
      if (error.name !== 'AbortError') tell(element, error, said);
    } finally {
      button.removeAttribute('aria-disabled');
      button.classList.remove('busy');
    }
  });
  return element;
}

/** The form's input of a name. */
export function input(element, name) { return [...element.elements].find((one) => one.name === name || one.dataset.pointer === name); }

function clear(element) {
  for (const one of element.elements) {
    one.removeAttribute('aria-invalid');
    const place = document.getElementById(`${one.id}-error`);
    if (place) place.hidden = true;
  }
}

function tellField(one, text) {
  one.setAttribute('aria-invalid', 'true');
  const place = document.getElementById(`${one.id}-error`);
  if (place) {
    place.textContent = text;
    place.hidden = false;
  }
}

function tell(element, error, said) {
  // Whose session ended meanwhile keeps what was typed in sight, and leaves when ready.
  if (error.code === 'auth.token_invalid' || error.code === 'auth.token_missing') {
    put(said, h('p', {}, t('state.signed_out')), h('button', {type: 'button', onclick: signInAgain}, t('action.sign_in')));
    return;
  }
  const rest = [];
  let first;
  for (const reason of error.reasons ?? []) {
    const found = reason.pointer && input(element, reason.pointer.slice(1));
    if (!found) { rest.push(reason); continue; }
    tellField(found, reason.detail);
    first ??= found;
  }
  put(said, h('p', {}, error.code ? error.message : t('error.unknown')), reasonList({...error, message: error.message, reasons: rest}),
    error.retryAfterSeconds && h('p', {}, t('error.wait', {n: error.retryAfterSeconds})));
  if (!error.code) console.error(error);
  first?.focus();
}
