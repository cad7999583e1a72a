// Elements are made, never written as markup: whatever comes from a person or the service is text, so nothing has to be escaped.

const SVG = 'http://www.w3.org/2000/svg';

/** Addresses that a link may have: of this site, of this page, or a plain web, telephone, mail or map address. */
export function safeAddress(address) {
  return /^(https?:\/\/|tel:|mailto:|geo:|blob:|#|\/(?![/\\\s]))/.test(address) ? address : '#';
}

/** A text without the invisible signs that turn round the order of what stands after them: nobody's name may rewrite its neighbours. */
function inOrder(text) { return text.replace(/[\u202a-\u202e\u2066-\u2069]/g, ''); }

/**
 * An element: h('button', {class: 'quiet', onclick: f, disabled: true}, 'Text', other, [more]).
 * Attributes that are null, undefined or false are left out; true is an empty attribute. Children that are null or false are left out.
 */
export function h(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
export function s(tag, attributes, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'value' || name === 'checked' || name === 'indeterminate') element[name] = value;
    else if (name === 'style') for (const [key, one] of Object.entries(value)) element.style.setProperty(key, one);
    else if (name === 'href') element.setAttribute(name, safeAddress(String(value)));
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    if (Array.isArray(child)) append(element, child);
    else element.append(typeof child === 'string' ? inOrder(child) : child);
  }
}

/** Puts `children` in place of what an element holds. */
export function put(element, ...children) {
  element.replaceChildren();
  append(element, children);
  return element;
}

let number = 0;

/** A name for an element's id, new each time. */
export function freshID(prefix = 'e') {
  number += 1;
  return `${prefix}${number}`;
}

/** What screen readers are told without moving the focus. */
export function announce(text, {urgent = false} = {}) {
  const host = document.getElementById(urgent ? 'urgent' : 'polite');
  if (!host) return;
  host.textContent = '';
  setTimeout(() => { host.textContent = text; }, 30);
}
