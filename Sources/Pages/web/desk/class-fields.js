// The fields of a class: its course and teacher, when its lessons are, its seats and fee, who may enrol and how seats are given.

import {h, put} from '../shared/dom.js';
import {post} from '../shared/api.js';
import {field} from '../shared/form.js';
import {clock, day, named, t} from '../shared/text.js';
import {act, reasonList} from '../shared/view.js';
import {fromInput, toInput} from './service-parts.js';
import {rowList, tickBoxes} from './row-list.js';
import {conditionList} from './rule-editor.js';

const weekdays = [1, 2, 3, 4, 5, 6, 7];

/** The fields, filled with what `one` says; `read(values)` gives the body of a class. `known` is {term, courses, rooms, teachers, tools}. */
export function classFields(one, known) {
  const lessons = lessonFields(one?.pattern ?? {}, known);
  const fees = reducedFees(one?.reducedFees ?? [], known.tools);
  const audience = conditionList(listOf(one?.audience), known.tools);
  const isOnline = one?.kind === 'online';
  const room = field('roomId', t('school.room'), {type: 'select', value: one?.room?.id, options: [['', t('class.later')],
    ...known.rooms.map((each) => [each.id, `${each.site} ${each.name} · ${t('class.room.seats', {n: each.seats})}`])]});
  const link = field('link', t('class.link'), {type: 'url', pattern: 'https:.+', maxlength: 500, value: one?.link ?? '',
    hint: t('class.link.hint')});
  const showPlace = (isAway) => { room.hidden = isAway; link.hidden = !isAway; };
  showPlace(isOnline);
  const node = h('div', {class: 'stack'},
    group(t('class.part.what'), h('div', {class: 'fields'},
      field('courseId', t('class.course'), {type: 'select', required: true, value: one?.courseId,
        options: known.courses.map((each) => [each.id, named(each.title, each.titleEn)])}),
      field('label', t('class.label'), {required: true, maxlength: 40, value: one?.label, hint: t('class.label.hint')}),
      field('kind', t('class.kind'), {type: 'select', value: one?.kind ?? 'class',
        options: ['class', 'master_lecture', 'online'].map((each) => [each, t(`class.kind.${each}`)]),
        onchange: (event) => showPlace(event.target.value === 'online')}),
      field('teacherId', t('class.teacher'), {type: 'select', value: one?.teacher?.id,
        options: [['', t('class.later')], ...known.teachers.map((each) => [each.id, each.name])]}), room, link)),
    group(t('class.part.when'), lessons),
    group(t('class.part.seats'), h('div', {class: 'fields'},
      field('capacity', t('session.capacity'), {type: 'number', min: 1, max: 100000, required: true, value: one?.capacity}),
      field('minimum', t('class.minimum'), {type: 'number', min: 1, value: one?.minimum, hint: t('class.minimum.hint')}),
      field('decideOn', t('class.decideOn'), {type: 'date', value: one?.decideOn, hint: t('class.decideOn.hint')}),
      field('feeFen', t('class.fee.yuan'), {type: 'number', min: 0, step: '0.01', value: (one?.feeFen ?? 0) / 100})), fees),
    group(t('class.part.who'), h('h3', {}, t('class.audience')), h('p', {class: 'hint'}, t('class.audience.hint')), audience,
      h('div', {class: 'fields'},
        field('enrolmentMode', t('class.enrolment'), {type: 'select', value: one?.enrolmentMode ?? 'first_come',
          options: ['first_come', 'draw', 'draw_then_first_come'].map((each) => [each, t(`class.mode.${each}`)])}),
        field('opensAt', t('editor.opensAt'), {type: 'datetime-local', value: toInput(one?.opensAt), hint: t('class.publish.needs')}),
        field('closesAt', t('editor.closesAt'), {type: 'datetime-local', value: toInput(one?.closesAt)}))));
  node.read = (values) => {
    const isAway = values.kind === 'online';
    const {startsOn, until, count, from, to, courseId, teacherId, roomId, feeFen, ...plain} = values;
    const wanted = audience.read();
    return {
      ...plain, termId: known.term.id, courseId: Number(courseId), teacherId: teacherId && Number(teacherId),
      roomId: !isAway && roomId ? Number(roomId) : undefined, link: isAway ? values.link : undefined,
      feeFen: Math.round((feeFen ?? 0) * 100), reducedFees: fees.read(), pattern: lessons.read({startsOn, until, count, from, to}),
      audience: wanted.length > 1 ? {all: wanted} : wanted[0],
      opensAt: fromInput(values.opensAt), closesAt: fromInput(values.closesAt),
    };
  };
  return node;
}

