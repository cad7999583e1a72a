// A round of coupons: the time until it opens by the server's clock, one button that lives the instant it does, and what came of the claim.

import {h, put, announce} from '../shared/dom.js';
import {get, listen} from '../shared/api.js';
import {learnTime, serverNow} from '../shared/clock.js';
import {showRefusal, toast} from '../shared/view.js';
import {money, moment, t} from '../shared/text.js';
import {claim, openClaim, outcome, settle} from './claim.js';
import {condition, isNotFor, phaseTag, worth} from './coupon-parts.js';
import {countdown, secondsUntil} from './countdown.js';
import {whole} from './early.js';
import {facts} from './explained.js';
import {claimResult, notForYou} from './round-result.js';

/** The view of one round. */
export default async function round({params, signal, title}) {
  const place = await whole(signal, async (one) => {
    const asked = Date.now();
    const {items} = await get('/v1/me/coupon-rounds', {}, {signal: one});
    const found = items.find((item) => String(item.id) === params.id);
    if (!found) return null;
    learnTime(found.serverTime, asked, Date.now(), {resolution: 1});
    title(`${worth(found)} ${found.title}`);
    const venues = found.goods ? (await get(`/v1/me/coupon-campaigns/${found.campaignId}/venues`, {}, {signal: one})).items : [];
    return page(found, venues, signal);
  }, {lines: 8, empty: h('div', {}, h('h1', {}, t('round.title')), h('p', {}, t('round.gone')),
    h('a', {class: 'button primary', href: '#/benefits?tab=coupons'}, t('round.others')))});
  return h('div', {}, h('a', {class: 'back', href: '#/benefits?tab=coupons'}, '‹ ', t('benefits.title')), place);
}

