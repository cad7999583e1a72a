// One enrolment: how it stands and why, a seat that is offered, the place in the queue, marks, feedback and the certificate.

import {h} from '../shared/dom.js';
import {all, get, post} from '../shared/api.js';
import {sheet} from '../shared/view.js';
import {moment, named, t} from '../shared/text.js';
import {replaceWishes, wishForm} from './class-enrol.js';
import {auditLink, classTitle, when, where} from './class-words.js';
import {attendance, certificate, feedback} from './enrolment-after.js';
import {doing} from './doing.js';
import {enrolmentTag} from './enrolment-card.js';
import {whole} from './early.js';
import {facts} from './explained.js';
import {offer} from './offer.js';

/** The view of one enrolment. */
export default async function enrolment({params, signal, title}) {
  const path = `/v1/me/enrolments/${params.id}`;
  const place = await whole(signal, async (one) => {
    const [own, why] = await Promise.all([get(path, {}, {signal: one}), get(`${path}/why`, {}, {signal: one})]);
    const classes = await all('/v1/public/classes', {course: own.courseId, term: own.termId}, {signal: one});
    const name = named(own.title, own.titleEn);
    title(name);
    const reload = () => place.reload();
    return h('div', {class: 'stack'},
      h('div', {class: 'spread'}, h('h1', {}, name, own.label && ` ${own.label}`), enrolmentTag(own.state)),
      own.state === 'offered' && own.offeredUntil && offer({
        until: own.offeredUntil, what: [name, own.label].filter(Boolean).join(' '), signal: one, changed: reload,
        take: () => post(`${path}/confirm`), leave: () => post(`${path}/decline`),
      }),
      state(own, classes), reasons(why, classes), wishes(own, classes, reload),
      ['seated', 'completed', 'dropped'].includes(own.state) && await attendance(path, one),
      own.state === 'completed' && await certificate(own, one),
      actions(own, path, name, reload), own.state === 'completed' && feedback(path, one));
  }, {lines: 8});
  return h('div', {}, h('a', {class: 'back', href: '#/school/mine'}, '‹ ', t('lessons.title')), place);
}

function state(own, classes) {
  const seat = classes.find((one) => one.id === own.classId);
  return h('section', {class: 'card'},
    own.state === 'waitlisted' && own.place && h('p', {class: 'worth'}, h('strong', {}, t('enrolment.place', {n: own.place}))),
    h('p', {}, t(`enrolment.means.${own.state}`)), own.reason && h('p', {}, own.reason),
    own.odds && h('p', {}, t(own.odds.toPlace ? 'enrolment.odds' : 'enrolment.odds.from',
      {from: own.odds.fromPlace, to: own.odds.toPlace ?? 0, n: own.odds.offered, of: own.odds.waited})),
    facts([
      [t('class.when'), seat && when(seat)], [t('class.where'), seat && where(seat)], [t('enrolment.since'), moment(own.enrolledAt)],
    ]),
    seat && h('a', {class: 'button', href: `#/school/classes/${seat.id}`}, t('enrolment.class')));
}

function reasons(why, classes) {
  const byID = new Map(classes.map((one) => [one.id, one]));
  return why.lines.length > 0 && h('section', {class: 'card'}, h('h2', {}, t('enrolment.why')),
    h('ul', {}, why.lines.map((one) => h('li', {'data-code': one.code},
      one.classId && byID.size > 1 && byID.has(one.classId) ? `${byID.get(one.classId).label}: ${one.text}` : one.text))),
    why.ticket && h('p', {}, t('program.ticket'), ' ', h('code', {}, why.ticket)),
    why.drawId && why.state !== 'applied' && h('p', {}, auditLink(why.drawId)));
}

function wishes(own, classes, reload) {
  if (!['applied', 'waitlisted', 'offered'].includes(own.state)) return null;
  const byID = new Map(classes.map((one) => [one.id, one]));
  const change = () => {
    const dialog = sheet(t('program.change'), wishForm(classes[0], classes, own.wishes, {
      action: t('program.replace'), send: (json) => replaceWishes(own.id, json), done: () => { dialog.close(); reload(); },
    }));
  };
  return h('section', {class: 'card'}, h('h2', {}, t('program.wishes')),
    h('ol', {}, own.wishes.map((id) => h('li', {}, byID.has(id) ? h('a', {href: `#/school/classes/${id}`}, classTitle(byID.get(id)))
      : t('enrolment.class_number', {n: String(id)})))),
    own.state === 'applied' && h('button', {type: 'button', onclick: change}, t('program.change')));
}

function actions(own, path, name, reload) {
  if (!['applied', 'seated', 'waitlisted'].includes(own.state)) return null;
  const key = own.state === 'seated' ? 'enrolment.withdraw.seat' : 'enrolment.withdraw';
  return doing(t(key), () => post(`${path}/withdraw`), {
    kind: 'danger', ask: {text: t(`${key}.text`, {what: name})}, done: t('enrolment.withdrawn'), after: reload,
  });
}
