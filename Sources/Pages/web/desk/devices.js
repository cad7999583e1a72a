// Machines with a key: doors, guards' posts, vans, venues, classrooms. A new one is paired by a code that is shown once, as letters and as a QR.

import {h} from '../shared/dom.js';
import {call, get, post} from '../shared/api.js';
import {serverNow} from '../shared/clock.js';
import {table} from '../shared/table.js';
import {field} from '../shared/form.js';
import {moment, span, t} from '../shared/text.js';
import {confirm, sheet, showRefusal} from '../shared/view.js';
import {ask, headed, organizationOptions} from './service-parts.js';
import {organizationNames} from './people-parts.js';
import {may} from './rights.js';

const profiles = ['door', 'guard', 'van', 'venue', 'classroom'];

/** The list, and pairing. */
export default async function devices({signal}) {
  const names = await organizationNames(signal);
  const mayWrite = may('devices.write');
  const list = table({
    label: t('devices.title'), csvName: 'devices', signal, empty: t('devices.empty'),
    columns: [
      {key: 'name', title: t('devices.name'), sort: true, show: (row) => `${row.name} #${row.id}`},
      {key: 'profile', title: t('devices.profile'), sort: true, show: (row) => t(`devices.profile.${row.profile}`)},
      {key: 'state', title: t('devices.state'), csv: (row) => t(row.revokedAt ? 'devices.revoked' : 'devices.paired'),
        show: (row) => h('span', {class: row.revokedAt ? 'tag bad' : 'tag good'}, t(row.revokedAt ? 'devices.revoked' : 'devices.paired'))},
      {key: 'organizationId', title: t('devices.organization'), show: (row) => (row.organizationId ? names(row.organizationId) : t('devices.everywhere'))},
      {key: 'createdAt', title: t('devices.since'), sort: true, show: (row) => moment(row.createdAt)},
      {key: 'keyIssuedAt', title: t('devices.key'), show: (row) => moment(row.keyIssuedAt)},
    ],
    load: (after, query, own) => get('/v1/devices', {limit: 100, after, ...query}, {signal: own}),
    actions: (row, host) => mayWrite && !row.revokedAt && [
      h('button', {type: 'button', onclick: () => roll(row)}, t('devices.roll')),
      h('button', {type: 'button', class: 'danger', onclick: () => revoke(row, host)}, t('devices.revoke')),
    ],
  });
  return h('div', {class: 'stack'},
    headed(t('devices.title'), mayWrite && h('button', {type: 'button', class: 'primary', onclick: () => pair(list, signal)}, t('devices.pair'))),
    h('p', {class: 'soft'}, t('devices.text')), list);
}

async function pair(list, signal) {
  const key = crypto.randomUUID();
  const organizations = await organizationOptions(signal);
  ask(t('devices.pair'), {
    text: t('devices.pair.text'), action: t('devices.pair.action'), fields: [
      field('name', t('devices.name'), {required: true, maxlength: 100, hint: t('devices.name.hint')}),
      field('profile', t('devices.profile'), {type: 'select', options: profiles.map((one) => [one, t(`devices.profile.${one}`)])}),
      field('organizationId', t('devices.organization'), {type: 'select', options: [['', t('devices.everywhere')], ...organizations]}),
    ],
    submit: async (values) => {
      const made = await post('/v1/device-pairings', {
        ...values, organizationId: values.organizationId && Number(values.organizationId),
      }, {key});
      await showCode(made, list);
    },
  });
}

/** The code in large letters and as a QR, until it ends. */
async function showCode({pairingCode, expiresAt}, list) {
  // The code is shown this once: without a picture its letters do.
  const picture = await call('POST', '/v1/qr', {json: {text: `WSP:${pairingCode}`}, accept: 'image/svg+xml', as: 'blob'}).catch(() => null);
  const address = picture && URL.createObjectURL(picture);
  const left = h('p', {class: 'soft number', role: 'timer'});
  const dialog = sheet(t('devices.code'), h('p', {}, t('devices.code.text')),
    address && h('img', {class: 'pairing', src: address, alt: t('devices.code.picture'), width: 240, height: 240}),
    h('p', {class: 'pairing-code'}, pairingCode), left);
  const tick = () => {
    const seconds = (Date.parse(expiresAt) - serverNow()) / 1000;
    left.textContent = seconds > 0 ? t('devices.code.left', {span: span(seconds)}) : t('devices.code.over');
  };
  tick();
  const timer = setInterval(tick, 1000);
  dialog.addEventListener('close', () => {
    clearInterval(timer);
    if (address) URL.revokeObjectURL(address);
    list.reload();
  });
}

async function revoke(row, host) {
  if (await confirm({title: t('devices.revoke'), text: t('devices.revoke.text', {name: row.name}), action: t('devices.revoke'), danger: true}) === null) return;
  try {
    await post(`/v1/devices/${row.id}/revoke`);
    await host.reload();
  } catch (error) { showRefusal(error); }
}

async function roll(row) {
  if (await confirm({title: t('devices.roll'), text: t('devices.roll.text', {name: row.name}), action: t('devices.roll'), danger: true}) === null) return;
  try {
    const made = await post(`/v1/devices/${row.id}/roll`, undefined, {key: true});
    sheet(t('devices.roll'), h('p', {}, t('devices.roll.shown')), h('p', {}, h('code', {}, made.key)));
  } catch (error) { showRefusal(error); }
}

