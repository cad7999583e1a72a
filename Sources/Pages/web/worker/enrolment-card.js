// An enrolment in a list: which course, how it stands.

import {h} from '../shared/dom.js';
import {moment, named, t} from '../shared/text.js';

const kinds = {seated: 'good', completed: 'good', offered: 'warn', waitlisted: 'note', applied: 'note', dropped: 'bad', lapsed: 'bad'};

/** The state as a tag. */
export function enrolmentTag(state) { return h('span', {class: `tag ${kinds[state] ?? ''}`}, t(`enrolment.state.${state}`)); }

/** The card that leads to it. */
export function enrolmentCard(one) {
  return h('a', {class: 'card', href: `#/school/enrolments/${one.id}`},
    h('div', {class: 'spread'}, h('strong', {}, named(one.title, one.titleEn), one.label && ` ${one.label}`), enrolmentTag(one.state)),
    one.state === 'waitlisted' && one.place && h('p', {class: 'soft'}, t('enrolment.place', {n: one.place})),
    one.state === 'offered' && one.offeredUntil && h('p', {class: 'soft'}, t('offer.until', {time: moment(one.offeredUntil)})));
}
