// Who got the coupons of a round, and what became of each: the rows behind its figures. Who got nothing is only counted.

import {h} from '../shared/dom.js';
import {get} from '../shared/api.js';
import {table} from '../shared/table.js';
import {money, t} from '../shared/text.js';
import {pane} from '../shared/view.js';
import {at, headed, organizationOptions, stateTag, trail} from './service-parts.js';
import {may} from './rights.js';

const states = ['given', 'claimed', 'redeemed', 'annulled', 'refunded', 'expired', 'returned'];

/** The view; which coupons are asked for stands in the address. */
export default function roundCoupons({params, signal, title}) {
  const path = `/v1/coupon-rounds/${params.id}`;
  return pane(async (own) => {
    const [one, organizations] = await Promise.all([get(path, {}, {signal: own}),
      may('organizations.read') ? organizationOptions(own) : []]);
    const campaign = await get(`/v1/coupon-campaigns/${one.campaignId}`, {}, {signal: own});
    const groups = one.rules.groups ?? [];
    title(`${t('round.coupons')} · ${campaign.title}`);
    return h('div', {class: 'stack'}, trail(['/coupons', t('coupons.title')], [`/coupons/${campaign.id}`, campaign.title],
      [`/rounds/${one.id}`, t('round.number', {number: one.number})]), headed(t('round.coupons')),
    table({
      label: t('round.coupons'), csvName: `round-${one.id}-coupons`, signal: own, empty: t('round.coupons.none'),
      filters: [
        {name: 'state', label: t('programs.state'), type: 'select',
          options: [['', t('part.all')], ...states.map((state) => [state, t(`owned.state.${state}`)])]},
        organizations.length > 0 && {name: 'organizationId', label: t('round.organization'), type: 'select',
          options: [['', t('part.all')], ...organizations]},
        groups.length > 0 && {name: 'group', label: t('round.groups'), type: 'select',
          options: [['', t('part.all')], ...groups.map((group, index) => [String(index), group.name])]},
      ].filter(Boolean),
      columns: [
        {key: 'claimedAt', title: t('round.claimedAt'), sort: true, show: (row) => at(row.claimedAt)},
        {key: 'memberId', title: t('scan.member'), show: (row) => who(row)},
        {key: 'organizationName', title: t('round.organization'), sort: true, show: (row) => row.organizationName},
        groups.length > 0 && {key: 'groups', title: t('round.groups'),
          show: (row) => row.groups.map((index) => groups[index]?.name).filter(Boolean).join(t('station.comma'))},
        {key: 'state', title: t('programs.state'), sort: true, show: (row) => stateTag('owned', row.state)},
        {key: 'faceFen', title: t('round.worth'), number: true, show: (row) => money(row.faceFen)},
        {key: 'changedAt', title: t('round.changedAt'), sort: true, show: (row) => row.changedAt !== row.claimedAt && at(row.changedAt)},
      ].filter(Boolean),
      load: (after, query, signalOfPage) => get(`${path}/coupons`, {limit: 50, after, ...query}, {signal: signalOfPage}),
    }));
  }, {signal, lines: 14});
}

function who(row) {
  const name = `${row.member?.maskedName ?? ''} ${row.member?.maskedPhone ?? ''}`.trim()
    || t('part.who.member', {number: String(row.memberId)});
  return may('members.read') ? h('a', {href: `#/members/${row.memberId}`}, name) : name;
}
