// What coupons and rounds look like in lists, and what a coupon is worth in words.

import {h} from '../shared/dom.js';
import {day, money, moment, t} from '../shared/text.js';

const kinds = {claimed: 'good', annulled: 'good', refunded: 'good', redeemed: 'note', expired: '', returned: ''};
const phases = {open: 'good', not_open: 'note', paused: 'warn', sold_out: '', ended: ''};

/** Whole yuan without their two noughts. */
function yuan(fen) { return money(fen).replace(/\.00$/, ''); }

/** ¥800, or the goods. */
export function worth(one) { return one.goods ?? yuan(one.faceFen); }

/** From which bill it is good. */
export function condition(one) {
  if (one.goods) return t('coupon.pick_up');
  return one.minimumSpendFen > 0 ? t('coupon.from_bill', {sum: yuan(one.minimumSpendFen)}) : t('coupon.any_bill');
}

/** The state as a tag. */
export function couponTag(state) { return h('span', {class: `tag ${kinds[state]}`}, t(`coupon.state.${state}`)); }

/** The phase of a round as a tag. */
export function phaseTag(phase) { return h('span', {class: `tag ${phases[phase]}`}, t(`round.phase.${phase}`)); }

/** A coupon in a list. */
export function couponCard(one) {
  return h('a', {class: 'card', href: `#/coupons/${one.id}`},
    h('div', {class: 'spread'}, h('strong', {class: 'worth'}, worth(one)), couponTag(one.state)),
    h('p', {}, one.title, ' · ', condition(one)),
    h('p', {class: 'soft'}, t('coupon.until', {day: day(one.lastOn, {year: true})})));
}

/** Whether it is known beforehand that somebody cannot take part, while it would still matter. */
export function isNotFor(round) {
  return round.eligible === false && !round.own && !round.isWaiting && ['not_open', 'open', 'paused'].includes(round.phase);
}

/** A round in a list. */
export function roundCard(one) {
  const said = {not_open: 'round.opens_at', ended: 'round.was', sold_out: 'round.was'}[one.phase] ?? 'round.closes_at';
  const when = t(said, {time: moment(said === 'round.closes_at' ? one.closesAt : one.opensAt)});
  return h('a', {class: 'card', href: `#/rounds/${one.id}`},
    h('div', {class: 'spread'}, h('strong', {class: 'worth'}, worth(one)),
      isNotFor(one) ? h('span', {class: 'tag'}, t('round.not_for_you.tag')) : phaseTag(one.phase)),
    h('p', {}, one.title, ' · ', t('round.number', {n: one.number}), ' · ', t(`round.mode.${one.mode}`)),
    isNotFor(one) && one.reason && h('p', {}, one.reason.text),
    h('p', {class: 'soft'}, when, one.own > 0 && [' · ', t('round.own', {n: one.own})], one.isWaiting && [' · ', t('round.waits')]));
}
