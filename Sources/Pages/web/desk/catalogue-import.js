// A term's courses and classes by file: every line a class. All of it is brought in, or nothing, with every fault and the line where it is.

import {h, put, announce} from '../shared/dom.js';
import {all, get, post, requestID} from '../shared/api.js';
import {csvRows, csvText, saveText} from '../shared/csv.js';
import {field, form} from '../shared/form.js';
import {t} from '../shared/text.js';
import {sheet} from '../shared/view.js';
import {doing, fromInput} from './service-parts.js';
import {teachers} from './school-forms.js';

const columns = ['course', 'category', 'label', 'weekdays', 'from', 'to', 'startsOn', 'count', 'capacity', 'teacher', 'room', 'fee', 'mode',
  'opensAt', 'closesAt'];
const modes = ['first_come', 'draw', 'draw_then_first_come'];
const dayNames = [/[1一]|mon/i, /[2二]|tue/i, /[3三]|wed/i, /[4四]|thu/i, /[5五]|fri/i, /[6六]|sat/i, /[7日天]|sun/i];

/** Asks for the file; `after()` runs once its classes are there. */
export async function importCatalogue(term, after) {
  const path = `/v1/schools/${term.schoolId}`;
  const [people, rooms, categories] = await Promise.all([teachers(), all(`${path}/rooms`), get(`${path}/categories`)]);
  const known = {people, rooms, categories: categories.items};
  const result = h('div', {'aria-live': 'polite'});
  const key = requestID();
  const element = form({
    action: t('catalogue.take'), aside: doing(t('imports.sample'), () => saveText(sample(term, known), 'classes.csv'), {kind: 'quiet'}), fields: [
      field('file', t('imports.file'), {type: 'file', required: true, accept: '.csv,text/csv', hint: t('catalogue.hint')}),
      field('publish', t('catalogue.publish'), {type: 'checkbox', hint: t('catalogue.publish.hint')}),
    ],
    submit: async ({publish}, host) => {
      put(result);
      const {courses, lines, faults} = read(await host.querySelector('[type=file]').files[0].text(), known);
      if (faults.length) { tell(result, faults); return; }
      try {
        const made = await post(`/v1/school-terms/${term.id}/catalogue`, {courses, publish}, {key});
        dialog.close();
        announce(t('catalogue.done', {courses: made.courses, classes: made.classes, lessons: made.lessons}));
        after();
      } catch (error) {
        if (!error.reasons?.length) throw error;
        tell(result, error.reasons.map((reason) => ({line: lineOf(reason.pointer, lines), text: reason.detail})));
      }
    },
  });
  const dialog = sheet(t('catalogue.title'), h('p', {class: 'soft'}, t('catalogue.text')), element, result);
}

function tell(result, faults) {
  put(result, h('div', {class: 'banner bad', role: 'alert'}, h('p', {}, h('b', {}, t('catalogue.faults', {n: faults.length}))),
    h('ul', {}, faults.map((one) => h('li', {}, one.line ? `${t('application.file.line', {n: one.line})}: ` : '', one.text)))));
}

/** An example of one line, with names that this school has. */
function sample(term, {people, rooms, categories}) {
  const [room, teacher] = [rooms[0], people[0]];
  return csvText([columns.map((one) => t(`catalogue.${one}`)), [t('catalogue.example.course'), categories[0]?.name ?? '', t('catalogue.example.label'),
    t('weekday.2'), '19:00', '20:30', term.startsOn, '8', '30', teacher?.name ?? '', room ? `${room.site} ${room.name}` : '', '0',
    t('class.mode.first_come'), `${term.startsOn} 09:00`, `${term.startsOn} 18:00`]]);
}

/** The file as the service takes it: classes under their courses, the line of each, and what cannot be read. */
function read(text, known) {
  const [head = [], ...rows] = csvRows(text).filter((row) => row.some((cell) => cell.trim()));
  const place = Object.fromEntries(columns.map((one) => [one, head.findIndex((cell) => [one, t(`catalogue.${one}`)].includes(cell.trim()))]));
  const missing = ['course', 'category', 'label', 'weekdays', 'from', 'to', 'capacity'].filter((one) => place[one] < 0);
  const faults = missing.map((one) => ({line: 1, text: t('catalogue.no_column', {name: t(`catalogue.${one}`)})}));
  const courses = new Map();
  const lines = [];
  if (faults.length) return {courses: [], lines, faults};
  rows.forEach((row, index) => {
    const line = index + 2;
    const cell = (one) => (place[one] < 0 ? '' : (row[place[one]] ?? '').trim());
    const find = (one, items, matches) => {
      const found = items.find((item) => matches(item, cell(one)));
      if (cell(one) && !found) faults.push({line, text: t('catalogue.unknown', {name: t(`catalogue.${one}`), value: cell(one)})});
      return found;
    };
    const category = find('category', known.categories, (item, text) => [item.code, item.name, item.nameEn].includes(text));
    const teacher = find('teacher', known.people, (item, text) => item.name === text || String(item.id) === text);
    const room = find('room', known.rooms, (item, text) => `${item.site} ${item.name}` === text || String(item.id) === text);
    const mode = find('mode', modes, (item, text) => item === text || t(`class.mode.${item}`) === text);
    const name = `${cell('category')}\n${cell('course')}`;
    if (!courses.has(name)) courses.set(name, {category: category?.code ?? '', title: cell('course'), classes: []});
    const course = courses.get(name);
    lines.push({course: [...courses.keys()].indexOf(name), item: course.classes.length, line});
    course.classes.push(classOf(cell, {teacher, room, mode}));
  });
  if (!rows.length) faults.push({line: 1, text: t('catalogue.nothing')});
  return {courses: [...courses.values()], lines, faults};
}

function classOf(cell, {teacher, room, mode}) {
  const number = (one) => (cell(one) ? Number(cell(one)) : undefined);
  const moment = (one) => fromInput(cell(one).replace(' ', 'T').slice(0, 16) || undefined);
  return {
    label: cell('label'), capacity: number('capacity') ?? 0, teacherId: teacher?.id, roomId: room?.id, enrolmentMode: mode,
    feeFen: Math.round((number('fee') ?? 0) * 100), opensAt: moment('opensAt'), closesAt: moment('closesAt'),
    pattern: {weekdays: dayNames.map((name, index) => (name.test(cell('weekdays')) ? index + 1 : 0)).filter(Boolean),
      from: cell('from').padStart(5, '0'), to: cell('to').padStart(5, '0'), startsOn: cell('startsOn') || undefined, count: number('count')},
  };
}

function lineOf(pointer, lines) {
  const [, course, item] = /^\/courses\/(\d+)(?:\/classes\/(\d+))?/.exec(pointer ?? '') ?? [];
  return course === undefined ? undefined
    : lines.find((one) => one.course === Number(course) && (item === undefined || one.item === Number(item)))?.line;
}
