// One term: how full its classes are and how many come, by category, course, class or kind of worker, when lessons are, and its classes.

import {h, put} from '../shared/dom.js';
import {all, download, get, withQuery} from '../shared/api.js';
import {bars, grouped, heatmap} from '../shared/charts.js';
import {table} from '../shared/table.js';
import {field} from '../shared/form.js';
import {count, day, money, named, percent, t} from '../shared/text.js';
import {act, pane} from '../shared/view.js';
import {at, doing, facts, headed, section, stateTag, trail, workerKinds} from './service-parts.js';
import {importCatalogue} from './catalogue-import.js';
import {askAttendanceRules, askTerm} from './school-forms.js';
import {may} from './rights.js';

const breakdowns = ['category', 'course', 'class', 'lesson', 'worker_kind'];
const states = ['draft', 'published', 'running', 'ended', 'cancelled'];

/** The view. */
export default function term({params, signal, title}) {
  const path = `/v1/school-terms/${params.id}`;
  const view = pane(async (own) => {
    const [one, rules] = await Promise.all([get(path, {}, {signal: own}), get(`${path}/attendance-rules`, {}, {signal: own})]);
    const [school, categories] = await Promise.all([
      get(`/v1/schools/${one.schoolId}`, {}, {signal: own}), get(`/v1/schools/${one.schoolId}/categories`, {}, {signal: own}),
    ]);
    title(`${one.name} · ${school.name}`);
    const again = () => view.reload({quiet: true});
    return h('div', {class: 'stack'}, trail(['/schools', t('schools.title')], [`/schools/${school.id}`, school.name]),
      headed(one.name, may('schools.write') && [
        h('a', {class: 'button primary', href: `#/terms/${one.id}/new-class`}, t('class.new')),
        doing(t('catalogue.title'), () => importCatalogue(one, again)), doing(t('part.edit'), () => askTerm(school.id, one, again)),
        doing(t('attendance.term'), () => askAttendanceRules(t('attendance.term'), `${path}/attendance-rules`, rules, again)),
      ]),
      facts([
        [t('term.dates'), `${day(one.startsOn, {year: true})} – ${day(one.endsOn, {year: true})}`],
        [t('term.cap'), one.enrolmentCap && count(one.enrolmentCap)],
        [t('term.offerHours'), one.offerHours && count(one.offerHours)], [t('term.rules'), t('term.rules.text', rules)],
        [t('term.holidays'), (one.holidays ?? []).map((each) => `${day(each.on)} ${each.name}`).join('、')],
      ]),
      figuresPart(path, one, categories.items, signal), weekPart(one, signal), classesPart(one, categories.items, signal));
  }, {signal, lines: 12});
  return view;
}

function figuresPart(path, one, categories, signal) {
  let by = 'category';
  const body = pane(async (own) => {
    const report = await get(`${path}/figures`, {by}, {signal: own});
    const {total} = report;
    const href = (row) => (by === 'class' ? `#/classes/${row.key}` : undefined);
    const names = new Map(by === 'category' ? categories.map((each) => [each.code, named(each.name, each.nameEn)])
      : by === 'worker_kind' ? await workerKinds(own) : []);
    const rows = [...report.items].sort((each, other) => other.wanted - each.wanted).slice(0, 15)
      .map((row) => ({...row, name: names.get(row.key) ?? row.name}));
    return h('div', {class: 'stack'},
      h('p', {}, t('term.total', {classes: total.classes, capacity: total.capacity, seated: total.seated, waiting: total.waiting,
        unmet: total.unmet})),
      h('div', {class: 'halves'},
        grouped({
          title: t('term.seats'), series: [t('term.capacity'), t('term.seated'), t('term.waiting')],
          groups: rows.map((row) => ({label: row.name, href: href(row)})),
          values: rows.map((row) => [row.capacity, row.seated, row.waiting]),
        }),
        h('div', {class: 'stack'},
          bars({title: t('term.fill'), full: 1, format: (value) => percent(value),
            rows: rows.map((row) => ({
              label: row.name, href: href(row), value: row.fillPercent === undefined ? null : row.fillPercent / 100,
            })),
          }),
          bars({title: t('term.attendance'), full: 1, format: (value) => percent(value),
            rows: rows.filter((row) => row.attendancePercent !== undefined)
            .map((row) => ({label: row.name, href: href(row), value: row.attendancePercent / 100}))}))));
  }, {signal, lines: 10});
  const save = h('button', {type: 'button', class: 'quiet', onclick: () => act(save,
    () => download(withQuery(`${path}/figures`, {by}), `term-${one.id}-${by}.csv`, {accept: 'text/csv'}))}, t('table.export'));
  return section(t('program.figures.school'), h('div', {class: 'fields'}, field('', t('checkup.by'), {
    type: 'select', value: by, options: breakdowns.map((each) => [each, t(`term.by.${each}`)]),
    onchange: (event) => { by = event.target.value; body.reload(); },
  })), save, body);
}

