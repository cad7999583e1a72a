// The time that is left, by the server's clock. It is shown every second and told to who listens at ten minutes, one minute, ten seconds.

import {h, announce} from '../shared/dom.js';
import {serverNow} from '../shared/clock.js';
import {span, t} from '../shared/text.js';

const marks = [600, 60, 10];

/** What is left until a time in seconds, a part of a second counting as a whole one. */
export function secondsUntil(time) { return Math.ceil((Date.parse(time) - serverNow()) / 1000); }

/** Hours, minutes and seconds of fixed width: 1:02:05. */
function digits(seconds) {
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const two = (value) => String(value).padStart(2, '0');
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${two(minutes)}:${two(rest)}`;
}

/**
 * A countdown to a time, until `signal` ends.
 *
 * - over: called once when the time comes; not when it had come before
 * - isLarge: shows digits of a clock within the last day, else the two largest units
 */
export function countdown(until, {signal, over = () => {}, isLarge = false} = {}) {
  const place = h('span', {class: 'number', role: 'timer'});
  let before = Infinity;
  let timer;
  const tick = () => {
    clearTimeout(timer);
    if (signal?.aborted || before <= 0) return;
    const rest = Math.max(0, secondsUntil(until));
    place.textContent = isLarge && rest < 86400 ? digits(rest) : span(rest);
    const mark = marks.find((one) => before !== Infinity && before > one && rest <= one && rest > one - 5);
    if (mark) announce(t('countdown.left', {span: span(mark)}));
    const isOver = rest <= 0;
    if (isOver && before !== Infinity) over();
    before = rest;
    if (isOver) return;
    const left = Date.parse(until) - serverNow();
    timer = setTimeout(tick, (left % 1000) + 4);
  };
  signal?.addEventListener('abort', () => clearTimeout(timer), {once: true});
  document.addEventListener('visibilitychange', tick, {signal});
  tick();
  return place;
}
