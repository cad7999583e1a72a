// What needs somebody now: offers with their deadlines, rounds that are open or open soon, policies to accept, places of today and
// tomorrow.

import {h} from '../shared/dom.js';
import {all, get} from '../shared/api.js';
import {serverNow} from '../shared/clock.js';
import {clock, day, moment, t} from '../shared/text.js';
import {countdown} from './countdown.js';

const dayLength = 86400000;

/** The list, the most urgent first; nothing when nothing is due. */
export async function needs(signal) {
  const asked = await Promise.allSettled([
    get('/v1/me/checkups', {}, {signal}), all('/v1/me/programs', {}, {signal}), get('/v1/me/coupon-rounds', {}, {signal}),
    get('/v1/me/policies', {}, {signal}), get('/v1/me/enrolments', {}, {signal}), get('/v1/me/lent-seats', {}, {signal}),
  ]);
  const refused = asked.find((one) => one.status === 'rejected');
  if (refused && asked.every((one) => one.status === 'rejected')) throw refused.reason;
  const [checkups, programs, rounds, policies, enrolments, seats] = asked.map((one) => one.value?.items ?? one.value ?? []);
  const found = [
    ...offered(checkups, programs), ...rounds.flatMap(round), ...policies.flatMap(policy), ...places(checkups),
    ...enrolments.filter((one) => one.state === 'offered').map((one) => ({
      title: one.title, text: t('benefits.now.seat'), until: one.offeredUntil, href: `#/school/enrolments/${one.id}`,
    })),
    ...seats.filter((one) => one.outcome === 'waiting').map((one) => ({
      title: one.title, text: t('benefits.now.lent', {time: moment(one.startsAt)}), until: one.offeredUntil, href: '#/school/mine',
    })),
  ];
  found.sort((one, other) => (one.until ?? '9').localeCompare(other.until ?? '9'));
  return found.length ? h('section', {class: 'needs'}, h('h2', {}, t('benefits.now')),
    h('ul', {class: 'plain'}, found.map((one) => h('li', {}, need(one, signal))))) : null;
}

function need({title, text, until, href, kind = 'warn'}, signal) {
  return h('a', {class: `card need ${kind}`, href}, h('strong', {class: 'below'}, title), h('span', {}, text),
    until && h('span', {class: 'left'}, ' ', t('benefits.now.left'), ' ', countdown(until, {signal})));
}

function offered(checkups, programs) {
  const own = checkups.filter((one) => one.state === 'offered').map((one) => ({
    title: one.title, text: t('benefits.now.offer', {what: `${moment(one.session.startsAt)} ${one.visit.site}`}), until: one.offeredUntil,
    href: `#/programs/${one.campaignId}`,
  }));
  const others = programs.filter((one) => one.award === 'offered' && !checkups.some((checkup) => checkup.campaignId === one.id))
    .map((one) => ({title: one.title, text: t('benefits.now.offered'), href: `#/programs/${one.id}`}));
  const open = programs.filter((one) => one.isOpen && one.mayApply && one.application?.state !== 'applied')
    .map((one) => ({title: one.title, text: t('benefits.now.apply'), until: one.closesAt, href: `#/programs/${one.id}`, kind: 'note'}));
  return [...own, ...others, ...open];
}

function round(one) {
  if (one.own >= one.cap || one.isWaiting || one.eligible === false) return [];
  const href = `#/rounds/${one.id}`;
  const title = `${one.title} · ${t('round.number', {n: one.number})}`;
  if (one.phase === 'open') return [{title, text: t('benefits.now.open'), href, kind: 'good'}];
  const isSoon = one.phase === 'not_open' && Date.parse(one.opensAt) - serverNow() < dayLength;
  return isSoon ? [{title, text: t('benefits.now.opens', {time: moment(one.opensAt)}), until: one.opensAt, href, kind: 'note'}] : [];
}

function policy(one) {
  if (!one.actions.includes('accept')) return [];
  return [{title: one.product, text: t('benefits.now.accept'), until: one.acceptUntil, href: `#/policies/${one.id}`}];
}

function places(checkups) {
  const dayOf = (time) => day(new Date(time).toISOString());
  const [today, tomorrow] = [dayOf(serverNow()), dayOf(serverNow() + dayLength)];
  return checkups.filter((one) => ['placed', 'confirmed'].includes(one.state) && [today, tomorrow].includes(day(one.session.startsAt)))
    .map((one) => ({
      title: one.title, href: `#/programs/${one.campaignId}`, kind: 'good',
      text: t(day(one.session.startsAt) === today ? 'benefits.now.today' : 'benefits.now.tomorrow',
        {time: clock(one.session.startsAt), place: one.visit.site}),
    }));
}
