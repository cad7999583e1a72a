// One batch of insurance: its policies as a flow from place to place, the run and its review, what goes to the insurer and what comes back.

import {h, put} from '../shared/dom.js';
import {all, call, get, pause, post, requestID} from '../shared/api.js';
import {bars, flow, ledger} from '../shared/charts.js';
import {field, form} from '../shared/form.js';
import {day, money, named, t} from '../shared/text.js';
import {confirm, pane, sheet} from '../shared/view.js';
import {at, doing, facts, hash, headed, organizationOptions, section, stateTag, trail, who, workerKinds} from './service-parts.js';
import {batchBody, batchFields} from './batch-fields.js';
import {policiesPart} from './batch-policies.js';
import {resultsPart, rostersPart} from './batch-files.js';
import {pictures, steps} from './program-check.js';
import {ruleTools} from './rule-editor.js';
import {rulesText} from './rule-text.js';
import {whoFields} from './program-who.js';
import {account, may} from './rights.js';

/** In which column of the flow each place stands. */
const columns = {
  size: 0, reserved: 1, free: 1, cancelled: 1, sent: 2, issued: 3, rejected: 3, accepted: 4, active: 5, claimed: 6, expired: 6,
};

const places = ['reserved', 'free', 'sent', 'rejected', 'issued', 'accepted', 'active', 'claimed', 'expired', 'cancelled'];

/** The view. */
export default function batch({params, query, signal, title}) {
  const path = `/v1/insurance-batches/${params.id}`;
  const body = pane(async (own) => {
    const one = await get(path, {}, {signal: own});
    const product = await get(`/v1/insurance-products/${one.productId}`, {}, {signal: own});
    title(one.title);
    const again = () => body.reload({quiet: true});
    const policies = h('div', {class: 'stack'}, policiesPart(path, one, signal, again));
    // Who came by a place of the flow wants to see the policies there.
    if (query.state) setTimeout(() => policies.scrollIntoView(), 600);
    return h('div', {class: 'stack'}, headed(one.title, stateTag('batch', one.state),
      may('insurance.write') && actions(path, one, signal, again)),
      one.state === 'run' && review(path, one, again),
      one.cancelReason && h('p', {class: 'banner bad'}, one.cancelReason),
      section(t('batch.flow'), flow(journey(one)), ledger({
        title: t('batch.ledger'), total: one.size, parts: places.filter((place) => one.places[place] > 0).map((place) => ({
          label: t(`policy.state.${place}`), value: one.places[place],
          href: place === 'free' ? undefined : `#/insurance/${one.id}?state=${place}`,
        })),
      })),
      h('div', {class: 'halves'}, figuresPart(path, signal), factsPart(one, product)),
      section(t('program.rules'), pane(async (inner) => rulesText(one.rules, await ruleTools(inner)), {signal, lines: 3})),
      ['draft', 'announced'].includes(one.state) && section(t('batch.preview'), pane(async (inner) => {
        const preview = await get(`${path}/preview`, {}, {signal: inner});
        return h('div', {class: 'stack'}, steps(preview), h('p', {}, t('batch.preview.covered', {n: preview.covered})), pictures(preview));
      }, {signal, lines: 5})),
      rostersPart(path, one, signal, again), resultsPart(path, one, signal, again), policies);
  }, {signal, lines: 14});
  return h('div', {class: 'stack'}, trail(['/insurance', t('insurance.title')]), body);
}

/** What has passed each place so far: who is at a later one has been at those before. */
function journey(one) {
  const at = one.places;
  const after = (...names) => names.reduce((sum, name) => sum + at[name], 0);
  const covered = after('active', 'claimed', 'expired');
  const issued = covered + after('issued', 'accepted');
  const sent = issued + after('sent', 'rejected');
  return {
    title: t('batch.flow.text'),
    stages: [
      {name: 'size', label: t('batch.size'), value: one.size, column: columns.size},
      ...places.filter((place) => place !== 'accepted' || at.accepted > 0).map((place) => ({
        name: place, label: t(`policy.state.${place}`), value: at[place], column: columns[place],
        href: place === 'free' ? undefined : `#/insurance/${one.id}?state=${place}`,
      })),
    ],
    links: [
      {from: 'size', to: 'reserved', value: sent + at.reserved}, {from: 'size', to: 'free', value: at.free},
      {from: 'size', to: 'cancelled', value: at.cancelled},
      {from: 'reserved', to: 'sent', value: sent}, {from: 'sent', to: 'issued', value: issued},
      {from: 'sent', to: 'rejected', value: at.rejected},
      ...(at.accepted > 0 ? [{from: 'issued', to: 'accepted', value: at.accepted}] : []), {from: 'issued', to: 'active', value: covered},
      {from: 'active', to: 'claimed', value: at.claimed}, {from: 'active', to: 'expired', value: at.expired},
    ],
  };
}

