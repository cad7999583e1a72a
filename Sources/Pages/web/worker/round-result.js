// What came of a claim, honestly: won, waiting, sold out, or refused with every reason.

import {h} from '../shared/dom.js';
import {moment, t} from '../shared/text.js';
import {worth} from './coupon-parts.js';

const kinds = {won: 'good', pending: 'note'};

/** The card of an answer to a claim; its heading takes the focus. */
export function claimResult(answer, round) {
  const {result, reasons, couponId} = answer;
  const text = {
    won: t('round.won.text'),
    pending: round.mode === 'draw' ? t('round.pending.draw', {time: moment(round.closesAt)}) : t('round.pending.text'),
    sold_out: t('round.sold_out.text'),
  }[result];
  const known = reasons.filter((one) => one.code !== 'coupon.sold_out');
  return h('section', {class: `result ${kinds[result] ?? 'bad'}`},
    h('h2', {tabindex: '-1'}, t(`round.result.${result}`, {worth: worth(round)})),
    text && h('p', {}, text),
    known.length > 0 && h('ul', {class: 'reasons'}, known.map((one) => h('li', {'data-code': one.code}, one.text))),
    result === 'won' && h('p', {},
      h('a', {class: 'button primary wide', href: couponId ? `#/coupons/${couponId}` : '#/benefits?tab=coupons'}, t('round.see'))),
    result === 'pending' && round.mode === 'draw' && h('p', {}, h('a', {href: '#/benefits?tab=programs'}, t('round.see_program'))),
    !['won', 'pending'].includes(result) && h('p', {}, h('a', {href: '#/benefits?tab=coupons'}, t('round.others'))));
}

/** Said beforehand, in the place of the button: why the round is not for somebody, and where to go. */
export function notForYou({reason}) {
  const isOfMembership = reason?.code === 'coupon.member_not_active';
  return h('section', {class: 'card not-for-you'}, h('h2', {}, t('round.not_for_you')),
    reason && h('p', {'data-code': reason.code}, reason.text),
    h('div', {class: 'actions'}, isOfMembership && h('a', {class: 'button', href: '#/me/organization'}, t('round.not_for_you.membership')),
      h('a', {class: 'button', href: '#/benefits?tab=coupons'}, t('round.others'))));
}
