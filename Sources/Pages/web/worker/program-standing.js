// How it stands with somebody in a program: what was wished for, what came of it and why, and what can be done about a place.

import {h, put} from '../shared/dom.js';
import {call, download, get, post} from '../shared/api.js';
import {act, confirm, pane, sheet} from '../shared/view.js';
import {clock, day, moment, t} from '../shared/text.js';
import {explained, facts} from './explained.js';
import {offer} from './offer.js';

const kinds = {placed: 'good', confirmed: 'good', attended: 'good', used: 'good', offered: 'warn', no_show: 'bad', lapsed: 'bad'};

/** The state of a place as a tag. */
export function awardTag(state) { return h('span', {class: `tag ${kinds[state] ?? ''}`}, t(`program.award.${state}`)); }

/** The card of one's own standing. */
export function standing(parts) {
  const {own, about, sessions, checkup, signal, reload} = parts;
  const path = `/v1/me/programs/${about.id}/award`;
  const state = own.place?.state;
  const wishes = own.application?.state === 'applied' ? own.application.wishes : [];
  const isPool = wishes.length === 1 && !sessions.get(wishes[0])?.startsAt && sessions.size <= 1;
  return h('section', {class: 'card'},
    h('div', {class: 'spread'}, h('h2', {}, t('program.mine')), state ? awardTag(state)
      : own.application && h('span', {class: 'tag'}, t(`program.application.${own.application.state}`))),
    own.place && h('p', {class: 'what'}, h('strong', {}, own.place.title)),
    checkup && where(checkup),
    state === 'offered' && checkupOrAward(parts) && offer({
      until: checkupOrAward(parts), what: own.place.title, signal, changed: reload,
      take: () => post(`${path}/confirm`), leave: () => post(`${path}/decline`),
    }),
    state === 'offered' && !checkupOrAward(parts) && plainOffer(path, own, reload),
    own.waiting && h('p', {}, h('strong', {}, t('program.waiting', {place: own.waiting.place, of: own.waiting.of}))),
    explained(own.lines),
    wishes.length > 0 && !isPool && !own.place && h('div', {}, h('h3', {}, t('program.wishes')),
      h('ol', {}, wishes.map((number) => h('li', {}, sessions.get(number)?.title ?? t('program.session', {n: String(number)}))))),
    actions(parts, state, path));
}

function checkupOrAward({checkup}) { return checkup?.offeredUntil; }

function plainOffer(path, own, reload) {
  const run = async (button, action, done) => { if (await act(button, action, {done})) reload(); };
  return h('div', {class: 'actions'},
    h('button', {type: 'button', class: 'primary', onclick: (event) => run(event.currentTarget, () => post(`${path}/confirm`), t('offer.taken'))},
      t('offer.take')),
    h('button', {
      type: 'button', onclick: async (event) => {
        const button = event.currentTarget;
        const text = t('offer.leave.text', {what: own.place.title});
        if (await confirm({title: t('offer.leave.title'), text, action: t('offer.leave'), danger: true}) === null) return;
        run(button, () => post(`${path}/decline`), t('offer.left_over'));
      },
    }, t('offer.leave')));
}

function where({visit, session, package: content, report, cameAt}) {
  return h('div', {},
    facts([
      [t('program.when'), moment(session.startsAt)],
      [t('program.where'), `${visit.site} · ${visit.address}`],
      [t('program.contents'), [content.name, ...content.addOnItems].join(' · ')],
      [t('program.came'), cameAt && moment(cameAt)],
    ]),
    h('details', {}, h('summary', {}, t('program.items', {n: content.items.length + content.addOnItems.length})),
      h('p', {}, [...content.items, ...content.addOnItems].join('、'))),
    report && h('div', {class: 'banner note'},
      h('p', {}, h('strong', {}, t('program.report', {time: day(report.readyAt)}))),
      report.followUpText && h('p', {}, report.followUpText),
      report.followUpUntil && h('p', {}, t('program.follow_until', {day: day(report.followUpUntil)})),
      report.doneAt && h('p', {}, t('program.follow_done', {day: day(report.doneAt)}))));
}

function actions({own, about, checkup, reload}, state, path) {
  const hasPlace = ['placed', 'confirmed'].includes(state);
  const giveBack = async (event) => {
    const button = event.currentTarget;
    const text = t('program.withdraw.text', {what: own.place.title});
    if (await confirm({title: t('program.withdraw.title'), text, action: t('program.withdraw'), danger: true}) === null) return;
    if (await act(button, () => post(`${path}/withdraw`), {done: t('program.withdrawn')})) reload();
  };
  const takeBack = async (event) => {
    const button = event.currentTarget;
    const answer = await confirm({title: t('program.unapply.title'), text: t('program.unapply.text'), action: t('program.unapply'), danger: true});
    if (answer === null) return;
    if (await act(button, () => call('DELETE', `/v1/me/programs/${about.id}/application`), {done: t('program.unapplied')})) reload();
  };
  const followUp = checkup?.report?.followUp && !checkup.report.doneAt;
  return h('div', {class: 'actions'},
    checkup && (hasPlace || state === 'offered') && [
      h('button', {type: 'button', onclick: (event) => act(event.currentTarget, () => download('/v1/me/checkups/calendar.ics', 'checkups.ics'))},
        t('program.calendar')),
      h('button', {type: 'button', onclick: () => swap(checkup, reload)}, t('program.swap')),
    ],
    followUp && h('button', {
      type: 'button', class: 'primary', onclick: async (event) => {
        const done = () => post(`/v1/me/checkups/campaigns/${about.id}/follow-up-done`);
        if (await act(event.currentTarget, done, {done: t('program.follow.thanks')})) reload();
      },
    }, t('program.follow')),
    hasPlace && h('button', {type: 'button', class: 'danger', onclick: giveBack}, t('program.withdraw')),
    own.isOpen && own.application?.state === 'applied' && h('button', {type: 'button', class: 'danger', onclick: takeBack}, t('program.unapply')));
}

/** Another time of the same visit, from those that have free seats. */
function swap(checkup, reload) {
  const place = h('div', {});
  const dialog = sheet(t('program.swap.title'), h('p', {}, t('program.swap.text', {now: moment(checkup.session.startsAt)})), place);
  put(place, pane(async (signal) => {
    const {sessions} = await get(`/v1/me/checkups/visits/${checkup.visit.id}`, {}, {signal});
    const free = sessions.filter((one) => one.left > 0 && one.number !== checkup.session.number);
    return free.length ? h('ul', {class: 'plain stack'}, free.map((one) => h('li', {}, h('button', {
      type: 'button', class: 'wide', onclick: async (event) => {
        const change = () => post(`/v1/me/checkups/visits/${checkup.visit.id}/swap`, {session: one.number});
        if (!await act(event.currentTarget, change, {done: t('program.swapped')})) return;
        dialog.close();
        reload();
      },
    }, day(one.startsAt), ' ', clock(one.startsAt), ' · ', t('program.free', {n: one.left}))))) : null;
  }, {empty: t('program.swap.none')}));
}
