// Where a member belonged, which stations they went to, what they agreed to, and what was done with their file.

import {h} from '../shared/dom.js';
import {get} from '../shared/api.js';
import {table} from '../shared/table.js';
import {hasText, named, span, t} from '../shared/text.js';
import {at, section, who} from './service-parts.js';
import {auditTable} from './audit-table.js';
import {memberLink} from './people-parts.js';
import {pane} from '../shared/view.js';

/** Memberships, the present one first; whom the member was merged with. */
export function membershipsPart({path, names, signal}) {
  return h('div', {class: 'stack'}, table({
    label: t('member.tab.memberships'), csvName: 'memberships', signal, lines: 3,
    columns: [
      {key: 'organizationId', title: t('member.organization'),
        show: (row) => h('a', {href: `#/organizations/${row.organizationId}`}, names(row.organizationId))},
      {key: 'startedAt', title: t('membership.from'), sort: true, show: (row) => at(row.startedAt)},
      {key: 'endedAt', title: t('membership.until'), sort: true, show: (row) => (row.endedAt ? at(row.endedAt) : t('membership.present'))},
      {key: 'cause', title: t('membership.cause'), show: (row) => row.cause && t(`membership.cause.${row.cause}`)},
    ],
    load: (after, query, own) => get(`${path}/memberships`, {}, {signal: own}),
  }), pane(async (own) => {
    const {items} = await get(`${path}/merges`, {}, {signal: own});
    return h('div', {}, items.length > 0 && section(t('member.merges'), h('ul', {}, items.map((one) => h('li', {},
      memberLink(one.mergedMemberId), ' → ', memberLink(one.memberId), ` · ${at(one.mergedAt)} · ${who(one.mergedBy)} · ${one.reason}`)))));
  }, {signal, lines: 1}));
}

/** Visits to stations, the newest first. */
export function visitsPart({path, signal}) {
  return table({
    label: t('member.tab.visits'), csvName: 'visits', signal, empty: t('member.visits.none'),
    columns: [
      {key: 'station', title: t('visit.station'),
        show: (row) => h('a', {href: `#/stations/${row.stationId}`}, named(row.stationNameZh, row.stationNameEn))},
      {key: 'enteredAt', title: t('visit.entered'), sort: true, show: (row) => at(row.enteredAt)},
      {key: 'leftAt', title: t('visit.left'), sort: true,
        show: (row) => (row.isAutomatic ? t('visit.automatic') : row.leftAt ? at(row.leftAt) : t('visit.unknown'))},
      {key: 'stay', title: t('visit.stay'),
        show: (row) => (row.leftAt && !row.isAutomatic ? span((Date.parse(row.leftAt) - Date.parse(row.enteredAt)) / 1000) : '')},
    ],
    load: (after, query, own) => get(`${path}/visits`, {limit: 50, after}, {signal: own}),
  });
}

/** Consents in force, and every change of them. */
export function consentsPart({path, signal}) {
  const columns = [
    {key: 'purpose', title: t('consent.purpose'), show: (row) => t(`consent.purpose.${row.purpose}`)},
    {key: 'given', title: t('consent.given'), show: (row) => h('span', {class: row.given ? 'tag good' : 'tag'},
      t(row.given ? 'consent.yes' : 'consent.no'))},
    {key: 'channel', title: t('consent.channel'), show: (row) => t(`consent.channel.${row.channel}`)},
    {key: 'textVersion', title: t('consent.version')},
    {key: 'recordedAt', title: t('consent.at'), show: (row) => at(row.recordedAt)},
    {key: 'recordedBy', title: t('consent.by'), show: (row) => (hasText(`part.who.${row.recordedBy.split(':')[0]}`) ? who(row.recordedBy)
      : row.recordedBy)},
  ];
  return pane(async (own) => {
    const {items, history} = await get(`${path}/consents`, {}, {signal: own});
    if (!items.length && !history.length) return null;
    return h('div', {class: 'stack'},
      table({label: t('member.tab.consents'), signal, lines: 3, csvName: 'consents', columns, load: async () => ({items})}),
      section(t('consent.history'),
        table({label: t('consent.history'), signal, lines: 3, csvName: 'consent-history', columns, load: async () => ({items: history})})));
  }, {signal, empty: t('consent.none')});
}

/** Who changed this member's file and who read it. */
export function historyPart({id, names, signal}) {
  return h('div', {}, h('p', {class: 'soft'}, t('member.history.text')), auditTable({signal, names, fixed: {subject: `member:${id}`}}));
}
