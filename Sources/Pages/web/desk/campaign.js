// One campaign of coupons: its budget and its coupons as ledgers that always sum up, its rounds, its venues, and what venues are owed.

import {h} from '../shared/dom.js';
import {call, get, post, requestID} from '../shared/api.js';
import {ledger} from '../shared/charts.js';
import {form} from '../shared/form.js';
import {go} from '../shared/router.js';
import {count, day, money, t} from '../shared/text.js';
import {confirm, pane, sheet} from '../shared/view.js';
import {at, doing, facts, headed, organizationOptions, section, stateTag, trail} from './service-parts.js';
import {campaignFields, roundBody, roundFields} from './campaign-fields.js';
import {venuesPart} from './campaign-venues.js';
import {settlementsPart} from './campaign-settlements.js';
import {ruleTools} from './rule-editor.js';
import {whoFields} from './program-who.js';
import {may} from './rights.js';

/** The view. */
export default function campaign({params, signal, title}) {
  const path = `/v1/coupon-campaigns/${params.id}`;
  const body = pane(async (own) => {
    const [one, rounds] = await Promise.all([get(path, {}, {signal: own}), get(`${path}/rounds`, {}, {signal: own})]);
    title(one.title);
    const again = () => body.reload();
    return h('div', {class: 'stack'},
      headed(one.title, stateTag('campaign', one.pausedAt ? 'paused' : 'running'), may('coupons.write') && [
        doing(t('campaign.edit'), () => edit(one, signal, again)), one.pausedAt
          ? doing(t('campaign.resume'), () => post(`${path}/resume`, undefined, {key: true}), {kind: 'primary', after: again})
          : doing(t('campaign.pause'), () => pause(path, again), {kind: 'danger'})]),
      one.pausedAt && h('p', {class: 'banner bad'}, t('campaign.paused', {at: at(one.pausedAt), reason: one.pauseReason ?? ''})),
      h('div', {class: 'halves'}, budget(one, rounds), couponLedger(rounds)),
      roundsPart(one, rounds.items, again), factsPart(one), venuesPart(one, signal), settlementsPart(one, signal));
  }, {signal, lines: 12});
  return h('div', {class: 'stack'}, trail(['/coupons', t('coupons.title')]), body);
}

function budget(one, rounds) {
  return section(t('campaign.budget'), ledger({
    title: t('campaign.budget.text'), total: one.budgetFen, format: money, parts: [
      {label: t('campaign.money.redeemed'), value: rounds.fen.redeemed}, {label: t('campaign.money.held'), value: rounds.fen.held},
      {label: t('campaign.money.back'), value: rounds.fen.expired + rounds.fen.returned},
      {label: t('campaign.money.planned'), value: one.plannedFen - rounds.fen.issued},
      {label: t('campaign.money.free'), value: one.budgetFen - one.plannedFen},
    ],
  }));
}

function couponLedger(rounds) {
  return section(t('campaign.coupons'),
    ledger({title: t('campaign.coupons.text'), total: rounds.coupons.issued, parts: couponParts(rounds.coupons)}));
}

/** The parts of a ledger of coupons. */
export function couponParts(coupons) {
  return ['held', 'redeemed', 'expired', 'returned'].map((kind) => ({label: t(`coupon.${kind}`), value: coupons[kind]}));
}

function roundsPart(one, rounds, again) {
  return section(t('campaign.rounds'), rounds.length
    ? h('div', {class: 'grid'}, rounds.map((round) => h('a', {class: 'card', href: `#/rounds/${round.id}`},
    h('span', {class: 'spread'}, h('b', {}, t('round.number', {number: round.number})), stateTag('round', roundState(round))),
    h('p', {}, `${t(`round.mode.${round.mode}`)} · ${at(round.opensAt)}`),
    h('p', {class: 'number'}, t('round.left_of', {left: round.left, stock: round.stock})))))
    : h('p', {class: 'soft'}, t('campaign.rounds.none')),
  may('coupons.write') && doing(t('campaign.rounds.add'), async () => {
    const key = requestID();
    const rules = whoFields(rounds.at(-1)?.rules ?? {eligibility: []}, await ruleTools());
    const dialog = sheet(t('campaign.rounds.add'), form({
      action: t('action.save'), fields: [roundFields(), h('details', {}, h('summary', {}, t('program.rules')), rules)],
      submit: async (values) => {
        const made = await post(`/v1/coupon-campaigns/${one.id}/rounds`, roundBody(values, rules.read()), {key});
        dialog.close();
        go(`/rounds/${made.id}`);
        again();
      },
    }));
  }));
}

/** A round's state as the clock has it: an announced one is open between its times. */
export function roundState(round, now = Date.now()) {
  if (round.state !== 'announced') return round.state;
  if (now >= Date.parse(round.closesAt)) return 'closed';
  if (round.pausedAt) return 'paused';
  return now < Date.parse(round.opensAt) ? 'announced' : 'open';
}

function factsPart(one) {
  return section(t('campaign.facts'), facts([
    [t('campaign.face'), one.goods ?? money(one.faceFen)],
    [t('campaign.minimum'), one.minimumSpendFen ? money(one.minimumSpendFen) : undefined],
    [t('campaign.validity'), `${day(one.firstOn)} – ${day(one.lastOn)}`], [t('campaign.hours'), `${one.from} – ${one.until}`],
    [t('campaign.weekdays'), one.weekdays.length < 7 ? one.weekdays.map((number) => t(`weekday.${number}`)).join('、') : undefined],
    [t('campaign.cap'), count(one.cap)], [t('campaign.offline'),
      one.offlineMax ? `${count(one.offlineMax)} · ${t(`campaign.charge.${one.offlineCharge}`)}` : t('campaign.offline.none')],
  ]));
}

async function pause(path, again) {
  const reason = await confirm({title: t('campaign.pause'), text: t('campaign.pause.text'), reason: t('part.reason'),
    action: t('campaign.pause'), danger: true});
  if (reason === null) return;
  await post(`${path}/pause`, {reason}, {key: true});
  again();
}

async function edit(one, signal, again) {
  const organizations = await organizationOptions(signal);
  const fields = campaignFields(one, organizations);
  const dialog = sheet(t('campaign.edit'), form({
    action: t('action.save'), fields: [h('p', {class: 'soft'}, t('campaign.edit.text')), fields],
    submit: async (values) => {
      await call('PUT', `/v1/coupon-campaigns/${one.id}`, {json: fields.read(values), version: one.version});
      dialog.close();
      again();
    },
  }));
}
