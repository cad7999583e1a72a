// A coupon of one's own: what it is worth and where it is good, the code to show, one to read out, giving it back.

import {h, put} from '../shared/dom.js';
import {get, post} from '../shared/api.js';
import {act, pane, toast} from '../shared/view.js';
import {day, distance, moment, t} from '../shared/text.js';
import {condition, couponTag, worth} from './coupon-parts.js';
import {countdown} from './countdown.js';
import {doing} from './doing.js';
import {early, whole} from './early.js';
import {facts} from './explained.js';
import {metresBetween, whereAmI} from './near.js';

/** The view of one coupon. */
export default async function coupon({params, signal, title}) {
  const place = await whole(signal, async (one) => {
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
        [t('coupon.weekdays'), weekdays(about)],
        [t('coupon.hours'), `${about.from} – ${about.until}`],
        [t('coupon.got'), moment(about.claimedAt)],
      ])),
      h('section', {class: 'card'}, h('h2', {}, t('coupon.where')), await venues(about, one)),
      isUsable && doing(t('coupon.return'), () => post(`/v1/me/coupons/${about.id}/return`), {
        kind: 'danger', ask: {title: t('coupon.return.title'), text: t('coupon.return.text')}, done: t('coupon.returned'),
        after: () => place.reload(),
      }));
  }, {lines: 8});

  return h('div', {}, h('a', {class: 'back', href: '#/benefits?tab=coupons'}, '‹ ', t('benefits.title')), place);
}

function weekdays(about) {
  return about.weekdays.length === 7 ? t('coupon.every_day') : about.weekdays.map((number) => t(`weekday.${number}`)).join(' ');
}

/** The two ways to use it: one's own code, or a code that holds once. */
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

async function venues(about, signal) {
  let position;
  if (about.venue) return venueList([about.venue]);
  const [load] = await early(signal, [async (one) => {
    const {items} = await get(`/v1/me/coupon-campaigns/${about.campaignId}/venues`, {}, {signal: one});
    if (!items.length) return null;
    const far = items.map((item) => ({...item, metres: position && item.latitude ? metresBetween(position, item) : undefined}));
    far.sort((first, second) => (first.metres ?? 1e9) - (second.metres ?? 1e9) || first.name.localeCompare(second.name));
    return venueList(far);
  }]);
  const place = pane(load, {lines: 3, signal, empty: t('coupon.venues.none')});
  const near = doing(t('coupon.near'), async () => {
    position = await whereAmI();
    if (position) await place.reload();
    else toast(t('program.no_position'), {kind: 'bad'});
  });
  return h('div', {}, h('p', {}, near), place);
}

function venueList(items) {
  return h('ul', {class: 'plain lines'}, items.map((one) => h('li', {},
    h('strong', {}, one.name), one.metres !== undefined && [' · ', distance(one.metres)], h('span', {class: 'soft below'}, one.address))));
}
