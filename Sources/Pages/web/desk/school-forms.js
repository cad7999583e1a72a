// What is said of a night school's terms, courses, rooms, categories and rules, asked for in dialogs: to make one, or to change it.

import {h} from '../shared/dom.js';
import {all, call, post, requestID} from '../shared/api.js';
import {field} from '../shared/form.js';
import {named, t} from '../shared/text.js';
import {ask, doing, versionOf} from './service-parts.js';
import {rowList} from './row-list.js';

/** Makes what is new by POST, changes what is there by PUT. */
function save(one, made, path, json, key) {
  return one ? call('PUT', path, {json, version: versionOf(one)}) : post(made, json, {key});
}

/** A term: when it is, how many classes one may have, how long a seat is kept, and days without lessons. */
export function askTerm(school, one, after) {
  const key = requestID();
  const holidays = rowList(t('term.holidays'), one?.holidays ?? [], (row) => [
    field('on', t('lesson.on'), {type: 'date', required: true, value: row.on}),
    field('name', t('term.holiday.name'), {required: true, maxlength: 40, value: row.name}),
  ], {pointer: 'holidays', add: t('term.holiday.add')});
  ask(t(one ? 'school.terms.edit' : 'school.terms.add'), {
    action: t('action.save'), fields: [
      field('name', t('programs.name'), {required: true, maxlength: 100, value: one?.name}),
      h('div', {class: 'fields'}, field('startsOn', t('term.starts'), {type: 'date', required: true, value: one?.startsOn}),
        field('endsOn', t('term.ends'), {type: 'date', required: true, value: one?.endsOn}),
        field('enrolmentCap', t('term.cap'), {type: 'number', min: 1, max: 50, value: one?.enrolmentCap, hint: t('term.cap.hint')}),
        field('offerHours', t('term.offerHours'), {type: 'number', min: 1, max: 336, value: one?.offerHours ?? 24})),
      holidays,
    ],
    submit: async (values) => {
      after(await save(one, `/v1/schools/${school}/terms`, `/v1/school-terms/${one?.id}`, {...values, holidays: holidays.read()}, key));
    },
  });
}

/** A course of the catalogue. */
export function askCourse(school, one, categories, after) {
  const key = requestID();
  ask(t(one ? 'school.courses.edit' : 'school.courses.add'), {
    action: t('action.save'), fields: [
      field('title', t('programs.name'), {required: true, maxlength: 100, value: one?.title}),
      field('titleEn', t('school.titleEn'), {maxlength: 100, value: one?.titleEn ?? ''}),
      field('category', t('school.category'), {type: 'select', value: one?.category,
        options: categories.map((each) => [each.code, named(each.name, each.nameEn)])}),
      field('description', t('school.description'), {type: 'textarea', maxlength: 2000, value: one?.description ?? ''}),
      field('descriptionEn', t('school.descriptionEn'), {type: 'textarea', maxlength: 2000, value: one?.descriptionEn ?? ''}),
    ],
    submit: async (values) => after(await save(one, `/v1/schools/${school}/courses`, `/v1/courses/${one?.id}`, values, key)),
  });
}

/** A room at one of the school's sites. */
export function askRoom(school, one, after) {
  const key = requestID();
  ask(t(one ? 'school.rooms.edit' : 'school.rooms.add'), {
    action: t('action.save'), fields: [
      field('site', t('checkup.site'), {required: true, maxlength: 100, value: one?.site}),
      field('name', t('school.room'), {required: true, maxlength: 40, value: one?.name}),
      field('address', t('checkup.address'), {required: true, maxlength: 200, value: one?.address}),
      field('seats', t('session.capacity'), {type: 'number', min: 1, max: 100000, required: true, value: one?.seats}),
    ],
    submit: async (values) => after(await save(one, `/v1/schools/${school}/rooms`, `/v1/school-rooms/${one?.id}`, values, key)),
  });
}

/** Which machine stands in a room; the service does not tell which does, so one may be put there or taken away. */
export async function askRoomDevice(room, signal) {
  const devices = (await all('/v1/devices', {}, {signal})).filter((one) => one.profile === 'classroom' && !one.revokedAt);
  const path = (values) => `/v1/school-rooms/${room.id}/devices/${values.deviceId}`;
  const dialog = ask(`${room.site} ${room.name}`, {
    text: t(devices.length ? 'school.device.text' : 'school.device.none'), action: t('school.device.put'),
    fields: field('deviceId', t('part.device'), {type: 'select', required: true,
      options: devices.map((one) => [one.id, `${one.name} #${one.id}`])}),
    submit: async (values) => { await call('PUT', path(values)); },
  });
  const select = dialog.querySelector('select');
  dialog.querySelector('.actions').append(doing(t('school.device.take'), () => call('DELETE', path({deviceId: select.value})),
    {done: t('school.device.taken'), after: () => dialog.close()}));
}

/** A category of the school's own. */
export function askCategory(school, one, after) {
  ask(t(one ? 'school.categories.edit' : 'school.categories.add'), {
    action: t('action.save'), fields: [
      field('name', t('programs.name'), {required: true, maxlength: 40, value: one?.name}),
      field('nameEn', t('school.titleEn'), {required: true, maxlength: 60, value: one?.nameEn}),
      !one && field('code', t('school.categories.code'), {required: true, maxlength: 40, pattern: '[a-z][a-z0-9_]*',
        hint: t('school.categories.code.hint')}),
    ],
    submit: async ({code, ...values}) => after(await call('PUT', `/v1/schools/${school}/categories/${one?.code ?? code}`, {json: values})),
  });
}

const numbers = [
  ['opensBeforeMinutes', 0, 240], ['lateAfterMinutes', 0, 240], ['absentAfterHours', 0, 336], ['excuseBeforeHours', 0, 336],
  ['lendClaimMinutes', 5, 1440], ['warningAfter', 0, 400], ['lowerPriorityAfter', 0, 400], ['lowerPriorityDays', 1, 800],
  ['certificatePercent', 1, 100], ['feedbackDays', 0, 90],
];

const usual = {
  opensBeforeMinutes: 30, lateAfterMinutes: 15, absentAfterHours: 48, excuseBeforeHours: 2, lendClaimMinutes: 60, warningAfter: 2,
  lowerPriorityAfter: 3, lowerPriorityDays: 180, certificatePercent: 80, feedbackDays: 14,
};

/** What is asked of those who come, of a school or a term: `path` is where the rules are put, `present` what holds now. */
export function askAttendanceRules(title, path, present, after) {
  ask(title, {
    action: t('action.save'), text: t('attendance.text'),
    fields: h('div', {class: 'fields'}, numbers.map(([name, min, max]) => field(name, t(`attendance.${name}`),
      {type: 'number', min, max, required: true, value: (present ?? usual)[name]}))),
    submit: async (values) => after(await call('PUT', path, {json: values})),
  });
}

/** Every teacher that the account sees. */
export function teachers(signal) { return all('/v1/teachers', {}, {signal, max: 5000}); }