function figuresPart(path, signal) {
  let by = 'floor';
  const body = pane(async (own) => {
    const [{items}, kinds] = await Promise.all([get(`${path}/figures`, {by}, {signal: own}), by === 'worker_kind' ? workerKinds(own) : []]);
    const names = new Map(kinds);
    const rows = items.map((row) => ({label: names.get(row.key) ?? row.name, value: row.policies}))
      .sort((row, other) => other.value - row.value);
    return rows.length ? bars({title: t(`batch.by.${by}`), rows: rows.slice(0, 20)}) : null;
  }, {signal, lines: 4});
  return section(t('batch.figures'), field('', t('checkup.by'), {
    type: 'select', value: by, options: ['floor', 'class', 'organization', 'worker_kind', 'source']
      .map((one) => [one, t(`batch.by.${one}`)]),
    onchange: (event) => { by = event.target.value; body.reload(); },
  }), body);
}

function factsPart(one, product) {
  return section(t('batch.facts'), facts([
    [t('batch.product'), named(product.name, product.nameEn)], [t('batch.sum'), money(product.sumInsuredFen)],
    [t('batch.kind'), t(`batch.kind.${one.kind}`)],
    [t('batch.donor'), one.donor], [t('batch.cover'), `${day(one.coverFrom, {year: true})} – ${day(one.coverTo, {year: true})}`],
    [t('batch.premium'), money(one.premiumFen)],
    [t('batch.cost'), money(one.premiumFen * one.size)],
    [t('batch.contribution'), one.contributionFen ? money(one.contributionFen) : undefined],
    [t('batch.ran'), one.runAt && `${at(one.runAt)} · ${who(one.runBy)}`],
    [t('run.reviewed'), one.reviewedAt && `${at(one.reviewedAt)} · ${who(one.reviewedBy)}`],
    [t('program.rulesHash'), hash(one.rulesHash)], [t('program.commitment'), hash(one.lotteryCommitment)],
    [t('program.inputsHash'), hash(one.inputsHash)],
  ]));
}

function review(path, one, again) {
  if (!may('insurance.review') || one.runBy === account()?.subject) return h('p', {class: 'banner warn'}, t('run.same_person'));
  const key = requestID();
  return section(t('run.review'), h('p', {}, t('batch.review.text')), form({
    action: t('run.review.send'), fields: [
      field('decision', t('run.decision'), {type: 'select', options: [['yes', t('run.accept')], ['no', t('run.reject')]]}),
      field('reason', t('part.reason'), {maxlength: 300, hint: t('run.note.hint')}),
    ],
    submit: async (values) => {
      await post(`${path}/review`, {confirm: values.decision === 'yes', reason: values.reason}, {key});
      again();
    },
  }));
}

function actions(path, one, signal, again) {
  const step = (name, state) => one.state === state && doing(t(`batch.do.${name}`), async () => {
    if (await confirm({title: t(`batch.do.${name}`), text: t(`batch.do.${name}.text`), action: t(`batch.do.${name}`)}) === null) return;
    await post(`${path}/${name}`, undefined, {key: true});
    again();
  }, {kind: 'primary'});
  const told = h('span', {role: 'status'});
  return [
    one.state === 'draft' && doing(t('program.edit'), () => edit(path, one, signal, again)), step('announce', 'draft'),
    one.state === 'announced' && doing(t('batch.do.run'), async () => {
      await post(`${path}/runs`, undefined, {key: true});
      put(told, t('run.request.running'));
      for (let turn = 0; turn < 60 && !signal.aborted; turn += 1) {
        await pause(1000, signal);
        if ((await get(path, {}, {signal})).state !== 'announced') break;
      }
      again();
    }, {kind: 'primary'}), told, step('close', 'confirmed'),
    ['draft', 'announced'].includes(one.state) && doing(t('batch.do.cancel'), async () => {
      const reason = await confirm({title: t('batch.do.cancel'), text: t('batch.do.cancel.text'), reason: t('part.reason'),
        action: t('batch.do.cancel'), danger: true});
      if (reason === null) return;
      await post(`${path}/cancel`, {reason}, {key: true});
      again();
    }, {kind: 'danger'}),
  ];
}

async function edit(path, one, signal, again) {
  const [organizations, products, tools] = await Promise.all([organizationOptions(signal), all('/v1/insurance-products', {}, {signal}),
    ruleTools(signal)]);
  const rules = whoFields(one.rules, tools);
  const dialog = sheet(t('program.edit'), form({
    action: t('action.save'), fields: [batchFields(one, organizations, products),
      h('details', {}, h('summary', {}, t('program.rules')), rules)],
    submit: async (values) => {
      await call('PUT', path, {json: batchBody(values, rules.read())});
      dialog.close();
      again();
    },
  }));
}
