// Who came in and out of a station, and who was refused: the rows behind its figures, by the same days and hours.

import {h} from '../shared/dom.js';
import {all, get} from '../shared/api.js';
import {table} from '../shared/table.js';
import {named, span, t} from '../shared/text.js';
import {pane} from '../shared/view.js';
import {at, headed, trail, word} from './service-parts.js';
import {may} from './rights.js';

/** The view; which scans are asked for stands in the address. */
export default function stationScans({params, signal, title}) {
  const path = `/v1/stations/${params.id}`;
  return pane(async (own) => {
    const [one, doors] = await Promise.all([get(path, {}, {signal: own}), all(`${path}/access-points`, {}, {signal: own})]);
    const name = named(one.nameZh, one.nameEn);
    title(`${t('station.scans')} · ${name}`);
    const hours = Array.from({length: 24}, (_, hour) => [String(hour), `${String(hour).padStart(2, '0')}:00`]);
    return h('div', {class: 'stack'}, trail(['/stations', t('stations.title')], [`/stations/${one.id}`, name]),
      headed(t('station.scans'), h('a', {class: 'button', href: `#/visitors?stationId=${one.id}`}, t('visitors.title'))),
      scanTable(one, new Map(doors.map((door) => [door.id, door.name])), own, [
        {name: 'from', label: t('visitors.from'), type: 'date'}, {name: 'to', label: t('visitors.to'), type: 'date'},
        {name: 'hour', label: t('scan.hour'), type: 'select', options: [['', t('part.all')], ...hours]},
        {name: 'weekday', label: t('scan.weekday'), type: 'select',
          options: [['', t('part.all')], ...[1, 2, 3, 4, 5, 6, 7].map((day) => [String(day), t(`weekday.${day}`)])]},
        {name: 'result', label: t('scan.result'), type: 'select', options: [['', t('part.all')],
          ['entered', t('scan.in')], ['left', t('scan.out')], ['refused', t('scan.refused')]]},
      ]));
  }, {signal, lines: 14});
}

/** Scans of a station as a table, the newest first. */
export function scanTable(one, doorNames, signal, filters = []) {
  const member = (row) => row.memberId && (may('members.read')
    ? h('a', {href: `#/members/${row.memberId}`}, t('part.who.member', {number: String(row.memberId)})) : String(row.memberId));
  return table({
    label: t('station.scans'), csvName: `station-${one.id}-scans`, signal, filters, empty: t('scan.none.yet'),
    columns: [
      {key: 'occurredAt', title: t('scan.at'), sort: true, show: (row) => at(row.occurredAt)},
      {key: 'open', title: t('scan.result'), show: (row) => h('span', {class: `tag ${row.open ? 'good' : 'bad'}`},
        t(row.open ? `scan.${row.direction}` : 'scan.refused'))},
      {key: 'reasons', title: t('scan.reasons'),
        show: (row) => [...row.reasons, ...row.softReasons].map((code) => word('reason', code)).join(t('station.comma'))},
      {key: 'accessPointId', title: t('scan.door'), show: (row) => doorNames.get(row.accessPointId) ?? String(row.accessPointId)},
      {key: 'credentialKind', title: t('scan.by'), show: (row) => word('scan.by', row.credentialKind)},
      {key: 'memberId', title: t('scan.member'), show: member},
      {key: 'dwellSeconds', title: t('scan.stayed'), number: true, sort: true,
        show: (row) => Number.isFinite(row.dwellSeconds) && span(row.dwellSeconds)},
      {key: 'decidedBy', title: t('scan.decided'), show: (row) => word('scan.decided', row.decidedBy)},
    ],
    load: (after, query, own) => get('/v1/access/events', {stationId: one.id, limit: 50, after, ...query}, {signal: own}),
  });
}
