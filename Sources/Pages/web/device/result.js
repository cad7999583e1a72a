// What came of a scan, over the whole screen: green with a tick or red with a cross, in large words, by sound and by hand. It goes by
// itself, or at once when the next code comes.

import {h, s, announce} from '../shared/dom.js';
import {t} from '../shared/text.js';
import {sound} from './sound.js';

const pictures = {good: 'M10 34l14 14 30-32', bad: 'M14 14l36 36M50 14L14 50', note: 'M32 12v26M32 50v2'};
const stays = {good: 3500, bad: 6000, note: 6000};
const staysWithActions = 12000;

let shown;

/** Takes away what is shown. */
export function closeResult() { shown?.close(); }

/**
 * Shows a result; gives it back, so that it can be closed.
 *
 * - kind: 'good', 'bad' or 'note' (wait)
 * - title: in the largest letters; lines: in large ones, the reasons first
 * - body: a node below them; actions: [[text, action]] as buttons
 */
export function showResult({kind, title, lines = [], body, actions = [], seconds}) {
  closeResult();
  for (const dialog of document.querySelectorAll('dialog[open]')) dialog.close();
  const app = document.getElementById('app');
  const main = document.getElementById('main');
  const before = document.activeElement;
  const texts = lines.filter(Boolean);
  const element = h('section', {class: `result ${kind}`, tabindex: '-1', 'aria-label': title, 'data-result': kind},
    s('svg', {viewBox: '0 0 64 64', class: 'sign', 'aria-hidden': 'true'}, s('path', {d: pictures[kind]})),
    h('h1', {class: 'verdict'}, title), texts.map((text, index) => h('p', {class: index === 0 ? 'reason first' : 'reason'}, text)), body,
    h('div', {class: 'actions'}, actions.map(([text, action]) => h('button', {type: 'button', class: 'large', onclick: () => {
      mine.close();
      action();
    }}, text)), h('button', {type: 'button', class: 'large', onclick: () => mine.close()}, t('result.next'))));
  const mine = {
    element,
    close() {
      if (shown !== mine) return;
      shown = undefined;
      clearTimeout(timer);
      element.remove();
      for (const one of app.children) one.inert = false;
      // The focus goes back to where it was: the keyboard never falls off the page.
      (before?.isConnected && before !== document.body ? before : main).focus({preventScroll: true});
    },
  };
  shown = mine;
  element.addEventListener('click', (event) => { if (!event.target.closest('button, form')) mine.close(); });
  element.addEventListener('keydown', (event) => { if (event.key === 'Escape') mine.close(); });
  for (const one of app.children) one.inert = true;
  app.append(element);
  (element.querySelector('.keypad input') ?? element).focus({preventScroll: true});
  announce([title, ...texts].join('. '), {urgent: true});
  sound(kind);
  const wait = seconds ? seconds * 1000 : actions.length > 0 || body ? staysWithActions : stays[kind];
  let timer = setTimeout(() => mine.close(), wait);
  // Who types at it is not interrupted.
  element.addEventListener('input', () => {
    clearTimeout(timer);
    timer = setTimeout(() => mine.close(), 30000);
  });
  return mine;
}
