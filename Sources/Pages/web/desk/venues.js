// Places where coupons are redeemed or goods are picked up: the list, and adding one.

import {h} from '../shared/dom.js';
import {get} from '../shared/api.js';
import {table} from '../shared/table.js';
import {go} from '../shared/router.js';
import {count, t} from '../shared/text.js';
import {doing, headed, trail} from './service-parts.js';
import {organizationNames} from './people-parts.js';
import {askVenue} from './venue-forms.js';
import {may} from './rights.js';

/** The list. */
export default async function venues({signal}) {
  const names = may('organizations.read') ? await organizationNames(signal) : String;
  return h('div', {class: 'stack'}, trail(['/coupons', t('coupons.title')]),
    headed(t('venue.list'), may('coupons.write')
      && doing(t('venue.new'), () => askVenue(undefined, (made) => go(`/venues/${made.id}`)), {kind: 'primary'})),
    h('p', {class: 'soft'}, t('venue.text')),
    table({
      label: t('venue.list'), csvName: 'venues', signal, empty: t('venue.none.yet'), rowHref: (row) => `#/venues/${row.id}`,
      columns: [
        {key: 'name', title: t('venue.name'), sort: true}, {key: 'address', title: t('venue.address'), sort: true},
        {key: 'state', title: t('programs.state'), csv: (row) => t(row.closedAt ? 'venue.closed' : 'venue.running'),
          show: (row) => h('span', {class: row.closedAt ? 'tag bad' : 'tag good'}, t(row.closedAt ? 'venue.closed' : 'venue.running'))},
        {key: 'devices', title: t('venue.devices'), number: true, sort: (row) => row.deviceIds.length,
          show: (row) => count(row.deviceIds.length)},
        {key: 'organizationId', title: t('editor.organization'), show: (row) => names(row.organizationId)},
      ],
      load: (after, query, own) => get('/v1/venues', {limit: 50, after}, {signal: own}),
    }));
}
