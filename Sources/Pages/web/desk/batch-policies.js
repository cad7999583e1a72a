// A batch's policies, masked: rejected ones are mended, those that do not cover yet can be taken back.

import {h} from '../shared/dom.js';
import {get, post} from '../shared/api.js';
import {table} from '../shared/table.js';
import {day, money, t} from '../shared/text.js';
import {act, confirm} from '../shared/view.js';
import {at, doing, section, stateTag, word} from './service-parts.js';
import {may} from './rights.js';

const states = ['reserved', 'sent', 'rejected', 'issued', 'accepted', 'active', 'claimed', 'refused', 'returned', 'expired', 'cancelled'];

/** The policies and the claims under them. */
export function policiesPart(path, one, signal, again) {
  const list = table({
    label: t('policy.list'), signal, csvName: `batch-${one.id}-policies`, empty: t('policy.none'),
    filters: [{name: 'state', label: t('programs.state'), type: 'select',
      options: [['', t('part.all')], ...states.map((each) => [each, t(`policy.state.${each}`)])]}],
    columns: [
      {key: 'reference', title: t('policy.reference'), sort: true},
      {key: 'member', title: t('people.member'), show: (row) => h('a', {href: `#/members/${row.memberId}`},
        `${row.name ?? ''} #${row.memberId}`)},
      {key: 'state', title: t('programs.state'), sort: true, show: (row) => stateTag('policy', row.state)},
      {key: 'number', title: t('policy.number'), sort: true},
      {key: 'coverFrom', title: t('batch.cover'), sort: true,
        show: (row) => `${day(row.coverFrom, {weekday: false})} – ${day(row.coverTo, {weekday: false})}`},
      {key: 'reason', title: t('part.reason')}, {key: 'changedAt', title: t('people.changedAt'), sort: true,
        show: (row) => at(row.changedAt)},
    ],
    load: (after, query, own) => get(`${path}/policies`, {limit: 25, after, ...query}, {signal: own}),
    actions: may('insurance.write') ? (row, host) => policyActions(path, row, host) : undefined,
  });
  const claims = table({
    label: t('policy.claims'), signal, lines: 2, csvName: `batch-${one.id}-claims`, empty: t('policy.claims.none'),
    columns: [
      {key: 'id', title: t('policy.claim'), show: (row) => `#${row.id}`},
      {key: 'memberId', title: t('people.member'), show: (row) => h('a', {href: `#/members/${row.memberId}`}, `#${row.memberId}`)},
      {key: 'kind', title: t('policy.claim.kind'), show: (row) => word('policy.claim.kind', row.kind)},
      {key: 'state', title: t('programs.state'), show: (row) => stateTag('policyclaim', row.state)},
      {key: 'happenedOn', title: t('policy.claim.on'), sort: true, show: (row) => day(row.happenedOn)},
      {key: 'paidFen', title: t('reconciliation.paid'), number: true, show: (row) => (row.paidFen === undefined ? '' : money(row.paidFen))},
    ],
    load: (after, query, own) => get(`${path}/claims`, {limit: 25, after}, {signal: own}),
  });
  return [
    section(t('policy.list'), list,
      may('insurance.write') && one.places.rejected > 0 && doing(t('policy.mend.all', {n: one.places.rejected}), async () => {
      const reason = await confirm({title: t('policy.mend'), text: t('policy.mend.text'), reason: t('policy.mend.reason'),
        action: t('policy.mend')});
      if (reason === null) return;
      await post(`${path}/policies/mend`, {reason}, {key: true});
      again();
    })),
    section(t('policy.claims'), claims),
  ];
}

function policyActions(path, row, host) {
  const button = (text, action) => h('button', {type: 'button', class: 'quiet', onclick: (event) => act(event.target, action)}, text);
  return [
    row.state === 'rejected' && button(t('policy.mend'), async () => {
      await post(`${path}/policies/${row.id}/mend`, undefined, {key: true});
      host.reload();
    }),
    ['reserved', 'sent', 'rejected', 'issued'].includes(row.state) && button(t('policy.return'), async () => {
      const reason = await confirm({title: t('policy.return'), text: t('policy.return.text'), reason: t('part.reason'),
        action: t('policy.return'), danger: true});
      if (reason === null) return;
      await post(`${path}/policies/${row.id}/return`, {reason}, {key: true});
      host.reload();
    }),
  ];
}
