// One place where coupons are redeemed: where it is, its devices, what was redeemed there, and its end.

import {h} from '../shared/dom.js';
import {all, call, get, post} from '../shared/api.js';
import {table} from '../shared/table.js';
import {field} from '../shared/form.js';
import {count, money, t} from '../shared/text.js';
import {act, confirm, pane} from '../shared/view.js';
import {ask, at, doing, facts, headed, section, stateTag, trail} from './service-parts.js';
import {organizationNames} from './people-parts.js';
import {askVenue} from './venue-forms.js';
import {may} from './rights.js';

const states = ['redeemed', 'redeemed_twice', 'annulled', 'refunded'];

/** The view. */
export default async function venue({params, signal, title}) {
  const path = `/v1/venues/${params.id}`;
  const names = may('organizations.read') ? await organizationNames(signal) : String;
  const view = pane(async (own) => {
    const [one, devices] = await Promise.all([
      get(path, {}, {signal: own}), may('devices.read') ? all('/v1/devices', {}, {signal: own}) : [],
    ]);
    title(one.name);
    const again = () => view.reload({quiet: true});
    const mayWrite = may('coupons.write') && !one.closedAt;
    return h('div', {class: 'stack'}, trail(['/coupons', t('coupons.title')], ['/venues', t('venue.list')]),
      headed(one.name, h('span', {class: one.closedAt ? 'tag bad' : 'tag good'}, t(one.closedAt ? 'venue.closed' : 'venue.running')),
        mayWrite && [
        doing(t('part.edit'), () => askVenue(one, again)), doing(t('venue.close'), () => close(path, one, again), {kind: 'danger'})]),
      one.closedAt && h('p', {class: 'banner bad'}, t('venue.closed.since', {at: at(one.closedAt), reason: one.closeReason ?? ''})),
      h('div', {class: 'halves'},
        section(t('venue.facts'), facts([[t('venue.address'), one.address], [t('editor.organization'), names(one.organizationId)],
          [t('station.position'), Number.isFinite(one.latitude) && h('span', {class: 'number'}, `${one.latitude}, ${one.longitude}`)]])),
        devicesPart(path, one, devices, mayWrite, again)),
      redemptions(path, one, new Map(devices.map((each) => [each.id, each.name])), signal));
  }, {signal, lines: 10});
  return view;
}

async function close(path, one, again) {
  const reason = await confirm({title: t('venue.close'), text: t('venue.close.text', {name: one.name}), reason: t('part.reason'),
    action: t('venue.close'), danger: true});
  if (reason === null) return;
  await post(`${path}/close`, {reason}, {key: true});
  again();
}

function devicesPart(path, one, devices, mayWrite, again) {
  const free = devices.filter((each) => each.profile === 'venue' && !each.revokedAt && !one.deviceIds.includes(each.id));
  return section(t('venue.devices'), one.deviceIds.length ? h('ul', {class: 'plain'}, one.deviceIds.map((id) => h('li', {class: 'spread'},
    h('span', {}, `${devices.find((each) => each.id === id)?.name ?? t('part.device')} #${id}`),
    mayWrite && h('button', {type: 'button', class: 'quiet', onclick: (event) => act(event.target, async () => {
      if (await confirm({title: t('venue.device.remove'), text: t('venue.device.remove.text'),
        action: t('venue.device.remove')}) === null) return;
      await call('DELETE', `${path}/devices/${id}`);
      again();
    })}, t('venue.device.remove'))))) : h('p', {class: 'soft'}, t('venue.devices.none')),
  mayWrite && (free.length ? doing(t('venue.device.add'), () => ask(t('venue.device.add'), {
    action: t('venue.device.add'), text: t('venue.device.add.text'),
    fields: field('deviceId', t('part.device'), {type: 'select', required: true,
      options: free.map((each) => [each.id, `${each.name} #${each.id}`])}),
    submit: async ({deviceId}) => { await call('PUT', `${path}/devices/${deviceId}`); again(); },
  })) : h('p', {class: 'soft'}, t('venue.device.pair'), ' ', h('a', {href: '#/devices'}, t('devices.title')))));
}

function redemptions(path, one, devices, signal) {
  const list = table({
    label: t('venue.redemptions'), csvName: `venue-${one.id}-redemptions`, signal, empty: t('venue.redemptions.none'),
    filters: [{name: 'state', label: t('programs.state'), type: 'select',
      options: [['', t('part.all')], ...states.map((each) => [each, t(`redemption.state.${each}`)])]}],
    columns: [
      {key: 'occurredAt', title: t('scan.at'), sort: true, show: (row) => at(row.occurredAt)},
      {key: 'title', title: t('campaign.title'), sort: true, show: (row) => h('a', {href: `#/coupons/${row.campaignId}`}, row.title)},
      {key: 'state', title: t('programs.state'), sort: true, show: (row) => stateTag('redemption', row.state)},
      {key: 'amountFen', title: t('redemption.amount'), number: true, sort: true, show: (row) => row.goods ?? money(row.amountFen)},
      {key: 'spendFen', title: t('redemption.spend'), number: true, sort: true, show: (row) => (row.goods ? '' : money(row.spendFen))},
      {key: 'member', title: t('people.member'), show: (row) => row.member
        && `${row.member.maskedName ?? ''} ${row.member.maskedPhone ?? ''}`.trim()},
      {key: 'deviceId', title: t('part.device'), show: (row) => row.deviceId
        && `${devices.get(row.deviceId) ?? ''} #${row.deviceId}`.trim()},
      {key: 'isOffline', title: t('redemption.way'), show: (row) => t(row.isOffline ? 'redemption.offline' : 'redemption.online')},
    ],
    load: (after, query, own) => get(`${path}/redemptions`, {limit: 50, after, ...query}, {signal: own}),
    actions: may('coupons.write') ? (row, host) => row.state === 'redeemed' && h('button', {type: 'button', class: 'quiet',
      onclick: (event) => act(event.target, () => refund(path, row, host))}, t('redemption.refund')) : undefined,
  });
  return section(t('venue.redemptions'), list);
}

async function refund(path, row, host) {
  const reason = await confirm({title: t('redemption.refund'), text: t('redemption.refund.text',
    {what: row.goods ?? money(row.amountFen), n: count(row.couponId)}),
    reason: t('part.reason'), action: t('redemption.refund'), danger: true});
  if (reason === null) return;
  await post(`${path}/redemptions/${row.requestId}/refund`, {reason}, {key: true});
  host.reload();
}