/** Seats taken by weekday and hour of the classes' patterns. */
function weekPart(one, signal) {
  return section(t('term.week'), pane(async (own) => {
    const classes = (await all('/v1/classes', {term: one.id}, {signal: own}))
      .filter((each) => each.state !== 'cancelled' && each.pattern.weekdays?.length);
    if (!classes.length) return null;
    const hours = [...new Set(classes.map((each) => each.pattern.from))].sort();
    const days = [1, 2, 3, 4, 5, 6, 7];
    const values = days.map((number) => hours.map((hour) => {
      const here = classes.filter((each) => each.pattern.weekdays.includes(number) && each.pattern.from === hour);
      return here.length ? here.reduce((sum, each) => sum + each.seated, 0) : null;
    }));
    const behind = h('div', {'aria-live': 'polite'});
    const press = (row, column) => {
      const here = classes.filter((each) => each.pattern.weekdays.includes(days[row]) && each.pattern.from === hours[column]);
      put(behind, h('section', {class: 'part'}, h('h3', {}, `${t(`weekday.${days[row]}`)} ${hours[column]}`),
        bars({title: t('term.cell'), format: count, rows: here.map((each) => ({
          label: `${named(each.title, each.titleEn)} ${each.label}`, value: each.seated, href: `#/classes/${each.id}`}))})));
    };
    return h('div', {}, heatmap({title: t('term.week.text'), rows: days.map((number) => t(`weekday.${number}`)), columns: hours, values,
      press}), behind);
  }, {signal, lines: 6, empty: t('term.classes.none')}));
}

function classesPart(one, categories, signal) {
  const name = (code) => {
    const found = categories.find((each) => each.code === code);
    return found ? named(found.name, found.nameEn) : code;
  };
  return section(t('term.classes'), table({
    label: t('term.classes'), signal, csvName: `term-${one.id}-classes`, empty: t('term.classes.none'),
      rowHref: (row) => `#/classes/${row.id}`,
    filters: [
      {name: 'category', label: t('school.category'), type: 'select',
        options: [['', t('part.all')], ...categories.map((each) => [each.code, named(each.name, each.nameEn)])]},
      {name: 'state', label: t('programs.state'), type: 'select',
        options: [['', t('part.all')], ...states.map((each) => [each, t(`class.state.${each}`)])]},
    ],
    columns: [
      {key: 'title', title: t('class.title'), sort: true, show: (row) => `${named(row.title, row.titleEn)} ${row.label}`},
      {key: 'category', title: t('school.category'), sort: true, show: (row) => name(row.category)},
      {key: 'state', title: t('programs.state'), sort: true, show: (row) => stateTag('class', row.state)},
      {key: 'teacher', title: t('class.teacher'), show: (row) => row.teacher?.name},
      {key: 'room', title: t('school.room'), show: (row) => row.room && `${row.room.site} ${row.room.name}`},
      {key: 'firstAt', title: t('class.first'), sort: true, show: (row) => at(row.firstAt)},
      {key: 'seated', title: t('class.seats'), number: true, sort: (row) => row.seated / row.capacity,
        show: (row) => `${count(row.seated)} / ${count(row.capacity)}`},
      {key: 'waiting', title: t('term.waiting'), number: true, sort: true, show: (row) => count(row.waiting)},
      {key: 'feeFen', title: t('class.fee'), number: true, sort: true, show: (row) => money(row.feeFen)},
    ],
    load: (after, query, own) => get('/v1/classes', {limit: 30, after, term: one.id, ...query}, {signal: own}),
  }));
}
