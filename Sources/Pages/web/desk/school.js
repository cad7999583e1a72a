// One night school: its terms, courses and rooms, and who was warned or appeals.

import {h} from '../shared/dom.js';
import {call, get} from '../shared/api.js';
import {table} from '../shared/table.js';
import {field} from '../shared/form.js';
import {count, day, named, t} from '../shared/text.js';
import {act, pane, showRefusal} from '../shared/view.js';
import {ask, at, doing, headed, section, stateTag, trail} from './service-parts.js';
import {askAttendanceRules, askCategory, askCourse, askRoom, askRoomDevice, askTerm} from './school-forms.js';
import {may} from './rights.js';

/** The view. */
export default function school({params, signal, title}) {
  const path = `/v1/schools/${params.id}`;
  const view = pane(async (own) => {
    const [one, categories] = await Promise.all([get(path, {}, {signal: own}), get(`${path}/categories`, {}, {signal: own})]);
    title(one.name);
    const again = () => view.reload({quiet: true});
    return h('div', {class: 'stack'}, trail(['/schools', t('schools.title')]), headed(one.name,
      h('a', {class: 'button', href: '#/teachers'}, t('teachers.title')), may('schools.write') && [
        doing(t('attendance.school'), () => rules(path, own)), doing(t('schools.rename'), () => rename(path, one, again)),
      ]),
    termsPart(path, one, signal), standingsPart(path, one, signal), coursesPart(path, one, categories.items, signal),
    categoriesPart(one, categories.items, again), roomsPart(path, one, signal));
  }, {signal, lines: 10});
  return view;
}

/** A button of a row that does something. */
function rowButton(text, action) {
  return h('button', {type: 'button', class: 'quiet', onclick: (event) => act(event.target, async () => action())}, text);
}

function rename(path, one, again) {
  ask(t('schools.rename'), {
    action: t('action.save'), fields: field('name', t('schools.name'), {required: true, maxlength: 100, value: one.name}),
    submit: async (values) => {
      await call('PUT', path, {json: {...values, organizationId: one.organizationId}, version: one.version});
      again();
    },
  });
}

/** The service does not tell a school's own rules, so those that hold in its newest term are shown first. */
async function rules(path, signal) {
  try {
    const {items} = await get(`${path}/terms`, {limit: 200}, {signal});
    const newest = items.at(-1);
    const present = newest && await get(`/v1/school-terms/${newest.id}/attendance-rules`, {}, {signal});
    askAttendanceRules(t('attendance.school'), `${path}/attendance-rules`, present, () => {});
  } catch (error) { showRefusal(error); }
}

function termsPart(path, one, signal) {
  const list = table({
    label: t('school.terms'), signal, lines: {narrow: 7, wide: 5}, csvName: `school-${one.id}-terms`, empty: t('schools.no_terms'),
    rowHref: (row) => `#/terms/${row.id}`,
    columns: [
      {key: 'name', title: t('programs.name'), sort: true},
      {key: 'startsOn', title: t('term.starts'), sort: true, show: (row) => day(row.startsOn, {year: true})},
      {key: 'endsOn', title: t('term.ends'), sort: true, show: (row) => day(row.endsOn, {year: true})},
      {key: 'enrolmentCap', title: t('term.cap'), number: true, show: (row) => (row.enrolmentCap ? count(row.enrolmentCap) : '')},
    ],
    load: (after, query, own) => get(`${path}/terms`, {limit: 50, after}, {signal: own}),
    actions: may('schools.write') ? (row) => rowButton(t('part.edit'), () => askTerm(one.id, row, () => list.reload())) : undefined,
  });
  return section(t('school.terms'), list,
    may('schools.write') && doing(t('school.terms.add'), () => askTerm(one.id, undefined, () => list.reload())));
}

