// What comes of going to a class: the marks of each lesson, the certificate, and what one says of it.

import {h} from '../shared/dom.js';
import {call, get} from '../shared/api.js';
import {serverNow} from '../shared/clock.js';
import {pane, toast} from '../shared/view.js';
import {field, form} from '../shared/form.js';
import {day, moment, t} from '../shared/text.js';

const marks = {attended: 'good', late: 'warn', excused: 'note', absent: 'bad'};

/** Marks and how often somebody came. */
export async function attendance(path, signal) {
  const {rate, marks: items} = await get(`${path}/attendance`, {}, {signal});
  return h('section', {class: 'card'}, h('h2', {}, t('enrolment.marks')),
    items.length === 0 ? h('p', {class: 'soft'}, t('enrolment.marks.none')) : [
      Number.isInteger(rate.percent) && h('p', {}, t('enrolment.rate', {percent: rate.percent, n: rate.attended + rate.late})),
      h('ul', {class: 'plain lines'}, items.map((item) => h('li', {class: 'spread'},
        h('span', {}, t('class.lesson', {n: item.number}), ' · ', moment(item.startsAt), item.isGuest && ` · ${t('lessons.guest')}`),
        h('span', {class: `tag ${marks[item.state]}`}, t(`enrolment.mark.${item.state}`))))),
    ]);
}

/** The certificate of completion, to print. */
export async function certificate(own, signal) {
  const {items} = await get('/v1/me/certificates', {}, {signal});
  const found = items.find((item) => item.classId === own.classId);
  return found ? h('section', {class: 'card'}, h('h2', {}, t('enrolment.certificate')),
    found.revokedAt ? h('p', {class: 'banner bad'}, t('enrolment.certificate.revoked'), ' ', found.revokeReason) : [
      h('p', {}, t('enrolment.certificate.text', {number: found.number, day: day(found.issuedOn, {year: true, weekday: false})})),
      h('a', {class: 'button', href: `/v1/me/certificates/${found.id}`, target: '_blank', rel: 'noopener'},
        t('enrolment.certificate.open')),
    ]) : null;
}

/** One to five stars and a line. */
export function feedback(path, signal) {
  const place = pane(async (one) => {
    const before = await get(`${path}/feedback`, {}, {signal: one}).catch((error) => {
      if (error.status === 404) return undefined;
      throw error;
    });
    if (before && Date.parse(before.changeableUntil) < serverNow()) {
      return h('p', {}, t('enrolment.stars', {n: before.stars}), before.line && `: ${before.line}`);
    }
    return form({
      action: t(before ? 'enrolment.feedback.change' : 'enrolment.feedback.send'),
      fields: [
        h('fieldset', {class: 'stars'}, h('legend', {}, t('enrolment.feedback.text')), [1, 2, 3, 4, 5].map((n) => h('label', {},
          h('input', {type: 'radio', name: 'stars', value: String(n), checked: before?.stars === n, required: true}),
          h('span', {}, '★'.repeat(n), h('span', {class: 'unseen'}, ' ', t('enrolment.stars', {n})))))),
        field('line', t('enrolment.feedback.line'),
          {type: 'textarea', value: before?.line, maxlength: 500, hint: t('enrolment.feedback.hint')}),
      ],
      submit: async (given) => {
        await call('PUT', `${path}/feedback`, {json: {stars: Number(given.stars), line: given.line}});
        toast(t('enrolment.feedback.thanks'));
        place.reload();
      },
    });
  }, {lines: 4, signal});
  return h('section', {class: 'card'}, h('h2', {}, t('enrolment.feedback')), place);
}
