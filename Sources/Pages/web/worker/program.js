// A program: what is shared out, who goes first and what is promised, one's own application and how it stands, and how to check the result.

import {h} from '../shared/dom.js';
import {get} from '../shared/api.js';
import {serverNow} from '../shared/clock.js';
import {count, moment, span, t} from '../shared/text.js';
import {attributeNames, rulesInWords} from './rules.js';
import {whole} from './early.js';
import {facts} from './explained.js';
import {countdown} from './countdown.js';
import {standing} from './program-standing.js';
import {application} from './program-apply.js';

/** The view of one program. */
export default async function program({params, signal, title}) {
  const place = await whole(signal, async (one) => {
    const [own, sheet, announcement, names, checkups] = await Promise.all([
      get(`/v1/me/programs/${params.id}`, {}, {signal: one}), get(`/v1/public/programs/${params.id}`, {}, {signal: one}),
      get(`/v1/public/programs/${params.id}/announcement`, {}, {signal: one}).catch(unless404), attributeNames(),
      get('/v1/me/checkups', {}, {signal: one}),
    ]);
    const about = sheet.program;
    title(about.title);
    const known = [...(announcement?.sessions ?? []), ...(sheet.run?.sessions ?? [])];
    const sessions = new Map(known.map((session) => [session.number, session]));
    const checkup = checkups.items.find((item) => item.campaignId === about.id);
    const parts = {own, about, sheet, sessions, checkup, signal: one, reload: () => place.reload()};
    return h('div', {class: 'stack'},
      h('div', {class: 'spread'}, h('h1', {}, about.title), h('span', {class: 'tag note'}, t(`program.state.${own.state}`))),
      about.cancelReason && h('p', {class: 'banner bad'}, about.cancelReason),
      standing(parts), await application(parts), what(parts), rules(about, names), proof(about, sheet, own));
  }, {lines: 10});
  return h('div', {}, h('a', {class: 'back', href: '#/benefits?tab=programs'}, '‹ ', t('benefits.title')), place);
}

function unless404(error) {
  if (error.status === 404) return undefined;
  throw error;
}

function what({own, about, signal, reload}) {
  const isBefore = about.opensAt && !own.isOpen && Date.parse(about.opensAt) > serverNow() && about.state === 'announced';
  return h('section', {class: 'card'},
    h('h2', {}, t('program.about')),
    facts([
      [t('program.quota'), t(`program.quota.${about.shares}`, {n: about.quota})],
      [t('program.opens'), about.opensAt && moment(about.opensAt)],
      isBefore ? [t('program.opens_in'), countdown(about.opensAt, {signal, over: reload})] : ['', null],
      [t('program.closes'), about.closesAt && moment(about.closesAt)],
      own.isOpen && about.closesAt ? [t('program.closes_in'), countdown(about.closesAt, {signal, over: reload})] : ['', null],
      [t('program.results'), about.resultsAt && moment(about.resultsAt)],
      [t('program.applicants'), t('program.people', {n: own.applicants})],
    ]));
}

function rules(about, names) {
  return h('section', {class: 'card'}, h('h2', {}, t('program.rules')), rulesInWords(about.rules, names, {shares: about.shares}),
    about.offerHours && h('p', {}, t('program.offer_hours', {span: span(about.offerHours * 3600)})),
    about.appeal && h('p', {class: 'soft'}, about.appeal));
}

function proof(about, sheet, own) {
  const figures = sheet.run?.figures;
  const link = (path, text) => h('a', {href: path, download: path.split('/').at(-1)}, text);
  return h('section', {class: 'card'},
    h('h2', {}, t('program.proof')),
    figures && h('p', {}, t('program.proof.figures', {applicants: count(sheet.run.applicants), placed: count(sheet.run.placed)})),
    figures?.floors.length > 0 && h('ul', {}, figures.floors.map((floor) => h('li', {},
      t('program.proof.floor', {group: floor.group, size: floor.size, placed: floor.placedMembers, n: floor.members})))),
    h('p', {}, t('program.proof.text')),
    own.application && h('p', {}, t('program.ticket'), ' ', h('code', {}, own.application.ticket)),
    h('ul', {},
      h('li', {}, link(`/v1/public/programs/${about.id}/announcement`, t('program.announcement'))),
      sheet.run && h('li', {}, link(`/v1/public/programs/${about.id}/audit-file`, t('program.audit')))),
    h('details', {}, h('summary', {}, t('program.hashes')),
      facts([
        [t('program.hash.rules'), about.rulesHash && h('code', {}, about.rulesHash)],
        [t('program.hash.lottery'), about.commitment && h('code', {}, about.commitment)],
        [t('program.hash.inputs'), about.inputsHash && h('code', {}, about.inputsHash)],
        [t('program.hash.audit'), sheet.run?.auditHash && h('code', {}, sheet.run.auditHash)],
      ])));
}
