// What the service told me, the newest first. What has been on the screen for a moment counts as read.

import {h} from '../shared/dom.js';
import {pause, post} from '../shared/api.js';
import {ago, hasText, moment, t} from '../shared/text.js';
import {paged} from './paged.js';
import {backToMe} from './back.js';

/** Where the thing is that a message is about, by the first word of its subject: 'program:12'. What has no page leads to a list. */
const places = {
  program: (id) => `/programs/${id}`, policy: (id) => `/policies/${id}`, coupon: (id) => `/coupons/${id}`,
  coupon_round: (id) => `/rounds/${id}`,
  insurance_batch: (id) => `/batches/${id}`, class: (id) => `/school/classes/${id}`, enrolment: (id) => `/school/enrolments/${id}`,
  standing: () => '/school/mine', transfer: () => '/me/organization', application: () => '/me/organization',
};

export default function messages({signal}) {
  let told;
  const list = paged('/v1/me/messages', (items) => {
    markRead(items);
    return h('ul', {class: 'plain'}, items.map((one) => h('li', {}, entry(one))));
  }, {signal, empty: t('messages.none'), lines: 8});

  async function markRead(items) {
    const newest = items[0].id;
    if (told === newest || items.every((one) => one.readAt)) return;
    told = newest;
    await pause(2000, signal);
    if (signal.aborted) return;
    try { await post('/v1/me/messages/read', {upTo: newest}, {signal}); } catch { told = undefined; }
  }

  return h('div', {}, backToMe(), h('h1', {}, t('messages.title')), list);
}

function entry({at, text, readAt, subject}) {
  const [what, id] = String(subject ?? '').split(':');
  const path = Object.hasOwn(places, what) && /^\d+$/.test(id ?? '') && `#${places[what](id)}`;
  return h('article', {class: readAt ? 'card message' : 'card message unread'},
    h('p', {class: 'spread small'}, h('span', {}, hasText(`messages.about.${what}`) && t(`messages.about.${what}`)),
      h('time', {datetime: at, title: moment(at)}, Date.now() - Date.parse(at) < 86400000 ? ago(at) : moment(at))),
    h('p', {}, !readAt && h('span', {class: 'tag note'}, t('messages.new')), ' ', text),
    path && h('a', {class: 'button quiet', href: path}, t('messages.look')));
}
