// When a station or a door is open, as fields: round the clock or by the week, and dates that have hours of their own.

import {h} from '../shared/dom.js';
import {field} from '../shared/form.js';
import {t} from '../shared/text.js';
import {rowList} from './row-list.js';

const days = [1, 2, 3, 4, 5, 6, 7];
const spans = {all: days, work: [1, 2, 3, 4, 5], end: [6, 7], ...Object.fromEntries(days.map((one) => [String(one), [one]]))};

/** Fields of {hours, exceptions}; `read()` gives both as the service takes them: hours null for round the clock. */
export function hoursFields({hours, exceptions}) {
  const options = [['all', t('hours.every_day')], ['work', t('hours.working_days')], ['end', t('hours.weekend')],
    ...days.map((one) => [String(one), t(`weekday.${one}`)])];
  const weekly = rowList(t('hours.weekly'), grouped(hours ?? []), (row) => [
    field('days', t('hours.days'), {type: 'select', options, value: row.days ?? 'all'}),
    field('opensAt', t('hours.opens'), {type: 'time', required: true, value: row.opensAt ?? '07:00'}),
    field('closesAt', t('hours.closes'), {type: 'time', required: true, value: row.closesAt ?? '22:00'}),
  ], {pointer: 'hours', add: t('hours.weekly.add'), hint: t('hours.weekly.hint')});
  const own = rowList(t('hours.exceptions'), flat(exceptions ?? []), (row) => [
    field('on', t('lesson.on'), {type: 'date', required: true, value: row.on}),
    field('opensAt', t('hours.opens'), {type: 'time', value: row.opensAt ?? ''}),
    field('closesAt', t('hours.closes'), {type: 'time', value: row.closesAt ?? ''}),
  ], {pointer: 'exceptions', add: t('hours.exceptions.add'), hint: t('hours.exceptions.hint')});
  const mode = field('', t('station.hours'), {type: 'select', value: hours ? 'weekly' : 'always',
    options: [['always', t('hours.always')], ['weekly', t('hours.by_week')]], onchange: (event) => show(event.target.value)});
  const show = (value) => {
    const isWeekly = value === 'weekly';
    weekly.hidden = !isWeekly;
    // What is hidden must not hold the form back.
    weekly.disabled = !isWeekly;
  };
  show(hours ? 'weekly' : 'always');
  const node = h('div', {}, mode, weekly, own);
  node.read = () => ({
    hours: mode.querySelector('select').value === 'always' ? null
      : weekly.read().flatMap((row) => spans[row.days].map((weekday) => ({weekday, opensAt: row.opensAt, closesAt: row.closesAt}))),
    exceptions: byDate(own.read()),
  });
  return node;
}

/** Rows of weekdays with the same hours, taken together where they are all, the working days or the weekend. */
function grouped(hours) {
  const found = new Map();
  for (const {weekday, opensAt, closesAt} of hours) {
    const key = `${opensAt} ${closesAt}`;
    found.set(key, [...(found.get(key) ?? []), weekday]);
  }
  return [...found].flatMap(([key, weekdays]) => {
    const [opensAt, closesAt] = key.split(' ');
    const rows = [];
    let left = [...new Set(weekdays)].sort();
    for (const name of ['all', 'work', 'end']) {
      if (!spans[name].every((one) => left.includes(one))) continue;
      rows.push({days: name, opensAt, closesAt});
      left = left.filter((one) => !spans[name].includes(one));
    }
    return [...rows, ...left.map((one) => ({days: String(one), opensAt, closesAt}))];
  });
}

function flat(exceptions) {
  return exceptions.flatMap(({on, hours}) => (hours.length ? hours.map((one) => ({on, ...one})) : [{on}]));
}

function byDate(rows) {
  const found = new Map();
  for (const {on, opensAt, closesAt} of rows) {
    found.set(on, [...(found.get(on) ?? []), ...(opensAt && closesAt ? [{opensAt, closesAt}] : [])]);
  }
  return [...found].map(([on, hours]) => ({on, hours}));
}
