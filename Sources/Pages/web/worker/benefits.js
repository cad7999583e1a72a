// Benefits: what needs somebody now, then checkups and programs, coupons, insurance, each behind a tab that the address names.

import {h} from '../shared/dom.js';
import {all, get} from '../shared/api.js';
import {pane} from '../shared/view.js';
import {serverNow} from '../shared/clock.js';
import {day, money, moment, t} from '../shared/text.js';
import {needs} from './benefits-now.js';
import {couponCard, roundCard} from './coupon-parts.js';
import {awardTag} from './program-standing.js';

const tabs = {programs, coupons, insurance};

/** The hub of benefits. */
export default function benefits({query, signal}) {
  const shown = query.tab in tabs ? query.tab : 'programs';
  return h('div', {class: 'stack'}, h('h1', {}, t('benefits.title')),
    pane(needs, {lines: 2, signal, label: t('benefits.now'), empty: h('p', {class: 'soft'}, t('benefits.now.none'))}),
    h('nav', {class: 'tabs', 'aria-label': t('benefits.title')}, Object.keys(tabs).map((name) =>
      h('a', {href: `#/benefits?tab=${name}`, 'aria-current': name === shown ? 'page' : null}, t(`benefits.tab.${name}`)))),
    tabs[shown](signal));
}

function programs(signal) {
  return pane(async (one) => {
    const items = await all('/v1/me/programs', {}, {signal: one});
    const order = (item) => (item.award === 'offered' ? 0 : item.isOpen ? 1 : item.award ? 2 : 3);
    items.sort((first, second) => order(first) - order(second) || second.id - first.id);
    return items.length ? h('ul', {class: 'plain'}, items.map((item) => h('li', {}, programCard(item)))) : null;
  }, {lines: 6, signal, empty: t('benefits.programs.none')});
}

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

function coupons(signal) {
  const mine = pane(async (one) => {
    const {items} = await get('/v1/me/coupons', {}, {signal: one});
    if (!items.length) return null;
    const isUsable = (item) => ['claimed', 'annulled', 'refunded'].includes(item.state);
    const group = (title, list) => list.length > 0
      && [h('h3', {}, title), h('ul', {class: 'plain'}, list.map((item) => h('li', {}, couponCard(item))))];
    return h('div', {},
      group(t('benefits.coupons.usable'), items.filter(isUsable)),
      group(t('benefits.coupons.redeemed'), items.filter((item) => item.state === 'redeemed')),
      group(t('benefits.coupons.over'), items.filter((item) => ['expired', 'returned'].includes(item.state))));
  }, {lines: 3, signal, empty: t('benefits.coupons.none')});
  const rounds = pane(async (one) => {
    const {items} = await get('/v1/me/coupon-rounds', {}, {signal: one});
    const order = {open: 0, paused: 1, not_open: 2, sold_out: 3, ended: 4};
    const sorted = [...items].sort((first, second) => order[first.phase] - order[second.phase] || first.opensAt.localeCompare(second.opensAt));
    return items.length ? h('ul', {class: 'plain'}, sorted.map((item) => h('li', {}, roundCard(item)))) : null;
  }, {lines: 4, signal, empty: t('benefits.rounds.none')});
  return h('div', {class: 'stack'}, h('h2', {}, t('benefits.coupons.mine')), mine, h('h2', {}, t('benefits.rounds')), rounds);
}

function insurance(signal) {
  const policies = pane(async (one) => {
    const {items} = await get('/v1/me/policies', {}, {signal: one});
    return items.length ? h('ul', {class: 'plain'}, items.map((item) => h('li', {}, policyCard(item)))) : null;
  }, {lines: 3, signal, empty: t('benefits.policies.none')});
  const batches = pane(async (one) => {
    const items = await all('/v1/me/insurance-batches', {}, {signal: one});
    const order = (item) => (item.standing === 'may_join' ? 0 : item.policyId ? 1 : 2);
    items.sort((first, second) => order(first) - order(second) || second.batchId - first.batchId);
    return items.length ? h('ul', {class: 'plain'}, items.map((item) => h('li', {}, batchCard(item)))) : null;
  }, {lines: 3, signal, empty: t('benefits.batches.none')});
  return h('div', {class: 'stack'}, h('h2', {}, t('benefits.policies')), policies, h('h2', {}, t('benefits.batches')),
    h('p', {class: 'soft'}, t('benefits.batches.text')), batches);
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
  return h('a', {class: 'card', href: `#/batches/${item.batchId}`},
    h('div', {class: 'spread'}, h('h3', {}, item.title),
      h('span', {class: `tag ${{given: 'good', may_join: 'good', waiting: 'note'}[item.standing] ?? ''}`}, t(`batch.standing.${item.standing}`))),
    h('p', {class: 'soft'}, [item.product, item.donor, `${day(item.coverFrom, {year: true, weekday: false})} – ${day(item.coverTo, {year: true, weekday: false})}`]
      .join(' · ')));
}
