// Where codes come in: by camera, by a scanner that types, or typed by hand. One at a time.

import {h, put, s} from '../shared/dom.js';
import {t} from '../shared/text.js';
import {cameraScanner, hasCamera, listenToScanner} from '../shared/scan.js';
import {showRefusal} from '../shared/view.js';
import {keypad} from './keypad.js';

const stored = 'waystation-device-camera';
const againAfter = 1500;
const heldFor = 6000;
const codeAtEnd = /^(.*?)(W[SC]1:.{141})$/;
const drawing = 'M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2v2h-2zM18 18h2v2h-2zM18 14h2M14 18v2';

function cameraWasOn() {
  try { return localStorage.getItem(stored) === 'yes'; } catch { return false; }
}

function rememberCamera(isOn) {
  try { localStorage.setItem(stored, isOn ? 'yes' : 'no'); } catch { /* It is started by hand next time. */ }
}

/**
 * The place to show a code to. `read(code)` does what is to be done with each; another waits until it is done. Its `tell(text)` says
 * another thing while nobody is there.
 *
 * - hint: what stands large while nobody is there; numbers: what may be typed by hand
 */
export function reader({signal, read, hint, numbers}) {
  let ready = hint;
  const light = h('p', {class: 'ready', role: 'status'}, hint);
  let last = {text: '', at: -againAfter};
  let turn = Promise.resolve();

  function found(text) {
    const at = performance.now();
    if (text === last.text && at - last.at < againAfter) return;
    last = {text, at};
    turn = turn.then(async () => {
      put(light, t('reader.asking'));
      try { await read(text); } catch (error) { if (error.name !== 'AbortError') showRefusal(error); }
      put(light, ready);
    });
  }

  listenToScanner(found, signal);
  // A scanner types into whatever field has the focus: what was in the field before stays there, the code is taken out.
  addEventListener('keydown', (event) => {
    const typed = event.key === 'Enter' && event.target.matches?.('input') && codeAtEnd.exec(event.target.value);
    if (!typed) return;
    event.preventDefault();
    event.target.value = typed[1];
    event.target.dispatchEvent(new Event('input', {bubbles: true}));
    found(typed[2]);
  }, {signal, capture: true});
  // A code that is still held before the camera is told again and again: it is one code, shown once.
  function seen(text) {
    const at = performance.now();
    if (text === last.text && at - last.at < heldFor) last.at = at;
    else found(text);
  }
  const camera = hasCamera() ? cameraScanner(seen, {signal, stays: true}) : h('p', {class: 'soft'}, t('reader.scanner'));
  if (hasCamera()) {
    camera.addEventListener('click', (event) => {
      if (event.target.closest('button')) setTimeout(() => rememberCamera(camera.querySelector('video') !== null), 1500);
    });
    if (cameraWasOn()) camera.querySelector('button')?.click();
  }
  const picture = s('svg', {class: 'picture', viewBox: '0 0 24 24', 'aria-hidden': 'true'}, s('path', {d: drawing}));
  const node = h('section', {class: 'reader', 'aria-label': t('reader.label')}, picture, light, camera,
    h('details', {class: 'typing'}, h('summary', {}, t('reader.type')),
      keypad({label: numbers, action: t('reader.ok'), submit: found})));
  node.tell = (text) => {
    ready = text;
    put(light, ready);
  };
  return node;
}
