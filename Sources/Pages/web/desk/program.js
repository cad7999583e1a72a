// One program: where it stands and what comes next, its figures, what was announced, its sessions, parts, and everything that happened.

import {h} from '../shared/dom.js';
import {get, post, requestID} from '../shared/api.js';
import {ledger} from '../shared/charts.js';
import {field} from '../shared/form.js';
import {count, t} from '../shared/text.js';
import {pane} from '../shared/view.js';
import {ask, at, doing, facts, fromInput, hash, headed, section, stateTag, trail, who, word} from './service-parts.js';
import {ruleTools} from './rule-editor.js';
import {rulesText} from './rule-text.js';
import {nextStep} from './program-steps.js';
import {sessionsPart} from './program-sessions.js';
import {may} from './rights.js';

/** The view. */
export default function program({params, signal, title}) {
  const path = `/v1/programs/${params.id}`;
  const body = pane(async (own) => {
    const [one, runs] = await Promise.all([get(path, {}, {signal: own}), get(`${path}/runs`, {}, {signal: own})]);
    title(one.title);
    const again = () => body.reload();
    return h('div', {class: 'stack'},
      headed(one.title,
        // Once published there is nothing left to be shared out.
        !['published', 'ended', 'cancelled'].includes(one.state)
          && h('a', {class: 'button', href: `#/programs/${one.id}/what-if`}, t('whatif.title')),
        h('a', {class: 'button', href: `#/programs/${one.id}/people`}, t('people.title')),
        one.state === 'draft' && may('programs.write') && h('a', {class: 'button', href: `#/programs/${one.id}/edit`}, t('program.edit'))),
      nextStep(one, runs.items, again, signal),
      h('div', {class: 'halves'}, figures(one), dates(one)),
      runs.items.length > 0 && runList(one, runs.items),
      h('div', {class: 'halves'}, section(t('program.rules'), rules(one, signal)), proofs(one)),
      sessionsPart(one, signal), partsPart(one, signal, again), eventsPart(one, signal));
  }, {signal, lines: 14});
  return h('div', {class: 'stack'}, trail(['/programs', t('programs.title')]), body);
}

function figures(one) {
  return section(t('program.figures'), ledger({
    title: t('program.places'), total: one.quota,
    parts: [{label: t('program.taken'), value: one.taken, href: `#/programs/${one.id}/people`},
      {label: t('program.free'), value: one.quota - one.taken}],
  }), h('div', {class: 'actions'}, may('checkups.read') && one.family === 'checkup'
    && h('a', {class: 'button quiet', href: `#/checkups/${one.id}`}, t('program.checkup')),
    one.parentId && h('a', {class: 'button quiet', href: `#/programs/${one.parentId}`}, t('program.parent'))));
}

function dates(one) {
  return section(t('program.dates'), facts([
    [t('program.state'), stateTag('program', one.state)], [t('program.shares'), word('program.shares', one.shares)],
    [t('editor.opensAt'), at(one.opensAt)], [t('editor.closesAt'), at(one.closesAt)], [t('editor.resultsAt'), at(one.resultsAt)],
    [t('editor.endsAt'), at(one.endsAt)], [t('program.returnsAt'), one.returnsAt && at(one.returnsAt)],
    [t('editor.offerHours'), one.offerHours], [t('editor.family'), one.family && `${one.family} ${one.period ?? ''}`],
    [t('program.cancelReason'), one.cancelReason],
  ]));
}

function runList(one, runs) {
  return section(t('program.runs'), h('ul', {class: 'plain'}, [...runs].reverse().map((run) => h('li', {class: 'spread'},
    h('a', {href: `#/programs/${one.id}/runs/${run.number}`}, t('run.number', {number: run.number})), stateTag('run', run.state),
    h('span', {class: 'number'}, t('run.placed', {n: run.placed})),
    h('span', {class: 'soft'}, `${who(run.madeBy)} · ${at(run.madeAt)}`)))));
}

function rules(one, signal) {
  return pane(async (own) => rulesText(one.rules, await ruleTools(own)), {signal, lines: 6});
}

function proofs(one) {
  return section(t('program.proofs'), h('p', {class: 'soft'}, t('program.proofs.text')), facts([
    [t('program.lottery'), t(`program.lottery.${one.lotteryKind}`)], [t('editor.beacon'), one.beaconSource],
    [t('program.commitment'), hash(one.commitment)], [t('program.rulesHash'), hash(one.rulesHash)],
    [t('program.inputsHash'), hash(one.inputsHash)],
    [t('program.announcedAt'), one.announcedAt && at(one.announcedAt)], [t('program.publishedAt'), one.publishedAt && at(one.publishedAt)],
  ]), one.rulesHash && h('div', {class: 'actions'},
    h('a', {class: 'button quiet', href: `/v1/public/programs/${one.id}/announcement`, target: '_blank', rel: 'noopener'},
      t('program.announcement')),
    one.publishedAt && h('a', {class: 'button quiet', href: `/v1/public/programs/${one.id}/audit-file`, download: `program-${one.id}.txt`},
      t('program.auditFile'))));
}

function partsPart(one, signal, again) {
  const add = async () => {
    const {organizations} = await ruleTools(signal);
    const key = requestID();
    ask(t('program.part.add'), {
      action: t('program.part.add'), text: t('program.part.text'), fields: [
        field('organizationId', t('editor.organization'), {type: 'select', options: organizations, required: true}),
        field('quota', t('editor.quota'), {type: 'number', min: 1, required: true}),
        field('returnsAt', t('program.returnsAt'), {type: 'datetime-local', required: true}),
      ],
      submit: async (values) => {
        await post(`/v1/programs/${one.id}/parts`, {...values, organizationId: Number(values.organizationId),
          returnsAt: fromInput(values.returnsAt)}, {key});
        again();
      },
    });
  };
  return section(t('program.parts'), pane(async (own) => {
    const parts = await get('/v1/programs', {parentId: one.id, limit: 200}, {signal: own});
    return parts.items.length ? h('ul', {class: 'plain'}, parts.items.map((part) => h('li', {class: 'spread'},
      h('a', {href: `#/programs/${part.id}`}, part.title), stateTag('program', part.state),
      h('span', {class: 'number'}, `${count(part.taken)} / ${count(part.quota)}`)))) : null;
  }, {signal, lines: 1, empty: t('program.parts.none')}),
  one.state === 'draft' && may('programs.write') && doing(t('program.part.add'), add));
}

function eventsPart(one, signal) {
  return section(t('program.events'), pane(async (own) => {
    const events = await get(`/v1/programs/${one.id}/events`, {limit: 200}, {signal: own});
    return events.items.length ? h('ol', {class: 'plain events'}, [...events.items].reverse().map((event) => h('li', {},
      h('b', {}, word('program.step', event.step)), ' ', stateTag('program', event.stateAfter),
      h('p', {class: 'small'}, `${at(event.occurredAt)} · ${who(event.doneBy)}`),
      event.reason && h('p', {}, event.reason)))) : null;
  }, {signal, lines: 3}));
}
