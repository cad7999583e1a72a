// When a station or one of its doors is open, in words: days with the same hours together, then dates that have hours of their own.

import {h} from '../shared/dom.js';
import {day, t} from '../shared/text.js';
import {calendarDay} from '../shared/clock.js';

const spans = (lines) => (lines.length
  ? lines.map((one) => (one.opensAt === one.closesAt ? t('hours.whole') : `${one.opensAt}–${one.closesAt}`)).join(', ') : t('hours.none'));

/** The hours of {hours, exceptions}: none given means round the clock. */
export function openingHours({hours, exceptions}) {
  const own = (exceptions ?? []).filter((one) => one.on >= calendarDay()).sort((one, other) => (one.on < other.on ? -1 : 1));
  return [
    hours ? h('dl', {class: 'facts'}, groups(hours).map(({from, to, text}) => [
      h('dt', {}, from === to ? t(`weekday.${from}`) : t('hours.range', {from: t(`weekday.${from}`), to: t(`weekday.${to}`)})),
      h('dd', {class: 'number'}, text)])) : h('p', {}, t('hours.always')),
    own.length > 0 && [h('h3', {}, t('hours.exceptions')), h('dl', {class: 'facts'}, own.slice(0, 20).map((one) => [
      h('dt', {}, day(one.on)), h('dd', {class: 'number'}, spans(one.hours))]))],
  ];
}

/** Weekdays one after another that have the same hours. */
function groups(hours) {
  const found = [];
  for (let weekday = 1; weekday <= 7; weekday += 1) {
    const text = spans(hours.filter((one) => one.weekday === weekday));
    const last = found.at(-1);
    if (last?.text === text) last.to = weekday;
    else found.push({from: weekday, to: weekday, text});
  }
  return found;
}
