// How it stands with somebody in a program: what was wished for, what came of it and why, and what can be done about a place.

import {h, put} from '../shared/dom.js';
import {call, download, get, post} from '../shared/api.js';
import {pane, sheet} from '../shared/view.js';
import {day, moment, t} from '../shared/text.js';
import {doing} from './doing.js';
import {explained, facts} from './explained.js';
import {answers, offer} from './offer.js';

const kinds = {placed: 'good', confirmed: 'good', attended: 'good', used: 'good', offered: 'warn', no_show: 'bad', lapsed: 'bad'};

/** The state of a place as a tag. */
export function awardTag(state) { return h('span', {class: `tag ${kinds[state] ?? ''}`}, t(`program.award.${state}`)); }

/** The card of one's own standing. */
export function standing(parts) {
  const {own, about, sessions, checkup, signal, reload} = parts;
  const path = `/v1/me/programs/${about.id}/award`;
  const state = own.place?.state;
  // What has no sessions is one pool, which needs no name.
  const isPool = !sessions.get(own.place?.number)?.startsAt && sessions.size <= 1;
  const until = own.offeredUntil ?? checkup?.offeredUntil;
  const answer = {
    what: isPool ? about.title : own.place?.title, changed: reload,
    take: () => post(`${path}/confirm`), leave: () => post(`${path}/decline`),
  };
  return h('section', {class: 'card'},
    h('div', {class: 'spread'}, h('h2', {}, t('program.mine')), state ? awardTag(state)
      : own.application && h('span', {class: 'tag'}, t(`program.application.${own.application.state}`))),
    own.place && !isPool && !checkup && h('p', {class: 'what'}, h('strong', {}, own.place.title)),
    checkup && where(checkup),
    state === 'offered' && (until ? offer({...answer, until, signal}) : answers(answer)),
    own.waiting && h('p', {}, h('strong', {}, t('program.waiting', {place: own.waiting.place, of: own.waiting.of}))),
    explained(own.lines),
    actions(parts, state, path));
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
  const hasApplied = own.isOpen && own.application?.state === 'applied';
  const followUp = checkup?.report?.followUp && !checkup.report.doneAt;
  const follow = () => post(`/v1/me/checkups/campaigns/${about.id}/follow-up-done`);
  const unapply = () => call('DELETE', `/v1/me/programs/${about.id}/application`);
  return h('div', {class: 'actions'},
    checkup && (hasPlace || state === 'offered') && [
      doing(t('program.calendar'), () => download('/v1/me/checkups/calendar.ics', 'checkups.ics')),
      h('button', {type: 'button', onclick: () => swap(checkup, reload)}, t('program.swap')),
    ],
    followUp && doing(t('program.follow'), follow, {kind: 'primary', done: t('program.follow.thanks'), after: reload}),
    hasPlace && doing(t('program.withdraw'), () => post(`${path}/withdraw`), {
      kind: 'danger', done: t('program.withdrawn'), after: reload,
      ask: {title: t('program.withdraw.title'), text: t('program.withdraw.text', {what: about.title})},
    }),
    hasApplied && doing(t('program.unapply'), unapply, {
      kind: 'danger', done: t('program.unapplied'), after: reload,
      ask: {title: t('program.unapply.title'), text: t('program.unapply.text')},
    }));
}

/** Another time of the same visit, from those that have free seats. */
function swap(checkup, reload) {
  const path = `/v1/me/checkups/visits/${checkup.visit.id}`;
  const place = h('div', {});
  const dialog = sheet(t('program.swap.title'), h('p', {}, t('program.swap.text', {now: moment(checkup.session.startsAt)})), place);
  const after = () => {
    dialog.close();
    reload();
  };
  put(place, pane(async (signal) => {
    const {sessions} = await get(path, {}, {signal});
    const free = sessions.filter((one) => one.left > 0 && one.number !== checkup.session.number);
    return free.length ? h('ul', {class: 'plain stack'}, free.map((one) => h('li', {}, doing(
      `${moment(one.startsAt)} · ${t('program.free', {n: one.left})}`, () => post(`${path}/swap`, {session: one.number}),
      {kind: 'wide', done: t('program.swapped'), after})))) : null;
  }, {empty: t('program.swap.none')}));
}
