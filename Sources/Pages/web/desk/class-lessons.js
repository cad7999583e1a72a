// A class's lessons: the roll of each, moving one to another time, cancelling one, always with a reason that members read.

import {h, announce} from '../shared/dom.js';
import {call, get, post, requestID} from '../shared/api.js';
import {table} from '../shared/table.js';
import {field, form} from '../shared/form.js';
import {clock, t} from '../shared/text.js';
import {act, confirm, sheet} from '../shared/view.js';
import {ask, at, section, stateTag, toInput} from './service-parts.js';
import {may} from './rights.js';

const marks = ['attended', 'late', 'excused', 'absent'];

/** The lessons of a class. */
export function lessonsPart(path, {class: one, lessons}, signal, again) {
  return section(t('class.lessons'), table({
    label: t('class.lessons'), signal, csvName: `class-${one.id}-lessons`,
    columns: [
      {key: 'number', title: t('lesson.title'), sort: true, show: (row) => t('lesson.number', {number: row.number})},
      {key: 'startsAt', title: t('class.when'), sort: true, show: (row) => `${at(row.startsAt)} – ${clock(row.endsAt)}`},
      {key: 'state', title: t('programs.state'), show: (row) => stateTag('lesson', row.state)},
      {key: 'room', title: t('school.room'),
        show: (row) => (row.isOnline ? t('lesson.online') : row.room && `${row.room.site} ${row.room.name}`)},
      {key: 'teacher', title: t('class.teacher'), show: (row) => row.teacher?.name},
      {key: 'reason', title: t('part.reason'), show: (row) => row.reason},
    ],
    load: async () => ({items: lessons}),
    actions: (row) => [
      h('button', {type: 'button', class: 'quiet', onclick: (event) => act(event.target, () => roll(path, row))}, t('lesson.roll')),
      may('schools.write') && ['planned', 'moved'].includes(row.state) && [
        h('button', {type: 'button', class: 'quiet', onclick: () => move(path, row, again)}, t('lesson.move')),
        h('button', {type: 'button', class: 'quiet', onclick: (event) => act(event.target, () => cancel(path, row, again))},
          t('lesson.cancel'))],
    ],
  }));
}

/** A lesson's roll to read and, for who may, to mark. */
async function roll(path, row) {
  const found = await get(`${path}/lessons/${row.number}/roll`);
  const mayMark = may('schools.operate');
  const lines = found.lines.map((line) => field(`mark-${line.memberIds[0]}`,
    `${line.maskedName ?? ''} #${line.memberIds.join(' #')}${line.isGuest ? ` · ${t('lesson.guest')}` : ''}`, {
    type: 'select', value: line.state ?? '', disabled: !mayMark,
    options: [['', t('lesson.mark.none')], ...marks.map((mark) => [mark, t(`lesson.mark.${mark}`)])],
  }));
  const came = found.lines.filter((line) => ['attended', 'late'].includes(line.state)).length;
  const content = [h('p', {}, `${at(found.startsAt)} – ${clock(found.endsAt)}`),
    h('p', {class: 'number'}, t('lesson.came', {n: came, all: found.lines.length}))];
  const allCame = () => lines.forEach((line) => { const select = line.querySelector('select'); if (!select.value) select.value = 'attended'; });
  if (mayMark && lines.length) content.push(h('button', {type: 'button', class: 'quiet', onclick: allCame}, t('lesson.all')));
  const dialog = sheet(`${t('lesson.roll')} · ${t('lesson.number', {number: row.number})}`, content, mayMark && lines.length ? form({
    action: t('lesson.save'), fields: lines, submit: async (values) => {
      const items = Object.entries(values).map(([name, state]) => ({memberId: Number(name.slice(5)), state}))
        .filter((mark) => found.lines.find((line) => line.memberIds[0] === mark.memberId)?.state !== mark.state);
      await call('PUT', `${path}/lessons/${row.number}/roll`, {json: {items}});
      dialog.close();
      announce(t('lesson.saved'));
    },
  }) : lines.length ? lines : h('p', {}, t('class.list.none')));
}

function move(path, row, again) {
  const key = requestID();
  ask(t('lesson.move'), {
    action: t('lesson.move'), fields: [
      h('div', {class: 'fields'},
        field('on', t('lesson.on'), {type: 'date', required: true, value: toInput(row.startsAt).slice(0, 10)}),
        field('from', t('checkup.from'), {type: 'time', required: true, value: clock(row.startsAt)}),
        field('to', t('checkup.to'), {type: 'time', required: true, value: clock(row.endsAt)})),
      field('reason', t('class.reason'), {required: true, maxlength: 300}), field('reasonEn', t('class.reasonEn'), {maxlength: 300}),
    ],
    submit: async (values) => {
      await post(`${path}/lessons/${row.number}/move`, {...values, teacherId: row.teacher?.id, roomId: row.room?.id, link: row.link},
        {key});
      again();
    },
  });
}

async function cancel(path, row, again) {
  const reason = await confirm({title: t('lesson.cancel'), text: t('lesson.cancel.text', {at: at(row.startsAt)}),
    reason: t('class.reason'), action: t('lesson.cancel'), danger: true});
  if (reason === null) return;
  await post(`${path}/lessons/${row.number}/cancel`, {reason}, {key: true});
  again();
}
