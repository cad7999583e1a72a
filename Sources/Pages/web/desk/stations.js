// All stations as a table and on a map, each with how it stands now.

import {h} from '../shared/dom.js';
import {all, get} from '../shared/api.js';
import {map} from '../shared/map.js';
import {go} from '../shared/router.js';
import {table} from '../shared/table.js';
import {ago, count, named, t} from '../shared/text.js';
import {pane} from '../shared/view.js';
import {doing, headed, organizationOptions, word} from './service-parts.js';
import {askNewStation} from './station-forms.js';
import {inside, standing} from './station-parts.js';
import {may} from './rights.js';

/** The list and the map. */
export default async function stations({signal}) {
  const organizations = may('organizations.read') ? await organizationOptions(signal) : [];
  const board = async (own) => new Map((await get('/v1/station-board', {}, {signal: own})).items.map((one) => [one.id, one]));
  return h('div', {class: 'stack'},
    headed(t('stations.title'), h('a', {class: 'button', href: '#/board'}, t('board.title')),
      h('a', {class: 'button', href: '#/visitors'}, t('visitors.title')),
      may('stations.write') && doing(t('stations.add'), () => askNewStation((made) => go(`/stations/${made.id}`)), {kind: 'primary'})),
    table({
      label: t('stations.title'), csvName: 'stations', signal, lines: 24, empty: t('stations.empty'), rowHref: (row) => `#/stations/${row.id}`,
      filters: organizations.length ? [{name: 'organizationId', label: t('stations.organization'), type: 'select',
        options: [['', t('part.all')], ...organizations]}] : [],
      columns: [
        {key: 'name', title: t('stations.name'), sort: (row) => named(row.nameZh, row.nameEn), show: (row) => named(row.nameZh, row.nameEn)},
        {key: 'standing', title: t('stations.standing'), sort: (row) => standing(row.line)[0].rank,
          csv: (row) => standing(row.line).map((one) => one.text).join('; '), show: (row) => tags(row.line)},
        {key: 'peopleInside', title: t('stations.inside'), number: true, sort: true, show: (row) => inside(row)},
        {key: 'entries', title: t('stations.entries'), number: true, sort: (row) => row.line.entriesLastHour,
          show: (row) => count(row.line.entriesLastHour)},
        {key: 'last', title: t('stations.last'), sort: (row) => row.line.lastEntryAt, show: (row) => row.line.lastEntryAt && ago(row.line.lastEntryAt)},
        {key: 'kind', title: t('stations.kind'), show: (row) => word('stations.kind', row.kind)},
        {key: 'address', title: t('stations.address')},
      ],
      load: async (after, query, own) => {
        const [page, lines] = await Promise.all([get('/v1/stations', {limit: 100, after, ...query}, {signal: own}), board(own)]);
        return {next: page.next, items: page.items.map((one) => ({...one, line: lines.get(one.id) ?? unknownLine(one)}))};
      },
    }),
    h('h2', {}, t('stations.map')), pane(async (own) => {
      const [items, lines] = await Promise.all([all('/v1/stations', {}, {signal: own, max: 5000}), board(own)]);
      const places = items.map((one) => place(one, lines.get(one.id) ?? unknownLine(one))).filter((one) => Number.isFinite(one.latitude));
      return places.length ? map({places, label: t('stations.map')}) : null;
    }, {signal, lines: 10, label: t('stations.map'), empty: t('stations.unplaced')}));
}

/** A station that is not on the board (it was given up, or is only just made), as one that nothing is known of. */
function unknownLine(one) {
  return {...one, isOpen: one.status === 'open', entriesLastHour: 0, refusalsLastHour: 0, alarmsOpen: 0, controllers: 0, controllersSilent: 0};
}

function tags(line) { return h('span', {class: 'chips'}, standing(line).map(({tone, text}) => h('span', {class: `tag ${tone}`}, text))); }

function place(one, line) {
  const [worst] = standing(line);
  return {id: one.id, name: named(one.nameZh, one.nameEn), latitude: one.latitude, longitude: one.longitude, tone: worst.tone,
    note: `${worst.text} · ${inside(one)}`, href: `#/stations/${one.id}`};
}
