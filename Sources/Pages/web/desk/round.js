// One round of coupons as it goes: how many a second ask, what is left, who got one, and why others did not.

import {h, put} from '../shared/dom.js';
import {call, get, listen, pause, post, withQuery} from '../shared/api.js';
import {bars, ledger, lines} from '../shared/charts.js';
import {serverNow} from '../shared/clock.js';
import {form} from '../shared/form.js';
import {count, money, span, t} from '../shared/text.js';
import {confirm, pane, sheet, skeleton} from '../shared/view.js';
import {at, doing, facts, hash, headed, section, stateTag, trail} from './service-parts.js';
import {roundBody, roundFields} from './campaign-fields.js';
import {roundState} from './campaign.js';
import {ruleTools} from './rule-editor.js';
import {rulesText} from './rule-text.js';
import {whoFields} from './program-who.js';
import {may} from './rights.js';

const lost = ['sold_out', 'limit_reached', 'not_eligible', 'not_open', 'ended', 'paused', 'place_unavailable'];

/** The view. */
export default function round({params, signal, title}) {
  const path = `/v1/coupon-rounds/${params.id}`;
  const body = pane(async (own) => {
    const one = await get(path, {}, {signal: own});
    const campaign = await get(`/v1/coupon-campaigns/${one.campaignId}`, {}, {signal: own});
    title(`${t('round.number', {number: one.number})} · ${campaign.title}`);
    const state = roundState(one, serverNow());
    return h('div', {class: 'stack'}, trail(['/coupons', t('coupons.title')], [`/coupons/${campaign.id}`, campaign.title]),
      headed(t('round.number', {number: one.number}), stateTag('round', state),
        may('coupons.write') && actions(path, one, state, () => body.reload())),
      one.pausedAt && h('p', {class: 'banner bad'}, t('campaign.paused', {at: at(one.pausedAt), reason: one.pauseReason ?? ''})),
      one.cancelReason && h('p', {class: 'banner bad'}, one.cancelReason),
      one.state !== 'draft' && live(path, one, own, () => body.reload({quiet: true})), facts([
        [t('round.mode'), t(`round.mode.${one.mode}`)], [t('round.opensAt'), at(one.opensAt)], [t('round.closesAt'), at(one.closesAt)],
        [t('round.stock'), `${count(one.stock)} × ${money(one.faceFen)}`], [t('round.cap'), count(one.cap)],
        [t('round.leftover'), t(`round.leftover.${one.leftover}`)],
        [t('program.rulesHash'), hash(one.rulesHash)], [t('program.commitment'), hash(one.commitment)],
        [t('program.title'), one.programId && h('a', {href: `#/programs/${one.programId}`}, t('checkup.program'))],
        [t('round.shuffle'), one.mode === 'equal_start' && state === 'closed'
          && h('a', {href: `/v1/public/coupon-rounds/${one.id}/shuffle`, download: `shuffle-${one.id}.csv`}, t('round.shuffle.file'))],
      ]),
      section(t('program.rules'), pane(async (inner) => rulesText(one.rules, await ruleTools(inner)), {signal, lines: 3})));
  }, {signal, lines: 12});
  return body;
}

/** The curve as the service tells it, and the other figures now and then; where nothing is told the figures are asked for every two seconds. */
function live(path, one, signal, again) {
  const left = [];
  let charts;
  let known;
  let told;
  let dueAt = 0;
  const began = roundState(one, serverNow());
  const host = h('div', {class: 'stack'}, skeleton(began === 'closed' ? 20 : 26));
  const stop = new AbortController();
  signal.addEventListener('abort', () => stop.abort(), {once: true});

  function note(time, stillLeft) {
    left.push([time, stillLeft]);
    if (left.length > 300) left.shift();
  }

  function hear(event, moment) {
    if (event !== 'moment' || signal.aborted) return;
    const before = told && stage(told.phase);
    // Somebody got one: who and from where is asked for soon.
    if (told && told.left !== moment.left) dueAt = Math.min(dueAt, Date.now() + 2000);
    told = moment;
    note(Date.parse(moment.at), moment.left);
    if (known) charts = show(host, charts, {...known, left: moment.left, waiting: moment.waiting}, left, one);
    if (moment.phase === 'ended') stop.abort();
    // Paused, resumed or over: what can be done is another.
    if (before && before !== stage(moment.phase)) again();
  }

  if (began !== 'closed') {
    const state = (now) => {
      if (now !== 'broken') return;
      told = undefined;
      dueAt = 0;
    };
    listen(`${path}/events`, hear, {signal: stop.signal, state}).catch(() => { told = undefined; });
  }

  async function run() {
    while (!signal.aborted) {
      const state = roundState(one, serverNow());
      // It opened or closed by the clock: what can be done is another.
      if (state !== began) { again(); return; }
      const isOpen = ['open', 'paused'].includes(state);
      if (Date.now() < dueAt) {
        await pause(1000, signal);
        continue;
      }
      try {
        known = await get(`${path}/figures`, {}, {signal});
        if (told) known = {...known, left: told.left, waiting: told.waiting};
        note(serverNow(), known.left);
        charts = show(host, charts, known, left, one);
      } catch (error) {
        if (signal.aborted) return;
        if (!error.isOffline && !charts) { put(host, h('p', {class: 'banner bad'}, error.message)); return; }
      }
      dueAt = Date.now() + (told ? 10000 : isOpen ? 2000 : 5000);
    }
  }
  run();
  return host;
}

