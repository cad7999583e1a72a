// Applying to a program: sessions are chosen by visit and day into a list in the order of one's wishes, which is sent and can be replaced.

import {h, put} from '../shared/dom.js';
import {call, get} from '../shared/api.js';
import {pane, toast} from '../shared/view.js';
import {clock, day, distance, moment, t} from '../shared/text.js';
import {doing} from './doing.js';
import {draft, keepDraft} from './draft.js';
import {early} from './early.js';
import {rankedList} from './ranked.js';
import {whereAmI} from './near.js';

const most = 8;

/** The card for applying; nothing when it is not one's turn. */
export async function application(parts) {
  const {own, about, sessions} = parts;
  if (!own.isOpen || own.place) return null;
  if (!own.mayApply && own.application?.state !== 'applied') return h('section', {class: 'card'}, h('p', {}, t('program.may_not')));
  if (about.shares === 'coupon') {
    return h('section', {class: 'card'}, h('a', {class: 'button primary wide', href: '#/benefits?tab=coupons'}, t('program.by_round')));
  }
  const isPool = sessions.size === 1 && ![...sessions.values()][0].startsAt;
  const hasApplied = own.application?.state === 'applied';
  if (isPool) return pool(parts, hasApplied);
  const choices = h('div', {});
  const unsent = `program-${about.id}`;
  const path = `/v1/me/programs/${about.id}/application`;
  const apply = () => call('PUT', path, {json: {wishes: wishes.items.map((one) => one.key)}});
  const send = doing(t(hasApplied ? 'program.replace' : 'program.send'), apply, {
    kind: 'primary wide large', done: t('program.sent'), after: () => {
      keepDraft(unsent);
      return parts.reload().then(() => scrollTo(0, 0));
    },
  });
  const wishes = rankedList({
    max: most, label: t('program.wishes'), empty: t('program.wishes.empty'),
    items: hasApplied ? own.application.wishes.map((number) => asWish(sessions.get(number), number)) : draft(unsent) ?? [],
    changed: (list) => {
      tell();
      // What was sent is with the service; what was not yet outlives a page that is loaded anew.
      if (!hasApplied) keepDraft(unsent, list.length ? list : undefined);
      for (const button of choices.querySelectorAll('[data-session]')) {
        button.setAttribute('aria-pressed', String(list.some((one) => String(one.key) === button.dataset.session)));
      }
    },
  });
  const heading = h('h3', {class: 'after', tabindex: '-1'}, t('program.wishes'));
  const jump = h('button', {
    type: 'button', class: 'jump wide', onclick: () => {
      heading.scrollIntoView({block: 'center'});
      heading.focus();
    },
  });
  function tell() {
    const {length} = wishes.items;
    send.hidden = length === 0;
    jump.hidden = length === 0;
    jump.textContent = t('program.chosen', {n: length});
  }
  put(choices, await choose(parts, wishes));
  // The list stands below the times: what is added to it never moves them away from under the finger.
  tell();
  return h('section', {class: 'card'},
    h('h2', {}, t(hasApplied ? 'program.change' : 'program.apply')),
    h('p', {class: 'soft'}, t('program.apply.text', {n: most})),
    h('h3', {}, t('program.choose')), choices, jump, heading, wishes.node, send);
}

function pool({about, sessions, reload}, hasApplied) {
  if (hasApplied) return null;
  const [number] = sessions.keys();
  const apply = () => call('PUT', `/v1/me/programs/${about.id}/application`, {json: {wishes: [number]}});
  return h('section', {class: 'card'}, h('h2', {}, t('program.apply')),
    doing(t('program.apply'), apply, {kind: 'primary wide large', done: t('program.sent'), after: reload}));
}

function asWish(session, number) {
  const text = session?.startsAt ? `${moment(session.startsAt)}` : session?.title ?? t('program.session', {n: String(number)});
  return {key: number, text, small: session?.startsAt ? session.title.replace(/^[\d-]+ [\d:]+ /, '') : undefined};
}

/** By the visits of vans, where the program has such; else by the days of its sessions. */
async function choose({about, sessions, signal}, wishes) {
  let position;
  const near = async () => {
    position = await whereAmI();
    if (position) await place.reload();
    else toast(t('program.no_position'), {kind: 'bad'});
  };
  const [load] = await early(signal, [async (one) => {
    const {items} = await get('/v1/me/checkups/visits', position ?? {}, {signal: one});
    const own = items.filter((item) => item.visit.campaignId === about.id);
    if (!own.length) return sessions.size ? byDay([...sessions.values()], wishes) : null;
    const first = await timesOf(own[0].visit, wishes, one);
    return h('div', {class: 'stack'}, own.length > 1 && h('p', {}, doing(t('program.nearest'), near)),
      own.map((item, index) => visit(item, wishes, index === 0 ? first : null)));
  }]);
  const place = pane(load, {lines: 5, empty: t('program.no_sessions')});
  return place;
}

async function timesOf(visited, wishes, signal) {
  const {sessions} = await get(`/v1/me/checkups/visits/${visited.id}`, {}, {signal});
  return sessions.length ? byDay(sessions.map((one) => ({...one, capacity: one.seats, site: visited.site})), wishes) : null;
}

function visit({visit: about, distanceMetres, isOfOwnOrganization, seats}, wishes, times) {
  const body = h('div', {}, times);
  let isFilled = Boolean(times);
  const unfold = () => {
    if (isFilled) return;
    isFilled = true;
    put(body, pane((signal) => timesOf(about, wishes, signal), {lines: 3, empty: t('program.no_sessions')}));
  };
  const days = about.firstOn === about.lastOn ? day(about.firstOn) : `${day(about.firstOn)} – ${day(about.lastOn)}`;
  return h('details', {class: 'visit', open: Boolean(times), ontoggle: unfold},
    h('summary', {},
      h('strong', {}, about.site), ' ', isOfOwnOrganization && h('span', {class: 'tag good'}, t('program.own_visit')),
      h('small', {class: 'below'}, [days, distanceMetres !== undefined && distanceMetres !== null ? distance(distanceMetres) : null,
        t('program.seats', {n: seats})].filter(Boolean).join(' · ')),
      h('small', {class: 'below'}, about.address)),
    body);
}

function byDay(sessions, wishes) {
  const days = new Map();
  for (const one of sessions) {
    const key = one.startsAt ? day(one.startsAt) : '';
    days.set(key, [...(days.get(key) ?? []), one]);
  }
  return h('div', {}, [...days].map(([key, items]) => h('div', {class: 'day'}, key && h('h4', {}, key),
    h('div', {class: 'times'}, items.map((one) => choice(one, wishes))))));
}

function choice(session, wishes) {
  const {number, startsAt} = session;
  const seats = session.left ?? session.capacity - (session.taken ?? 0);
  return h('button', {
    type: 'button', class: 'time', 'data-session': number, 'aria-pressed': String(wishes.has(number)), onclick: () => {
      if (wishes.has(number)) wishes.remove(number);
      else if (wishes.isFull) toast(t('program.full', {n: most}), {kind: 'bad'});
      else wishes.add({key: number, text: startsAt ? moment(startsAt) : session.title, small: session.site});
    },
  }, h('span', {}, startsAt ? clock(startsAt) : session.title), h('small', {}, t('program.seats', {n: Math.max(0, seats)})));
}
