// One class: its seats, its list, its lessons with their rolls, how often each came, certificates, what people say, and what happened.

import {h} from '../shared/dom.js';
import {get, post, requestID} from '../shared/api.js';
import {bars, ledger} from '../shared/charts.js';
import {table} from '../shared/table.js';
import {field} from '../shared/form.js';
import {count, day, money, named, percent, t} from '../shared/text.js';
import {act, confirm, pane} from '../shared/view.js';
import {ask, at, doing, facts, headed, section, stateTag, trail, who, word} from './service-parts.js';
import {lessonsPart} from './class-lessons.js';
import {showCut} from './program-sessions.js';
import {may} from './rights.js';

/** The view. */
export default function schoolClass({params, signal, title}) {
  const path = `/v1/classes/${params.id}`;
  const body = pane(async (own) => {
    const sheet = await get(path, {}, {signal: own});
    const one = sheet.class;
    const name = `${named(one.title, one.titleEn)} ${one.label}`;
    title(name);
    const again = () => body.reload({quiet: true});
    return h('div', {class: 'stack'},
      trail(['/schools', t('schools.title')], [`/schools/${one.schoolId}`, one.school], [`/terms/${one.termId}`, t('term.title')]),
      headed(name, stateTag('class', one.state), may('schools.write') && actions(path, one, again)),
      one.cancelReason && h('p', {class: 'banner bad'}, named(one.cancelReason, one.cancelReasonEn)),
      h('div', {class: 'halves'}, section(t('class.seats'), ledger({
        title: t('class.seats.text'), total: one.capacity,
        parts: [{label: t('term.seated'), value: one.seated}, {label: t('class.held'), value: one.capacity - one.seated - one.free},
          {label: t('program.free'), value: one.free}],
      }), h('p', {}, t('class.waiting', {n: one.waiting}))), factsPart(one)),
      lessonsPart(path, sheet, signal, again), listPart(path, one, signal), attendancePart(path, one, signal),
      certificatesPart(path, one, signal),
      feedbackPart(path, signal), eventsPart(path, signal));
  }, {signal, lines: 14});
  return body;
}

function factsPart(one) {
  return section(t('class.facts'), facts([
    [t('class.kind'), t(`class.kind.${one.kind}`)], [t('class.teacher'), one.teacher?.name],
    [t('school.room'), one.room && `${one.room.site} ${one.room.name} · ${one.room.address}`],
    [t('class.link'), one.link && h('a', {href: one.link, target: '_blank', rel: 'noopener'}, one.link)],
    [t('class.when'), `${(one.pattern.weekdays ?? []).map((number) => t(`weekday.${number}`)).join('、')} ${one.pattern.from}–${one.pattern.to}`],
    [t('class.lessons'), t('class.lessons.count', {n: one.lessonCount, from: day(one.firstAt), to: day(one.lastUntil)})],
    [t('class.enrolment'), t(`class.mode.${one.enrolmentMode}`)],
    [t('class.opens'), one.opensAt && `${at(one.opensAt)} – ${at(one.closesAt)}`],
    [t('class.fee'), one.feeFen ? money(one.feeFen) : t('class.free')], [t('class.minimum'), one.minimum && count(one.minimum)],
    [t('class.decideOn'), one.decideOn && day(one.decideOn)],
    [t('class.reduced'), one.reducedFees.length > 0 && one.reducedFees.map((each) => money(each.fen)).join('、')],
    [t('class.applied'), one.applied > 0 && count(one.applied)],
    [t('class.draw'), one.drawId && h('a', {href: `/v1/public/school-draws/${one.drawId}/audit-file`, download: `draw-${one.drawId}.txt`},
      t('program.auditFile'))],
  ]));
}

function actions(path, one, again) {
  return [
    one.state === 'draft' && h('a', {class: 'button', href: `#/classes/${one.id}/edit`}, t('part.edit')),
    h('a', {class: 'button', href: `#/terms/${one.termId}/new-class?from=${one.id}`}, t('class.copy')),
    one.state === 'draft' && doing(t('class.publish'), () => post(`${path}/publish`, undefined, {key: true}),
      {kind: 'primary', after: again}),
    one.state !== 'cancelled' && doing(t('class.capacity'), () => {
      const key = requestID();
      ask(t('class.capacity'), {
        action: t('action.save'), text: t('class.capacity.text'),
        fields: field('capacity', t('session.capacity'), {type: 'number', min: 1, required: true, value: one.capacity}),
        submit: async (values) => { await post(`${path}/capacity`, values, {key}); again(); },
      });
    }),
    ['published', 'running'].includes(one.state) && doing(t('session.cut'), () => cut(path, one, again)),
    ['published', 'running'].includes(one.state) && doing(t('class.cancel'), async () => {
      const reason = await confirm({title: t('class.cancel'), text: t('class.cancel.text'), reason: t('class.reason'),
        action: t('class.cancel'), danger: true});
      if (reason === null) return;
      await post(`${path}/cancel`, {reason}, {key: true});
      again();
    }, {kind: 'danger'}),
  ];
}