/** Phases that differ in nothing that can be done are one stage. */
function stage(phase) { return phase === 'sold_out' ? 'open' : phase; }

function show(host, charts, figures, left, one) {
  const behind = (query) => `#${withQuery(`/rounds/${one.id}/coupons`, query)}`;
  const of = (result) => figures.results.find((each) => each.result === result)?.claims ?? 0;
  const given = {title: t('round.ledger'), total: one.stock,
    parts: [{label: t('round.given'), value: one.stock - figures.left, href: behind({state: 'given'})}, {label: t('round.left'), value: figures.left}]};
  const pace = {title: t('round.pace'), x: 'time', series: [{name: t('round.claims'), points: everySecond(figures.claimsPerSecond)}]};
  const rest = {title: t('round.left.time'), x: 'time', series: [{name: t('round.left'), points: [...left]}]};
  const why = {title: t('round.lost'),
    rows: lost.map((result) => ({label: t(`claim.${result}`), value: of(result)})).filter((row) => row.value > 0)};
  const groups = {title: t('round.groups'), rows: figures.groups.map((each, index) => ({label: each.name, value: each.winners,
    href: behind({state: 'given', group: index})}))};
  const branches = {title: t('round.organizations'),
    rows: figures.organizations.map((each) => ({label: each.name, value: each.winners,
      href: behind({state: 'given', organizationId: each.organizationId})}))};
  const sum = t('round.sum', {won: one.stock - figures.left, waiting: figures.waiting, lost: lost.reduce((all, result) => all + of(result), 0)});
  if (charts) {
    [given, pace, rest, why, groups, branches].forEach((options, index) => charts.figures[index].change(options));
    charts.sum.textContent = sum;
    return charts;
  }
  const made = {
    figures: [ledger(given), lines(pace), lines(rest), bars(why), bars(groups), bars(branches)], sum: h('p', {class: 'number'}, sum),
  };
  const [stock, paceLine, restLine, whyBars, groupBars, branchBars] = made.figures;
  const isOver = roundState(one, serverNow()) === 'closed';
  put(host, h('p', {class: 'soft'}, !isOver && t('round.live'),
    figures.soldOutAfterSeconds ? ` ${t('round.soldOut', {span: span(figures.soldOutAfterSeconds)})}` : ''), made.sum,
    h('div', {class: 'halves'}, h('section', {class: 'card'}, stock), h('section', {class: 'card'}, paceLine),
      !isOver && h('section', {class: 'card'}, restLine),
      h('section', {class: 'card'}, whyBars), figures.groups.length > 0 && h('section', {class: 'card'}, groupBars),
      h('section', {class: 'card'}, branchBars)));
  return made;
}

/** Seconds without a claim are told as none, up to five minutes. */
function everySecond(seconds) {
  const claims = new Map(seconds.map((each) => [Date.parse(each.second), each.claims]));
  const times = [...claims.keys()].sort((one, other) => one - other);
  const last = times.at(-1);
  const points = [];
  for (let at = Math.max(times[0], last - 300000); at <= last; at += 1000) points.push([at, claims.get(at) ?? 0]);
  return points;
}

function actions(path, one, state, again) {
  const reasoned = (name, danger = true) => doing(t(`round.${name}`), async () => {
    const reason = await confirm({title: t(`round.${name}`), text: t(`round.${name}.text`), reason: t('part.reason'),
      action: t(`round.${name}`), danger});
    if (reason === null) return;
    await post(`${path}/${name}`, {reason}, {key: true});
    again();
  }, {kind: danger ? 'danger' : ''});
  const found = [];
  if (one.state === 'draft') {
    found.push(doing(t('round.edit'), () => edit(path, one, again)), doing(t('round.announce'), async () => {
      if (await confirm({title: t('round.announce'), text: t('round.announce.text'), action: t('round.announce')}) === null) return;
      await post(`${path}/announce`, undefined, {key: true});
      again();
    }, {kind: 'primary'}));
  }
  if (state === 'paused') found.push(doing(t('round.resume'), () => post(`${path}/resume`, undefined, {key: true}),
    {kind: 'primary', after: again}));
  else if (one.state === 'announced' && state !== 'closed') found.push(reasoned('pause'));
  if (one.state === 'draft' || (one.state === 'announced' && state === 'announced')) found.push(reasoned('cancel'));
  return found;
}

async function edit(path, one, again) {
  const rules = whoFields(one.rules, await ruleTools());
  const dialog = sheet(t('round.edit'), form({
    action: t('action.save'), fields: [roundFields(one), h('details', {}, h('summary', {}, t('program.rules')), rules)],
    submit: async (values) => {
      await call('PUT', path, {json: roundBody(values, rules.read())});
      dialog.close();
      again();
    },
  }));
}
