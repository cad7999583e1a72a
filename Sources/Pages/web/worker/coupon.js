// A coupon of one's own: what it is worth and where it is good, the code to show, digits to read out, giving it back.

import {h, put} from '../shared/dom.js';
import {get, post} from '../shared/api.js';
import {act, confirm, pane, toast} from '../shared/view.js';
import {day, distance, moment, t} from '../shared/text.js';
import {condition, couponTag, worth} from './coupon-parts.js';
import {countdown} from './countdown.js';
import {facts} from './explained.js';
import {metresBetween, whereAmI} from './near.js';

/** The view of one coupon. */
export default function coupon({params, signal, title}) {
  const place = pane(async (one) => {
    const about = await get(`/v1/me/coupons/${params.id}`, {}, {signal: one});
    title(`${worth(about)} ${about.title}`);
    const isUsable = ['claimed', 'annulled', 'refunded'].includes(about.state);
    return h('div', {class: 'stack'},
      h('div', {class: 'spread'}, h('h1', {}, worth(about), ' ', h('small', {}, about.title)), couponTag(about.state)),
      h('p', {}, condition(about)),
      about.state === 'redeemed' && h('p', {class: 'banner good'}, t('coupon.redeemed', {time: moment(about.changedAt)})),
      isUsable && use(about, one),
      h('section', {class: 'card'}, h('h2', {}, t('coupon.when')), facts([
        [t('coupon.days'), `${day(about.firstOn, {year: true, weekday: false})} – ${day(about.lastOn, {year: true, weekday: false})}`],
        [t('coupon.weekdays'), about.weekdays.length === 7 ? t('coupon.every_day') : about.weekdays.map((n) => t(`weekday.${n}`)).join(' ')],
        [t('coupon.hours'), `${about.from} – ${about.until}`],
        [t('coupon.got'), moment(about.claimedAt)],
      ])),
      h('section', {class: 'card'}, h('h2', {}, t('coupon.where')), venues(about, one)),
      isUsable && h('button', {type: 'button', class: 'danger', onclick: (event) => giveBack(event.currentTarget, about)}, t('coupon.return')));
  }, {lines: 8, signal, label: t('coupon.title')});

  async function giveBack(button, about) {
    const answer = await confirm({title: t('coupon.return.title'), text: t('coupon.return.text'), action: t('coupon.return'), danger: true});
    if (answer === null) return;
    if (await act(button, () => post(`/v1/me/coupons/${about.id}/return`), {done: t('coupon.returned')})) place.reload();
  }

  return h('div', {}, h('a', {class: 'back', href: '#/benefits?tab=coupons'}, '‹ ', t('benefits.title')), place);
}

/** The two ways to use it: one's own code, or digits that hold once. */
function use(about, signal) {
  const digits = h('div', {class: 'digits', role: 'status'});
  const make = h('button', {
    type: 'button', class: 'wide', onclick: (event) => act(event.currentTarget, async () => {
      const code = await post(`/v1/me/coupons/${about.id}/code`, undefined, {signal});
      const over = () => put(digits, h('p', {}, t('coupon.code.over')));
      put(digits, h('p', {class: 'number big'}, code.code),
        h('p', {}, t('coupon.code.left'), ' ', countdown(code.expiresAt, {signal, over: () => queueMicrotask(over)})));
      put(make, t('coupon.code.again'));
    }),
  }, t('coupon.code'));
  return h('section', {class: 'card'}, h('h2', {}, t('coupon.use')), h('p', {}, t('coupon.use.text')),
    h('a', {class: 'button primary wide large', href: '#/'}, t('coupon.show')),
    h('p', {class: 'soft after'}, t('coupon.code.text')), digits, make);
}

function venues(about, signal) {
  let position;
  if (about.venue) return venueList([about.venue]);
  const place = pane(async (one) => {
    const {items} = await get(`/v1/me/coupon-campaigns/${about.campaignId}/venues`, {}, {signal: one});
    if (!items.length) return null;
    const far = items.map((item) => ({...item, metres: position && item.latitude ? metresBetween(position, item) : undefined}));
    return venueList(far.sort((first, second) => (first.metres ?? Infinity) - (second.metres ?? Infinity) || first.name.localeCompare(second.name)));
  }, {lines: 3, signal, empty: t('coupon.venues.none')});
  const near = h('button', {
    type: 'button', onclick: (event) => act(event.currentTarget, async () => {
      position = await whereAmI();
      if (position) await place.reload();
      else toast(t('program.no_position'), {kind: 'bad'});
    }),
  }, t('coupon.near'));
  return h('div', {}, h('p', {}, near), place);
}

function venueList(items) {
  return h('ul', {class: 'plain lines'}, items.map((one) => h('li', {},
    h('strong', {}, one.name), one.metres !== undefined && [' · ', distance(one.metres)], h('span', {class: 'soft below'}, one.address))));
}
