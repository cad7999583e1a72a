// Benefits: what needs somebody now, then checkups and programs, coupons, insurance, each behind a tab that the address names.

import {h} from '../shared/dom.js';
import {all, get} from '../shared/api.js';
import {pane} from '../shared/view.js';
import {serverNow} from '../shared/clock.js';
import {day, money, moment, t} from '../shared/text.js';
import {needs} from './benefits-now.js';
import {early} from './early.js';
import {couponCard, roundCard} from './coupon-parts.js';
import {awardTag} from './program-standing.js';

const tabs = {programs, coupons, insurance};

/** The hub of benefits. */
export default async function benefits({query, signal}) {
  const shown = Object.keys(tabs).includes(query.tab) ? query.tab : 'programs';
  const [now, below] = await early(signal, [needs, tabs[shown]]);
  return h('div', {class: 'stack'}, h('h1', {}, t('benefits.title')),
    pane(now, {lines: 2, signal, isAside: true, empty: h('p', {class: 'soft'}, t('benefits.now.none'))}),
    h('nav', {class: 'tabs', 'aria-label': t('benefits.title')}, Object.keys(tabs).map((name) =>
      h('a', {href: `#/benefits?tab=${name}`, 'aria-current': name === shown ? 'page' : null}, t(`benefits.tab.${name}`)))),
    pane(below, {lines: 6, signal, empty: t('benefits.programs.none')}));
}

async function programs(signal) {
  const items = await all('/v1/me/programs', {}, {signal});
  const order = (item) => (item.award === 'offered' ? 0 : item.isOpen ? 1 : item.award ? 2 : 3);
  items.sort((first, second) => order(first) - order(second) || second.id - first.id);
  return items.length ? list(items, programCard) : null;
}

function list(items, card) { return h('ul', {class: 'plain'}, items.map((item) => h('li', {}, card(item)))); }

/** A heading and what stands below it, or what is said where there is nothing. */
function part(title, items, card, none) { return [h('h2', {}, title), items.length ? list(items, card) : h('p', {class: 'soft'}, none)]; }

function programCard(item) {
  const when = item.isOpen && item.closesAt ? t('benefits.program.closes', {time: moment(item.closesAt)})
    : item.state === 'announced' && item.opensAt ? t('benefits.program.opens', {time: moment(item.opensAt)})
    : item.resultsAt && item.resultsAt > new Date(serverNow()).toISOString() ? t('benefits.program.results', {time: moment(item.resultsAt)})
    : t(`program.state.${item.state}`);
  return h('a', {class: 'card', href: `#/programs/${item.id}`},
    h('div', {class: 'spread'}, h('h2', {}, item.title),
      item.award ? awardTag(item.award)
        : item.isOpen && item.mayApply && item.application?.state !== 'applied' ? h('span', {class: 'tag good'}, t('benefits.program.may'))
        : item.application && h('span', {class: 'tag'}, t(`program.application.${item.application.state}`))),
    h('p', {class: 'soft'}, when));
}

async function coupons(signal) {
  const [mine, rounds] = await Promise.all([get('/v1/me/coupons', {}, {signal}), get('/v1/me/coupon-rounds', {}, {signal})]);
  const groups = {
    usable: mine.items.filter((item) => ['claimed', 'annulled', 'refunded'].includes(item.state)),
    redeemed: mine.items.filter((item) => item.state === 'redeemed'),
    over: mine.items.filter((item) => ['expired', 'returned'].includes(item.state)),
  };
  const order = {open: 0, paused: 1, not_open: 2, sold_out: 3, ended: 4};
  const sorted = [...rounds.items].sort((first, second) =>
    order[first.phase] - order[second.phase] || first.opensAt.localeCompare(second.opensAt));
  return h('div', {class: 'stack'}, h('h2', {}, t('benefits.coupons.mine')),
    mine.items.length === 0 && h('p', {class: 'soft'}, t('benefits.coupons.none')),
    Object.entries(groups).map(([name, items]) =>
      items.length > 0 && [h('h3', {}, t(`benefits.coupons.${name}`)), list(items, couponCard)]),
    part(t('benefits.rounds'), sorted, roundCard, t('benefits.rounds.none')));
}

async function insurance(signal) {
  const [policies, batches] = await Promise.all([get('/v1/me/policies', {}, {signal}), all('/v1/me/insurance-batches', {}, {signal})]);
  const order = (item) => (item.standing === 'may_join' ? 0 : item.policyId ? 1 : 2);
  batches.sort((first, second) => order(first) - order(second) || second.batchId - first.batchId);
  return h('div', {class: 'stack'}, part(t('benefits.policies'), policies.items, policyCard, t('benefits.policies.none')),
    part(t('benefits.batches'), batches, batchCard, t('benefits.batches.none')));
}

function policyCard(item) {
  return h('a', {class: 'card', href: `#/policies/${item.id}`},
    h('div', {class: 'spread'}, h('h3', {}, item.product),
      h('span', {class: `tag ${item.covered ? 'good' : ''}`}, t(item.covered ? 'benefits.policy.covered' : `policy.state.${item.state}`))),
    h('p', {}, item.text), h('p', {class: 'soft'}, t('benefits.policy.sum', {sum: money(item.sumInsuredFen), donor: item.donor})),
    item.actions.includes('accept') && item.acceptUntil
      && h('p', {}, h('span', {class: 'tag warn'}, t('benefits.policy.accept', {time: moment(item.acceptUntil)}))));
}

function batchCard(item) {
  const kind = {given: 'good', may_join: 'good', waiting: 'note'}[item.standing] ?? '';
  const [from, to] = [item.coverFrom, item.coverTo].map((date) => day(date, {year: true, weekday: false}));
  return h('a', {class: 'card', href: `#/batches/${item.batchId}`},
    h('div', {class: 'spread'}, h('h3', {}, item.title), h('span', {class: `tag ${kind}`}, t(`batch.standing.${item.standing}`))),
    h('p', {class: 'soft'}, [item.product, item.donor, `${from} – ${to}`].join(' · ')));
}