async function cut(path, one, again) {
  let waiting;
  try {
    waiting = await get(`${path}/cuts`);
  } catch (error) {
    if (error.status !== 404 && error.status !== 409) throw error;
  }
  const host = {reload: again};
  if (waiting) { showCut(`${path}/cuts`, waiting, host); return; }
  const key = requestID();
  ask(t('session.cut'), {
    action: t('session.cut.propose'), danger: true, text: t('session.cut.text'), fields: [
      field('capacity', t('session.capacity'), {type: 'number', min: 0, required: true, value: one.capacity}),
      field('reason', t('class.reason'), {required: true, maxlength: 300}),
    ],
    submit: async (values) => showCut(`${path}/cuts`, await post(`${path}/cuts`, values, {key}), host),
  });
}

function listPart(path, one, signal) {
  return section(t('class.list'), table({
    label: t('class.list'), signal, csvName: `class-${one.id}`, empty: t('class.list.none'),
    columns: [
      {key: 'name', title: t('people.member'), sort: true,
        show: (row) => h('a', {href: `#/members/${row.memberId}`}, `${row.name ?? ''} #${row.memberId}`)},
      {key: 'phone', title: t('people.phone')}, {key: 'state', title: t('people.state'), sort: true,
        show: (row) => stateTag('seat', row.state)},
      {key: 'place', title: t('class.place'), number: true, sort: true}, {key: 'wish', title: t('people.wishes'), number: true},
      {key: 'enrolledAt', title: t('people.appliedAt'), sort: true, show: (row) => at(row.enrolledAt)},
    ],
    load: (after, query, own) => get(`${path}/enrolments`, {limit: 25, after}, {signal: own}),
  }));
}

function attendancePart(path, one, signal) {
  return section(t('class.attendance'), pane(async (own) => {
    const {items} = await get(`${path}/attendance`, {}, {signal: own});
    const counted = items.filter((row) => row.rate.percent !== undefined);
    return counted.length ? bars({
      title: t('class.attendance.text'), full: 1, format: (value) => percent(value),
      rows: counted.sort((row, other) => row.rate.percent - other.rate.percent).map((row) => ({
        label: `${row.member.maskedName ?? ''} #${row.member.memberId}`, href: `#/members/${row.member.memberId}`,
        value: row.rate.percent / 100,
      })),
    }) : null;
  }, {signal, lines: 2, empty: t('class.attendance.none')}));
}

function certificatesPart(path, one, signal) {
  return section(t('certificate.list'), table({
    label: t('certificate.list'), signal, lines: 2, csvName: `class-${one.id}-certificates`, empty: t('certificate.none'),
    columns: [
      {key: 'number', title: t('certificate.number'), sort: true},
      {key: 'name', title: t('people.member'), show: (row) => `${row.name ?? ''} #${row.memberId}`},
      {key: 'came', title: t('certificate.came'), number: true, show: (row) => `${count(row.lessonsCame)} / ${count(row.lessonsCounted)}`},
      {key: 'issuedOn', title: t('certificate.issued'), sort: true, show: (row) => day(row.issuedOn, {year: true})},
      {key: 'revoked', title: t('programs.state'),
        show: (row) => (row.revokedAt ? t('certificate.revoked', {reason: row.revokeReason ?? ''}) : t('certificate.stands'))},
    ],
    load: (after, query, own) => get(`${path}/certificates`, {}, {signal: own}),
    actions: may('schools.write') ? (row, host) => !row.revokedAt
      && h('button', {type: 'button', class: 'quiet', onclick: (event) => act(event.target, async () => {
      const reason = await confirm({title: t('certificate.revoke'), text: t('certificate.revoke.text'), reason: t('class.reason'),
        action: t('certificate.revoke'), danger: true});
      if (reason === null) return;
      await post(`/v1/certificates/${row.id}/revoke`, {reason}, {key: true});
      host.reload();
    })}, t('certificate.revoke')) : undefined,
  }));
}

function feedbackPart(path, signal) {
  return section(t('feedback.title'), pane(async (own) => {
    const said = await get(`${path}/feedback`, {}, {signal: own});
    return said.isShown ? h('div', {}, h('p', {}, t('feedback.average', {average: (said.average ?? 0).toFixed(1), n: said.answers ?? 0})),
      h('ul', {}, said.lines.map((line) => h('li', {}, line)))) : null;
  }, {signal, lines: 1, empty: t('feedback.none')}));
}

function eventsPart(path, signal) {
  return section(t('program.events'), pane(async (own) => {
    const {items} = await get(`${path}/events`, {}, {signal: own});
    return items.length ? h('ol', {class: 'plain events'}, [...items].reverse().map((event) => h('li', {},
      h('b', {}, word('class.step', event.step)), event.lesson && ` · ${t('lesson.number', {number: event.lesson})}`,
      h('p', {class: 'small'}, `${at(event.occurredAt)} · ${who(event.doneBy)}`),
      event.reason && h('p', {}, named(event.reason, event.reasonEn))))) : null;
  }, {signal, lines: 2}));
}
