// Who came when: the week's hours as a heat map, entries a day, and what kinds of workers come, of one station or of all.

import {h, put} from '../shared/dom.js';
import {get, withQuery} from '../shared/api.js';
import {bars, heatmap} from '../shared/charts.js';
import {calendarDay} from '../shared/clock.js';
import {field, values} from '../shared/form.js';
import {go, place} from '../shared/router.js';
import {count, day, moment, t} from '../shared/text.js';
import {pane} from '../shared/view.js';
import {facts, headed, section, workerKinds} from './service-parts.js';
import {stationNames} from './station-parts.js';

const weekdays = [1, 2, 3, 4, 5, 6, 7];
const hours = Array.from({length: 24}, (_, hour) => String(hour).padStart(2, '0'));

/** The view; station and days stand in the address. */
export default async function visitors({query, signal}) {
  const [names, kinds] = await Promise.all([stationNames(signal), workerKinds(signal)]);
  const asked = {station: Number(query.stationId) || '', from: query.from ?? calendarDay(-27), to: query.to ?? calendarDay()};
  const form = h('form', {class: 'filters noprint'},
    field('stationId', t('visitors.station'), {type: 'select', value: asked.station, options: [['', t('part.all')], ...names]}),
    field('from', t('visitors.from'), {type: 'date', value: asked.from, required: true}),
    field('to', t('visitors.to'), {type: 'date', value: asked.to, required: true}),
    h('button', {class: 'primary'}, t('visitors.show')));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    go(withQuery(place().path, values(form)));
  });
  const path = asked.station ? `/v1/stations/${asked.station}/visitors` : '/v1/visitors';
  const read = (by, own) => get(path, {from: asked.from, to: asked.to, by}, {signal: own});
  const part = (title, by, draw) => section(title, pane(async (own) => {
    const report = await read(by, own);
    return report.total.entries + report.total.refused ? draw(report) : null;
  }, {signal, lines: 16, label: title, empty: t('visitors.none')}));
  return h('div', {class: 'stack'}, headed(t('visitors.title')), form,
    part(t('visitors.heat'), 'weekday_hour', (report) => {
      if (asked.station) return h('div', {}, totals(report, asked), week(report, {hrefs: (weekday, hour) => scansLink(asked, {weekday, hour})}));
      const behind = h('div', {'aria-live': 'polite'});
      const press = (weekday, hour) => put(behind, daysOf({asked, weekday, hour, path, signal}));
      return put(h('div', {}), totals(report, asked), week(report, {press}), behind);
    }),
    asked.from === asked.to && part(t('visitors.hours'), 'hour', (report) => bars({
      title: t('visitors.hours'), format: count, rows: report.items.map((one) => ({label: `${one.key}:00`, value: one.entries,
        href: asked.station && scansLink(asked, {hour: one.key})})),
    })),
    asked.from !== asked.to && part(t('visitors.days'), 'day', (report) => bars({
      title: t('visitors.days'), format: count,
      rows: report.items.map((one) => ({label: day(one.key), value: one.entries, href: dayLink(asked, one.key)})),
    })),
    !asked.station && part(t('visitors.stations'), 'station', (report) => bars({
      title: t('visitors.stations'), format: count,
      rows: report.items.filter((one) => one.entries > 0).map((one) => ({label: names.get(one.stationId) ?? one.name, value: one.entries,
        href: `#${withQuery('/visitors', {stationId: one.stationId, from: asked.from, to: asked.to})}`})),
    })),
    part(t('visitors.kinds'), 'worker_kind', (report) => bars({
      title: t('visitors.kinds'), format: count,
      rows: report.items.filter((one) => one.entries > 0).map((one) => ({
        label: new Map(kinds).get(one.key) ?? t('visitors.kind.unknown'), value: one.entries})),
    })));
}

function totals({total, asOf}, asked) {
  const behind = (value, result) => (asked.station && value > 0
    ? h('a', {href: scansLink(asked, {result})}, count(value)) : count(value));
  return [facts([[t('visitors.entries'), behind(total.entries, 'entered')], [t('visitors.refused'), behind(total.refused, 'refused')],
    [t('visitors.automatic'), total.automaticExits > 0 && count(total.automaticExits)]]),
  h('p', {class: 'small'}, t('visitors.asOf', {at: moment(asOf)}))];
}

function week(report, {press, hrefs}) {
  const known = new Map(report.items.map((one) => [one.key, one.entries]));
  return heatmap({
    title: t('visitors.heat'), rows: weekdays.map((one) => t(`weekday.${one}`)), columns: hours, format: count,
    press: press && ((row, column) => press(weekdays[row], hours[column])),
    hrefs: hrefs && weekdays.map((weekday) => hours.map((hour) => hrefs(weekday, hour))),
    values: weekdays.map((one) => hours.map((hour) => known.get(`${one}-${hour}`) ?? null)),
  });
}

/** The days behind a cell: each such weekday with what came in that hour. */
function daysOf({asked, weekday, hour, path, signal}) {
  const dates = [];
  for (let date = Date.parse(asked.from); date <= Date.parse(asked.to); date += 86400000) {
    const on = new Date(date);
    if ((on.getUTCDay() || 7) === weekday) dates.push(on.toISOString().slice(0, 10));
  }
  const shown = dates.reverse().slice(0, 12);
  const title = t('visitors.cell', {weekday: t(`weekday.${weekday}`), hour});
  return h('section', {class: 'part'}, h('h3', {}, title), pane(async (own) => {
    const reports = await Promise.all(shown.map((on) => get(path, {from: on, to: on, by: 'hour'}, {signal: own})));
    const rows = shown.map((on, index) => ({on, ...reports[index].items.find((one) => one.key === hour)}));
    return bars({title: '', format: count, rows: rows.map((one) => ({label: day(one.on), value: one.entries ?? 0,
      href: dayLink(asked, one.on)}))});
  }, {signal, lines: 4, label: title}));
}

function dayLink(asked, key) { return `#${withQuery('/visitors', {stationId: asked.station, from: key, to: key})}`; }

/** The scans of the station that the figure counts. */
function scansLink(asked, {hour, weekday, result = 'entered'}) {
  return `#${withQuery(`/stations/${asked.station}/scans`, {from: asked.from, to: asked.to, weekday, hour: hour && Number(hour), result})}`;
}
