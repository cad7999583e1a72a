// A class of a night school: lessons, teacher, place, fee, who may come, how its seats are given, and asking for one.

import {h} from '../shared/dom.js';
import {all, get} from '../shared/api.js';
import {serverNow} from '../shared/clock.js';
import {money, moment, named, percent, t} from '../shared/text.js';
import {attributeNames, conditionText} from './rules.js';
import {auditLink, categoryName, classTitle, enrolmentTime, fee, lessonTime, listed, seats, when, where} from './class-words.js';
import {enrolling} from './class-enrol.js';
import {countdown} from './countdown.js';
import {whole} from './early.js';
import {facts} from './explained.js';

/** The view of one class. */
export default async function classView({params, signal, title}) {
  const place = await whole(signal, async (one) => {
    const sheet = await get(`/v1/public/classes/${params.id}`, {}, {signal: one});
    const about = sheet.class;
    const [siblings, own, names, draw] = await Promise.all([
      all('/v1/public/classes', {course: about.courseId, term: about.termId}, {signal: one}), get('/v1/me/enrolments', {}, {signal: one}),
      attributeNames(), about.drawId ? get(`/v1/public/school-draws/${about.drawId}`, {}, {signal: one}) : null,
    ]);
    title(classTitle(about));
    const enrolment = own.items.find((item) => item.courseId === about.courseId && item.termId === about.termId
      && ['applied', 'seated', 'waitlisted', 'offered', 'completed'].includes(item.state));
    return h('div', {class: 'stack'},
      h('div', {class: 'spread'}, h('h1', {}, classTitle(about)), seats(about)),
      (about.cancelReason || about.state === 'cancelled')
        && h('p', {class: 'banner bad'}, t('school.state.cancelled'), ' ', named(about.cancelReason, about.cancelReasonEn) ?? ''),
      what(about, names), enrolling(about, siblings, enrolment, one), draw && drawCard(draw, about, one, () => place.reload()),
      lessons(sheet, about));
  }, {lines: 10});
  return h('div', {}, h('a', {class: 'back', href: `#${listed.path}`}, '‹ ', t('school.title')), place);
}

function what(about, names) {
  return h('section', {class: 'card'}, facts([
    [t('class.when'), when(about)],
    [t('class.where'), about.room ? `${where(about)} · ${about.room.address}` : where(about)],
    [t('class.teacher'), about.teacher?.name],
    [t('class.kind'), [categoryName(about.category), t(`class.kind.${about.kind}`)].join(' · ')],
    [t('class.fee'), fee(about)],
    [t('class.reduced'), about.reducedFees.length > 0 && h('ul', {class: 'plain'}, about.reducedFees.map((one) =>
      h('li', {}, `${conditionText(one.condition, names)}: ${one.fen > 0 ? money(one.fen) : t('school.free_of_charge')}`)))],
    [t('class.audience'), about.audience && conditionText(about.audience, names)],
    [t('class.seats'), t('class.seats.of', {n: about.seated, of: about.capacity})],
    [t('class.queue'), about.waiting > 0 && t('class.queue.n', {n: about.waiting})],
    [t('class.minimum'), about.minimum && t('class.minimum.n', {n: about.minimum})],
    [t('class.mode'), t(`class.mode.${about.enrolmentMode}`)],
    [t('class.enrolment'), enrolmentTime(about).text],
    [t('class.school'), about.school],
  ]));
}

function drawCard(draw, about, signal, reload) {
  const isDone = Boolean(draw.drawnAt);
  const odds = about.applied > about.capacity ? about.capacity / about.applied : 1;
  const seatsOfThis = draw.classes.find((one) => one.classId === about.id);
  return h('section', {class: 'card'}, h('h2', {}, t('class.draw')), h('p', {}, t('class.draw.text')),
    !isDone && about.applied > 0 && h('p', {}, h('strong', {},
      t(odds < 1 ? 'class.draw.odds' : 'class.draw.room', {n: about.applied, of: about.capacity, odds: percent(odds)}))),
    isDone && h('p', {}, t('class.draw.result', {n: draw.applicants ?? 0, seated: draw.seated ?? 0}),
      seatsOfThis?.closing && [' ', t('class.draw.closing', {n: seatsOfThis.closing})]),
    facts([
      [t('class.draw.opens'), moment(draw.opensAt)], [t('class.draw.closes'), moment(draw.closesAt)],
      [t('class.draw.left'), !isDone && Date.parse(draw.closesAt) > serverNow() && countdown(draw.closesAt, {signal, over: reload})],
      [t('class.draw.drawn'), isDone && moment(draw.drawnAt)],
    ]),
    isDone && h('p', {}, auditLink(draw.id)),
    h('details', {}, h('summary', {}, t('program.hashes')), facts([
      [t('program.hash.lottery'), h('code', {}, draw.commitment)], [t('batch.lottery'), h('code', {}, draw.lottery)],
      [t('batch.secret'), draw.secret && h('code', {}, draw.secret)],
    ])));
}

function lessons({lessons: items}, about) {
  return h('section', {class: 'card'}, h('h2', {}, t('class.lessons')),
    h('ol', {class: 'plain lines'}, items.map((one) => h('li', {},
      h('div', {class: 'spread'}, h('strong', {}, t('class.lesson', {n: one.number}), ' · ', lessonTime(one)),
        ['cancelled', 'moved', 'held'].includes(one.state)
          && h('span', {class: `tag ${{cancelled: 'bad', moved: 'warn'}[one.state] ?? ''}`}, t(`class.lesson.${one.state}`))),
      h('span', {class: 'soft below'}, [where(one), one.teacher?.name].filter(Boolean).join(' · ')),
      one.reason && h('span', {class: 'below'}, named(one.reason, one.reasonEn))))),
    h('a', {href: `/v1/public/classes/${about.id}/calendar.ics`, download: `class-${about.id}.ics`}, t('class.calendar')));
}
