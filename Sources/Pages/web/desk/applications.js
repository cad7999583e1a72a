// Who asks to become a member: those who wait stand first.

import {h} from '../shared/dom.js';
import {get, post, requestID} from '../shared/api.js';
import {table} from '../shared/table.js';
import {t} from '../shared/text.js';
import {at, doing, headed, organizationOptions} from './service-parts.js';
import {askReason, attributeCatalogue, choices, memberLink, optionName, organizationNames, tag} from './people-parts.js';
import {may} from './rights.js';

/** The list. */
export default async function applications({signal}) {
  const [options, names, catalogue] = await Promise.all([organizationOptions(signal), organizationNames(signal), attributeCatalogue(signal)]);
  return h('div', {class: 'stack'}, headed(t('applications.title')), h('p', {class: 'soft'}, t('applications.text')), table({
    label: t('applications.title'), csvName: 'applications', signal, empty: t('applications.none'),
    filters: [
      {name: 'state', label: t('applications.state'), type: 'select', value: 'pending',
        options: choices('applications.state', ['pending', 'approved', 'rejected', 'withdrawn'])},
      {name: 'organizationId', label: t('applications.organization'), type: 'select', options: [['', t('part.all')], ...options]},
    ],
    columns: [
      {key: 'member', title: t('applications.who'), show: (row) => memberLink(row.memberId, row.member?.name)},
      {key: 'state', title: t('applications.state'), show: (row) => tag('applications.state', row.state)},
      {key: 'phone', title: t('member.phone'), show: (row) => row.member?.phone && h('span', {class: 'whole'}, row.member.phone)},
      {key: 'workerKind', title: t('member.workerKind'),
        show: (row) => row.member && optionName(catalogue, 'worker_kind', row.member.workerKind)},
      {key: 'organizationId', title: t('applications.organization'), sort: (row) => names(row.organizationId),
        show: (row) => names(row.organizationId)},
      {key: 'source', title: t('applications.source'), show: (row) => t(`applications.source.${row.source}`)},
      {key: 'submittedAt', title: t('applications.submitted'), sort: true, show: (row) => at(row.submittedAt)},
      {key: 'decidedAt', title: t('applications.decided'), sort: true, show: (row) => (row.decidedAt ? at(row.decidedAt) : '')},
      {key: 'rejectReason', title: t('applications.reason')},
    ],
    load: (after, query, own) => get('/v1/applications', {limit: 50, after, ...query}, {signal: own}),
    actions: may('applications.decide') ? (row, host) => row.state === 'pending' && [
      doing(t('applications.approve'), () => post(`/v1/applications/${row.id}/approve`, undefined, {key: true}),
        {kind: 'primary', done: t('applications.approved'), after: () => host.reload()}),
      doing(t('applications.reject'), () => reject(row, host)),
    ] : undefined,
  }));
}

function reject(row, host) {
  const key = requestID();
  askReason(t('applications.reject'), {
    text: t(row.source === 'return' ? 'applications.reject.return' : 'applications.reject.text'), action: t('applications.reject'), danger: true,
    submit: async (reason) => { await post(`/v1/applications/${row.id}/reject`, {reason}, {key}); host.reload(); },
  });
}