function group(title, ...content) { return h('section', {class: 'card'}, h('h2', {}, title), content); }

/** One condition as the list that people edit. */
function listOf(condition) { return condition ? condition.all ?? [condition] : []; }

/** When lessons are; what they come to is shown before anything is kept. */
function lessonFields(pattern, {term}) {
  const days = tickBoxes(t('class.weekdays'), weekdays.map((one) => [one, t(`weekday.${one}`)]), pattern.weekdays ?? []);
  const time = (name, key, value, required) => field(name, t(key), {type: 'time', required, value});
  const exceptions = rowList(t('class.exceptions'), (pattern.exceptions ?? []).map((on) => ({on})), (row) => [
    field('on', t('lesson.on'), {type: 'date', required: true, value: row.on}),
  ], {pointer: 'pattern/exceptions', add: t('class.exceptions.add'), hint: t('class.exceptions.hint')});
  const extras = rowList(t('class.extras'), pattern.extras ?? [], (row) => [
    field('on', t('lesson.on'), {type: 'date', required: true, value: row.on}), time('from', 'checkup.from', row.from),
      time('to', 'checkup.to', row.to),
  ], {pointer: 'pattern/extras', add: t('class.extras.add'), hint: t('class.extras.hint')});
  const shown = h('div', {'aria-live': 'polite'});
  const node = h('div', {}, days, h('div', {class: 'fields'},
    time('from', 'class.from', pattern.from ?? '19:00', true), time('to', 'class.to', pattern.to ?? '20:30', true),
    field('startsOn', t('class.startsOn'), {type: 'date', value: pattern.startsOn ?? '', min: term.startsOn, max: term.endsOn,
      hint: t('class.startsOn.hint')}),
    field('count', t('class.count'), {type: 'number', min: 1, max: 400, value: pattern.count ?? '', hint: t('class.count.hint')}),
    field('until', t('class.until'), {type: 'date', value: pattern.until ?? '', min: term.startsOn, max: term.endsOn})), exceptions, extras,
  h('button', {type: 'button', onclick: (event) => act(event.target, () => preview(node.closest('form')))}, t('class.preview')), shown);
  node.read = ({startsOn, until, count, from, to}) => ({
    weekdays: days.read(), from, to, startsOn, until, count, exceptions: exceptions.read().map((row) => row.on), extras: extras.read(),
  });
  async function preview(form) {
    const of = (name) => form.elements[name]?.value || undefined;
    const number = (name) => (of(name) ? Number(of(name)) : undefined);
    const found = await post(`/v1/school-terms/${term.id}/lesson-previews`, {
      pattern: node.read({startsOn: of('startsOn'), until: of('until'), count: number('count'), from: of('from'), to: of('to')}),
      teacherId: number('teacherId'), roomId: of('kind') === 'online' ? undefined : number('roomId'),
    });
    put(shown, found.faults.length > 0 && h('div', {class: 'banner bad'}, h('b', {}, t('class.preview.faults')),
      reasonList({reasons: found.faults})),
      h('p', {}, t('class.preview.said', {n: found.lessons.length})),
      h('ol', {class: 'lesson-days'}, found.lessons.map((one) => h('li', {}, day(one.on), ' ',
        h('span', {class: 'number soft'}, `${clock(one.startsAt)}–${clock(one.endsAt)}`)))));
  }
  return node;
}

/** Fees for those of whom a condition holds. */
function reducedFees(items, tools) {
  const rows = h('ul', {class: 'plain'});
  const take = (item) => {
    const fee = field('', t('class.reduced.yuan'), {type: 'number', min: 0, step: '0.01', required: true, value: (item.fen ?? 0) / 100});
    const condition = conditionList(listOf(item.condition), tools, {addText: t('class.reduced.condition')});
    const row = h('li', {class: 'part'}, fee, condition,
      h('button', {type: 'button', class: 'quiet', onclick: () => row.remove()}, t('rule.remove')));
    row.read = () => {
      const wanted = condition.read();
      return {fen: Math.round(Number(fee.querySelector('input').value) * 100), condition: wanted.length > 1 ? {all: wanted} : wanted[0]};
    };
    rows.append(row);
    return row;
  };
  items.forEach(take);
  const node = h('fieldset', {class: 'rows-of-fields'}, h('legend', {}, t('class.reduced')), rows,
    h('button', {type: 'button', class: 'quiet', onclick: () => take({}).querySelector('input').focus()}, `＋ ${t('class.reduced.add')}`));
  node.read = () => [...rows.children].map((row) => row.read()).filter((row) => row.condition);
  return node;
}
