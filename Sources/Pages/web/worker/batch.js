// A batch of insurance: joining mutual aid while places last, why somebody has a policy or none, and how the result can be checked.

import {h} from '../shared/dom.js';
import {get, post} from '../shared/api.js';
import {pane} from '../shared/view.js';
import {go} from '../shared/router.js';
import {count, day, money, moment, t} from '../shared/text.js';
import {countdown} from './countdown.js';
import {doing} from './doing.js';
import {whole} from './early.js';
import {explained, facts} from './explained.js';
import {attributeNames, rulesInWords} from './rules.js';

/** The view of one batch. */
export default async function batch({params, signal, title}) {
  const place = await whole(signal, async (one) => {
    const [own, sheet, names] = await Promise.all([
      get(`/v1/me/insurance-batches/${params.id}/standing`, {}, {signal: one}),
      get(`/v1/public/insurance-batches/${params.id}`, {}, {signal: one}), attributeNames(),
    ]);
    title(own.title);
    return h('div', {class: 'stack'},
      h('div', {class: 'spread'}, h('h1', {}, own.title),
        h('span', {class: 'tag note'}, t(own.kind === 'mutual_aid' ? 'batch.mutual_aid' : `batch.state.${own.state}`))),
      h('section', {class: 'card'}, h('h2', {}, t('batch.mine')), explained(own.lines),
        own.policyId && h('a', {class: 'button primary', href: `#/policies/${own.policyId}`}, t('batch.policy')),
        own.standing === 'may_join' && join(own, one, () => place.reload())),
      h('section', {class: 'card'}, h('h2', {}, t('batch.about')), facts([
        [t('batch.product'), own.product], [t('policy.sum'), money(own.sumInsuredFen)], [t('policy.donor'), own.donor],
        [t('policy.cover'), `${day(own.coverFrom, {year: true, weekday: false})} – ${day(own.coverTo, {year: true, weekday: false})}`],
        [t('batch.size'), count(sheet.size)],
        [t('policy.contribution'), own.contributionFen > 0 && money(own.contributionFen)],
      ])),
      h('section', {class: 'card'}, h('h2', {}, t('program.rules')), rulesInWords(sheet.rules, names, {shares: 'policy'})),
      own.kind === 'mutual_aid' && payouts(own, one), proof(own, sheet));
  }, {lines: 8});
  return h('div', {}, h('a', {class: 'back', href: '#/benefits?tab=insurance'}, '‹ ', t('benefits.title')), place);
}

function join(own, signal, reload) {
  let joined;
  return h('div', {},
    own.joinUntil && h('p', {}, t('batch.join_until', {time: moment(own.joinUntil)}), ' · ',
      countdown(own.joinUntil, {signal, over: reload})),
    doing(t('batch.join'), async () => { joined = await post(`/v1/me/insurance-batches/${own.batchId}/join`); }, {
      kind: 'primary wide large', ask: {text: t('batch.join.text', {sum: money(own.contributionFen)})}, done: t('batch.joined'),
      after: () => go(`/policies/${joined.id}`),
    }));
}

function payouts(own, signal) {
  return h('section', {class: 'card'}, h('h2', {}, t('batch.payouts')), pane(async (one) => {
    const {items} = await get(`/v1/public/insurance-batches/${own.batchId}/payouts`, {limit: 20}, {signal: one});
    return items.length ? h('ul', {class: 'plain lines'}, items.map((item) => h('li', {},
      [item.month, t(`policy.claim.kind.${item.kind}`), item.district].filter(Boolean).join(' · '), ' ',
      h('strong', {}, money(item.paidFen))))) : null;
  }, {lines: 2, signal, empty: h('p', {class: 'soft'}, t('batch.payouts.none'))}));
}

function proof(own, sheet) {
  const {draw, lottery} = own;
  return h('section', {class: 'card'}, h('h2', {}, t('program.proof')),
    draw && facts([
      [t('batch.number'), h('code', {}, String(draw.number))],
      [t('batch.place'), t('batch.place.of', {place: draw.place, of: draw.candidates})],
      [t('batch.class'), draw.className ?? t('batch.class.n', {n: draw.class})],
      [t('batch.last'), draw.lastPlace && count(draw.lastPlace)],
      [t('batch.policies'), count(draw.policies)],
      [t('batch.groups'), draw.groups.join('、')],
    ]),
    draw?.floorDecided && h('p', {}, t('batch.floor_decided')),
    h('p', {}, t('batch.proof.text')),
    h('details', {}, h('summary', {}, t('program.hashes')), facts([
      [t('batch.lottery'), h('code', {}, sheet.lotteryName)],
      [t('program.hash.lottery'), sheet.lotteryCommitment && h('code', {}, sheet.lotteryCommitment)],
      [t('batch.secret'), (lottery?.secret ?? sheet.lotterySecret) && h('code', {}, lottery?.secret ?? sheet.lotterySecret)],
      [t('program.hash.rules'), sheet.rulesHash && h('code', {}, sheet.rulesHash)],
      [t('program.hash.inputs'), sheet.inputsHash && h('code', {}, sheet.inputsHash)],
    ])));
}
