// Members who move from one organization to another: both sides agree, or say nothing until the deadline.

import {h} from '../shared/dom.js';
import {get, post, requestID} from '../shared/api.js';
import {table} from '../shared/table.js';
import {place} from '../shared/router.js';
import {named, t} from '../shared/text.js';
import {at, doing, headed, organizationOptions} from './service-parts.js';
import {askReason, choices, memberLink, tag} from './people-parts.js';
import {may} from './rights.js';

/** The list. */
export default async function transfers({signal}) {
  const options = await organizationOptions(signal);
  const agreed = (row, key) => h('span', {class: row[key] ? 'tag good' : 'tag'}, t(row[key] ? 'transfers.agreed' : 'transfers.waits'));
  const side = (row, name, key) => h('div', {}, name, ' ', row.state === 'open' && agreed(row, key));
  return h('div', {class: 'stack'}, headed(t('transfers.title')), h('p', {class: 'soft'}, t('transfers.text')), table({
    label: t('transfers.title'), csvName: 'transfers', signal, empty: t('transfers.none'),
    filters: [
      {name: 'state', label: t('transfers.state'), type: 'select', value: place().query.memberId ? undefined : 'open',
        options: choices('transfers.state', ['open', 'completed', 'refused', 'cancelled'])},
      {name: 'organizationId', label: t('transfers.organization'), type: 'select', options: [['', t('part.all')], ...options]},
      {name: 'memberId', label: t('transfers.memberId'), type: 'number', min: 1},
    ],
    columns: [
      {key: 'memberId', title: t('transfers.member'), sort: true, show: (row) => memberLink(row.memberId)},
      {key: 'state', title: t('transfers.state'), show: (row) => tag('transfers.state', row.state)},
      {key: 'from', title: t('transfers.from'), show: (row) => side(row, named(row.fromOrganizationName, row.fromOrganizationNameEn),
        'releasingAgreed')},
      {key: 'to', title: t('transfers.to'), show: (row) => side(row, named(row.toOrganizationName, row.toOrganizationNameEn),
        'receivingAgreed')},
      {key: 'askedAt', title: t('transfers.asked'), sort: true, show: (row) => at(row.askedAt)},
      {key: 'deadlineAt', title: t('transfers.deadline'), sort: true, show: (row) => at(row.deadlineAt)},
      {key: 'endCause', title: t('transfers.end'), show: (row) => row.endCause && [t(`transfers.cause.${row.endCause}`),
        row.refuseReason && `：${row.refuseReason}`]},
    ],
    load: (after, query, own) => get('/v1/transfers', {limit: 50, after, ...query}, {signal: own}),
    actions: may('applications.decide') ? (row, host) => row.state === 'open' && [
      doing(t('transfers.agree'), () => post(`/v1/transfers/${row.id}/agree`, undefined, {key: true}),
        {kind: 'primary', done: t('transfers.agreed.said'), after: () => host.reload()}),
      doing(t('transfers.refuse'), () => refuse(row, host)),
    ] : undefined,
  }));
}

function refuse(row, host) {
  const key = requestID();
  askReason(t('transfers.refuse'), {
    text: t('transfers.refuse.text'), action: t('transfers.refuse'), danger: true,
    submit: async (reason) => { await post(`/v1/transfers/${row.id}/refuse`, {reason}, {key}); host.reload(); },
  });
}