function standingsPart(path, one, signal) {
  return section(t('standing.list'), h('p', {class: 'soft'}, t('standing.text')), table({
    label: t('standing.list'), signal, lines: 5, csvName: `school-${one.id}-standings`, empty: t('standing.none'),
    filters: [{name: 'appealed', label: t('standing.filter'), type: 'select',
      options: [['', t('part.all')], ['true', t('standing.appealed')]]}],
    columns: [
      {key: 'member', title: t('people.member'), show: (row) => h('a', {href: `#/members/${row.memberId}`},
        `${row.maskedName ?? ''} #${row.memberId}`)},
      {key: 'kind', title: t('standing.kind'), sort: true, show: (row) => t(`standing.kind.${row.kind}`)},
      {key: 'title', title: t('class.title'), sort: true,
        show: (row) => h('a', {href: `#/classes/${row.classId}`}, `${row.title} ${row.label}`)},
      {key: 'absences', title: t('standing.absences'), number: true, sort: true,
        show: (row) => `${count(row.absences)} / ${count(row.threshold)}`},
      {key: 'until', title: t('standing.until'), sort: true, show: (row) => day(row.until)},
      {key: 'appeal', title: t('standing.appeal'),
        show: (row) => (row.appeal ? [stateTag('appeal', row.appeal.state),
        ` ${t(`appeal.ground.${row.appeal.ground}`)} · ${at(row.appeal.filedAt)}`]
        : row.liftedAt ? t('standing.lifted') : '')},
    ],
    load: (after, query, own) => get(`${path}/standings`, {limit: 50, after, ...query}, {signal: own}),
    actions: may('schools.operate') ? (row, host) => row.appeal?.state === 'filed' && doing(t('appeal.decide'), () => decide(row, host))
      : undefined,
  }));
}

function decide(row, host) {
  ask(t('appeal.decide'), {
    action: t('appeal.send'), text: `${t(`appeal.ground.${row.appeal.ground}`)} · ${row.title} ${row.label}`, fields: [
      field('accepted', t('run.decision'), {type: 'select', options: [['yes', t('appeal.accept')], ['no', t('appeal.refuse')]]}),
      field('reason', t('part.reason'), {maxlength: 300, hint: t('run.note.hint')}),
    ],
    submit: async (values) => {
      await call('PUT', `/v1/school-standings/${row.id}/appeal`, {json: {accepted: values.accepted === 'yes', reason: values.reason}});
      host.reload();
    },
  });
}

function coursesPart(path, one, categories, signal) {
  const name = (code) => { const found = categories.find((each) => each.code === code); return found ? named(found.name, found.nameEn)
    : code; };
  const list = table({
    label: t('school.courses'), signal, lines: 24, csvName: `school-${one.id}-courses`, empty: t('school.courses.none'),
    columns: [{key: 'title', title: t('programs.name'), sort: true, show: (row) => named(row.title, row.titleEn)},
      {key: 'category', title: t('school.category'), sort: true, show: (row) => name(row.category)}],
    load: (after, query, own) => get(`${path}/courses`, {limit: 15, after}, {signal: own}),
    actions: may('schools.write') ? (row) => rowButton(t('part.edit'), () => askCourse(one.id, row, categories, () => list.reload()))
      : undefined,
  });
  return section(t('school.courses'), list,
    may('schools.write') && doing(t('school.courses.add'), () => askCourse(one.id, undefined, categories, () => list.reload())));
}

function categoriesPart(one, categories, again) {
  return section(t('school.categories'), h('ul', {class: 'plain chips'}, categories.map((each) => h('li', {class: 'tag'},
    named(each.name, each.nameEn), !each.isFixed && may('schools.write') && h('button', {type: 'button', class: 'quiet',
      'aria-label': t('school.categories.rename', {name: named(each.name, each.nameEn)}), onclick: () => askCategory(one.id, each, again)},
    t('part.edit'))))), may('schools.write') && doing(t('school.categories.add'), () => askCategory(one.id, undefined, again)));
}

function roomsPart(path, one, signal) {
  const list = table({
    label: t('school.rooms'), signal, lines: 2, csvName: `school-${one.id}-rooms`, empty: t('school.rooms.none'),
    columns: [
      {key: 'site', title: t('checkup.site'), sort: true}, {key: 'name', title: t('school.room'), sort: true},
      {key: 'address', title: t('checkup.address')},
      {key: 'seats', title: t('session.capacity'), number: true, sort: true, show: (row) => count(row.seats)},
    ],
    load: (after, query, own) => get(`${path}/rooms`, {limit: 15, after}, {signal: own}),
    actions: may('schools.write') ? (row) => [
      rowButton(t('part.edit'), () => askRoom(one.id, row, () => list.reload())),
      rowButton(t('part.device'), () => askRoomDevice(row, signal)),
    ] : undefined,
  });
  return section(t('school.rooms'), list,
    may('schools.write') && doing(t('school.rooms.add'), () => askRoom(one.id, undefined, () => list.reload())));
}