function page(first, venues, signal) {
  let now = first;
  let answer;
  let isClaiming = false;
  let waiting;
  const tag = h('span', {});
  const big = h('button', {type: 'button', class: 'primary wide large claim', onclick: press});
  const said = h('div', {class: 'claim-said', role: 'status'});
  const result = h('div', {});
  const barred = h('div', {});
  const left = h('p', {class: 'soft'});
  const choice = venues.length > 0 && venueChoice(venues);

  const phase = () => (now.phase === 'not_open' && Date.parse(now.opensAt) <= serverNow() ? 'open' : now.phase);
  const isDone = () => answer && ['won', 'pending'].includes(answer.result) && now.own + (answer.result === 'pending' ? 1 : 0) >= now.cap;
  const isBarred = () => isNotFor({...now, phase: phase()});
  const isInVain = () => answer && ['not_eligible', 'limit_reached'].includes(answer.result);

  // The button stays the same element all along: who has the finger or the focus on it keeps it when the round opens.
  let told;
  function draw() {
    const present = phase();
    put(tag, phaseTag(present));
    const isOver = ['ended', 'sold_out'].includes(present) || isDone() || isInVain() || isBarred() || now.isWaiting || now.own >= now.cap;
    big.hidden = isOver && !isClaiming;
    if (choice) choice.hidden = big.hidden;
    big.setAttribute('aria-disabled', String(isClaiming || present === 'paused'));
    big.classList.toggle('busy', isClaiming);
    big.classList.toggle('early', present === 'not_open');
    left.textContent = present in {ended: 1, sold_out: 1} ? t(`round.over.${present}`) : t('round.left', {n: now.leftAtLeast});
    const key = `${present} ${isClaiming} ${now.own} ${isBarred()} ${now.reason?.text}`;
    if (key === told) return;
    if (told?.startsWith('paused') && present !== 'paused') put(said);
    told = key;
    put(barred, isBarred() && !answer && notForYou(now));
    barred.hidden = !barred.firstChild;
    said.hidden = isBarred() && !answer;
    if (isClaiming) put(big, t('round.claiming'));
    else if (present === 'not_open') {
      put(big, h('span', {}, t('round.opens_in'), ' ', countdown(now.opensAt, {signal, isLarge: true, over: opened})));
    } else if (present === 'paused') put(big, t('round.paused'));
    else put(big, t(now.mode === 'draw' ? 'round.enter' : 'round.claim', {worth: worth(now)}));
    if (!answer && present === 'paused' && now.pauseReason) put(said, h('p', {class: 'banner warn'}, now.pauseReason));
  }

  function opened() {
    // Within the countdown's own turn the button still shows it: it changes right after.
    queueMicrotask(() => {
      if (signal.aborted) return;
      put(said);
      draw();
      announce(t('round.now'), {urgent: true});
    });
  }

  function press() {
    if (isClaiming) return;
    if (phase() === 'paused') toast(t('round.paused'), {kind: 'bad'});
    else if (phase() === 'not_open') put(said, h('p', {class: 'banner'}, t('round.early', {n: Math.max(1, secondsUntil(now.opensAt))})));
    else send();
  }

  async function send() {
    const venueId = Number(choice && choice.querySelector('input:checked')?.value) || undefined;
    if (choice && !venueId && !(await openClaim(now.id))) {
      put(said, h('p', {class: 'banner warn'}, t('round.venue.first')));
      choice.querySelector('input:not(:disabled)')?.focus();
      return;
    }
    isClaiming = true;
    put(said);
    draw();
    try {
      answered(await claim(now.id, {
        venueId, opensAt: now.opensAt, signal,
        tell: ({attempt, seconds, isOffline}) => put(said, h('p', {class: 'banner warn'},
          t(isOffline ? 'round.offline' : 'round.busy', {n: attempt, seconds}))),
      }));
    } catch (error) {
      if (!signal.aborted) {
        put(said);
        showRefusal(error);
      }
    } finally {
      isClaiming = false;
      if (!signal.aborted) draw();
    }
  }

  function answered(given) {
    answer = given;
    waiting = given.result === 'pending' ? given.requestId : undefined;
    if (given.result === 'won') now = {...now, own: Math.max(now.own, 1), isWaiting: false};
    put(said);
    put(result, claimResult(given, now));
    announce(t(`round.result.${given.result}`), {urgent: true});
    result.querySelector('h2')?.focus();
    draw();
  }

  /** Asks what became of the claim that waits. */
  async function ask() {
    if (!waiting) return;
    const given = await outcome(now.id, waiting, signal).catch(() => null);
    if (given === null || given?.result === 'pending' || signal.aborted) return;
    await settle(now.id);
    answered(given ?? {result: 'sold_out', reasons: [], requestId: waiting});
  }

  async function resume() {
    const open = await openClaim(now.id);
    if (!open || signal.aborted) return;
    if (now.isWaiting) {
      waiting = open.requestId;
      answered({result: 'pending', reasons: [], requestId: waiting});
      await ask();
    } else send();
  }

  listen(`/v1/coupon-rounds/${now.id}/events`, (event, data) => {
    if (event === 'round') {
      const wasBarred = isBarred();
      now = {...now, ...data, reason: data.reason ?? (data.eligible === true ? undefined : now.reason)};
      draw();
      if (wasBarred && now.eligible) announce(t('round.not_for_you.now'));
      if (waiting && !data.isWaiting) ask();
    } else if (event === 'claim') {
      settle(now.id);
      answered(data);
    }
  }, {signal}).catch(() => { /* Without changes told, the button and its answer still say everything. */ });

  draw();
  if (now.isWaiting) put(result, claimResult({result: 'pending', reasons: []}, now));
  else if (now.own > 0) put(result, claimResult({result: 'won', reasons: []}, now));
  resume();
  return h('div', {class: 'stack'},
    h('div', {class: 'spread'}, h('h1', {}, worth(now), ' ', h('small', {}, now.title)), tag),
    h('p', {}, condition(now), ' · ', t('round.number', {n: now.number}), ' · ', t('round.cap', {n: now.cap})),
    result, barred, choice, big, said, left,
    how(now));
}

function venueChoice(venues) {
  return h('fieldset', {class: 'venues'}, h('legend', {}, t('round.venue')), venues.map((one) => h('label', {class: 'line'},
    h('input', {type: 'radio', name: 'venue', value: one.id, disabled: one.leftAtLeast === 0}),
    h('span', {}, one.name, h('small', {class: 'below'}, one.address, one.leftAtLeast === 0 && ` · ${t('round.venue.none')}`)))));
}

function how(about) {
  const isDrawn = about.mode === 'equal_start' && about.phase === 'ended';
  return h('section', {class: 'card'},
    h('h2', {}, t('round.how')), h('p', {}, t(`round.how.${about.mode}`, {n: about.equalStartSeconds ?? 0})),
    facts([
      [t('round.opens'), moment(about.opensAt)], [t('round.closes'), moment(about.closesAt)],
      [t('round.face'), about.goods ?? money(about.faceFen)], [t('round.each'), t('program.quota.coupon', {n: about.cap})],
    ]),
    h('p', {class: 'soft'}, t('round.clock')),
    h('details', {}, h('summary', {}, t('program.hashes')), facts([
      [t('program.hash.rules'), h('code', {}, about.rulesHash)],
      [t('program.hash.lottery'), about.commitment && h('code', {}, about.commitment)],
    ])),
    isDrawn && h('a', {href: `/v1/public/coupon-rounds/${about.id}/shuffle`, download: 'shuffle.csv'}, t('round.shuffle')));
}
