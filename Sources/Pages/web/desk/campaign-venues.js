// Where a campaign's coupons are good: venues added, taken out, and with how many goods.

import {h} from '../shared/dom.js';
import {all, call, get} from '../shared/api.js';
import {table} from '../shared/table.js';
import {field} from '../shared/form.js';
import {t} from '../shared/text.js';
import {act, confirm} from '../shared/view.js';
import {ask, doing, section} from './service-parts.js';
import {may} from './rights.js';

/** The venues of a campaign. */
export function venuesPart(one, signal) {
  const path = `/v1/coupon-campaigns/${one.id}/venues`;
  const list = table({
    label: t('venue.list'), csvName: `campaign-${one.id}-venues`, signal, empty: t('venue.none'),
    columns: [
      {key: 'name', title: t('venue.name'), sort: true, show: (row) => h('a', {href: `#/venues/${row.venueId}`}, row.name)},
      {key: 'address', title: t('venue.address')},
      {key: 'state', title: t('programs.state'),
        show: (row) => t(row.removedAt ? 'venue.removed' : row.isClosed ? 'venue.closed' : 'venue.open')},
      {key: 'stock', title: t('venue.stock'), number: true, sort: true,
        show: (row) => (row.stock === undefined ? '' : t('venue.stock.of', {spoken: row.spokenFor ?? 0, stock: row.stock}))},
    ],
    load: (after, query, own) => get(path, {limit: 20, after}, {signal: own}),
    actions: may('coupons.write') ? (row, host) => !row.removedAt
      && [one.goods && h('button', {type: 'button', class: 'quiet', onclick: () => restock(row, host)}, t('venue.restock')),
      h('button', {type: 'button', class: 'quiet', onclick: (event) => act(event.target, async () => {
      if (await confirm({title: t('venue.remove'), text: t('venue.remove.text', {name: row.name}), action: t('venue.remove'),
        danger: true}) === null) return;
      await call('DELETE', `${path}/${row.venueId}`);
      host.reload();
    })}, t('venue.remove'))] : undefined,
  });
  function restock(row, host) {
    ask(t('venue.restock'), {
      action: t('action.save'), text: row.name,
      fields: field('stock', t('venue.stock'), {type: 'number', min: 0, required: true, value: row.stock}),
      submit: async ({stock}) => {
        await call('PUT', `${path}/${row.venueId}`, {json: {stock}});
        host.reload();
      },
    });
  }
  return section(t('venue.list'), list, may('coupons.write') && doing(t('venue.add'), async () => {
    const venues = (await all('/v1/venues', {}, {signal})).filter((each) => !each.closedAt);
    ask(t('venue.add'), {
      action: t('venue.add'), fields: [
        field('venueId', t('venue.name'), {type: 'select', required: true,
          options: venues.map((each) => [each.id, `${each.name} · ${each.address}`])}),
        one.goods && field('stock', t('venue.stock'), {type: 'number', min: 0}),
      ],
      submit: async ({venueId, stock}) => {
        await call('PUT', `${path}/${venueId}`, {json: {stock}});
        list.reload();
      },
    });
  }));
}
