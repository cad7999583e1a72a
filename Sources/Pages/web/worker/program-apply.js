// Applying to a program: sessions are chosen by visit and day into a list in the order of one's wishes, which is sent and can be replaced.

import {h, put} from '../shared/dom.js';
import {call, get} from '../shared/api.js';
import {act, pane, toast} from '../shared/view.js';
import {clock, day, distance, moment, t} from '../shared/text.js';
import {rankedList} from './ranked.js';
import {whereAmI} from './near.js';

const most = 8;

/** The card for applying; nothing when it is not one's turn. */
export function application(parts) {
  const {own, about, sessions} = parts;
  if (!own.isOpen || own.place) return null;
  if (!own.mayApply && own.application?.state !== 'applied') return h('section', {class: 'card'}, h('p', {}, t('program.may_not')));
  const isPool = sessions.size === 1 && ![...sessions.values()][0].startsAt;
  const hasApplied = own.application?.state === 'applied';
  if (isPool) return pool(parts, hasApplied);
  const choices = h('div', {});
  const send = h('button', {type: 'button', class: 'primary wide large', onclick: (event) => apply(event.currentTarget, wishes.items.map((one) => one.key))},
    t(hasApplied ? 'program.replace' : 'program.send'));
  const wishes = rankedList({
    max: most, label: t('program.wishes'), empty: t('program.wishes.empty'),
    items: hasApplied ? own.application.wishes.map((number) => asWish(sessions.get(number), number)) : [],
    changed: (list) => {
      send.hidden = list.length === 0;
      for (const button of choices.querySelectorAll('[data-session]')) {
        button.setAttribute('aria-pressed', String(list.some((one) => String(one.key) === button.dataset.session)));
      }
    },
  });
  send.hidden = wishes.items.length === 0;
  put(choices, about.family === 'checkup' ? visits(parts, wishes) : byDay([...sessions.values()], wishes));

  async function apply(button, numbers) {
    const replace = () => call('PUT', `/v1/me/programs/${about.id}/application`, {json: {wishes: numbers}});
    if (await act(button, replace, {done: t('program.sent')})) parts.reload();
  }
  return h('section', {class: 'card'},
    h('h2', {}, t(hasApplied ? 'program.change' : 'program.apply')),
    h('p', {class: 'soft'}, t('program.apply.text', {n: most})),
    h('h3', {}, t('program.wishes')), wishes.node, send,
    h('h3', {class: 'after'}, t('program.choose')), choices);
}

function pool({about, sessions, reload}, hasApplied) {
  if (hasApplied) return null;
  const [number] = sessions.keys();
  const apply = () => call('PUT', `/v1/me/programs/${about.id}/application`, {json: {wishes: [number]}});
  return h('section', {class: 'card'}, h('h2', {}, t('program.apply')),
    h('button', {
      type: 'button', class: 'primary wide large',
      onclick: async (event) => { if (await act(event.currentTarget, apply, {done: t('program.sent')})) reload(); },
    }, t('program.apply')));
}

function asWish(session, number) {
  const text = session?.startsAt ? `${moment(session.startsAt)}` : session?.title ?? t('program.session', {n: String(number)});
  return {key: number, text, small: session?.startsAt ? session.title.replace(/^[\d-]+ [\d:]+ /, '') : undefined};
}

function visits({about, sessions}, wishes) {
  let position;
  const place = pane(async (signal) => {
    const {items} = await get('/v1/me/checkups/visits', position ?? {}, {signal});
    const own = items.filter((one) => one.visit.campaignId === about.id);
    if (!own.length) return byDay([...sessions.values()], wishes);
    return h('div', {class: 'stack'}, own.map((one, index) => visit(one, wishes, index === 0)));
  }, {lines: 5, empty: t('program.no_sessions')});
  const sort = h('button', {
    type: 'button', onclick: (event) => act(event.currentTarget, async () => {
      position = await whereAmI();
      if (position) await place.reload();
      else toast(t('program.no_position'), {kind: 'bad'});
    }),
  }, t('program.nearest'));
  return h('div', {}, h('p', {}, sort), place);
}

function visit({visit: about, distanceMetres, isOfOwnOrganization, seats}, wishes, isOpen) {
  const body = h('div', {});
  let isFilled = false;
  const unfold = () => {
    if (isFilled) return;
    isFilled = true;
    put(body, pane(async (signal) => {
      const {sessions} = await get(`/v1/me/checkups/visits/${about.id}`, {}, {signal});
      return sessions.length ? byDay(sessions.map((one) => ({...one, capacity: one.seats, site: about.site})), wishes) : null;
    }, {lines: 3, empty: t('program.no_sessions')}));
  };
  const days = about.firstOn === about.lastOn ? day(about.firstOn) : `${day(about.firstOn)} – ${day(about.lastOn)}`;
  if (isOpen) unfold();
  return h('details', {class: 'visit', open: isOpen, ontoggle: unfold},
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
