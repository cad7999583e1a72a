// Machines with a key: doors, guards' posts, vans, venues, classrooms. A new one is paired by a code that is shown once, as letters and as a QR.

import {h, announce, put} from '../shared/dom.js';
import {call, get, post} from '../shared/api.js';
import {serverNow} from '../shared/clock.js';
import {table} from '../shared/table.js';
import {field} from '../shared/form.js';
import {ago, moment, span, t} from '../shared/text.js';
import {act, confirm, sheet, showRefusal} from '../shared/view.js';
import {ask, headed, organizationOptions} from './service-parts.js';
import {organizationNames} from './people-parts.js';
import {may} from './rights.js';

/** A day without a word: the machine may be broken, or out of network. */
const SILENT_MILLISECONDS = 86400000;

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
      {key: 'organizationId', title: t('devices.organization'), show: (row) => (row.organizationId ? names(row.organizationId)
        : t('devices.everywhere'))},
      {key: 'createdAt', title: t('devices.since'), sort: true, show: (row) => moment(row.createdAt)},
      {key: 'keyIssuedAt', title: t('devices.key'), show: (row) => moment(row.keyIssuedAt)},
      {key: 'lastHeardAt', title: t('devices.heard'), sort: true, csv: (row) => row.lastHeardAt, show: heard},
    ],
    load: (after, query, own) => get('/v1/devices', {limit: 100, after, ...query}, {signal: own}),
    actions: (row, host) => mayWrite && !row.revokedAt && [
      h('button', {type: 'button', onclick: () => roll(row)}, t('devices.roll')),
      h('button', {type: 'button', class: 'danger', onclick: () => revoke(row, host)}, t('devices.revoke')),
    ],
  });
  return h('div', {class: 'stack'},
    headed(t('devices.title'), mayWrite && h('button', {type: 'button', class: 'primary', onclick: () => pair(list, signal)},
      t('devices.pair'))),
    h('p', {class: 'soft'}, t('devices.text')), list);
}

/** When the machine was last heard; a service that does not tell it leaves it open. */
function heard({lastHeardAt, revokedAt}) {
  if (!lastHeardAt) return '';
  const isSilent = !revokedAt && serverNow() - Date.parse(lastHeardAt) > SILENT_MILLISECONDS;
  return h('span', {class: isSilent ? 'tag warn' : '', title: moment(lastHeardAt)}, ago(lastHeardAt));
}

async function pair(list, signal) {
  const organizations = await organizationOptions(signal);
  ask(t('devices.pair'), {
    text: t('devices.pair.text'), action: t('devices.pair.action'), fields: [
      field('name', t('devices.name'), {required: true, maxlength: 100, hint: t('devices.name.hint')}),
      field('profile', t('devices.profile'), {type: 'select', options: profiles.map((one) => [one, t(`devices.profile.${one}`)])}),
      field('organizationId', t('devices.organization'), {type: 'select', options: [['', t('devices.everywhere')], ...organizations]}),
    ],
    submit: async (values) => {
      const wanted = {...values, organizationId: values.organizationId && Number(values.organizationId)};
      await showCode(wanted, await makeCode(wanted), list);
    },
  });
}

function makeCode(wanted) { return post('/v1/device-pairings', wanted, {key: true}); }

/** The code in large letters and as a QR, until it ends; then another can be made for the same machine. */
async function showCode(wanted, made, list) {
  const place = h('div', {});
  const left = h('p', {class: 'soft number', role: 'timer'});
  const again = h('button', {type: 'button', class: 'primary', hidden: true, onclick: () => act(again, async () => {
    await draw(await makeCode(wanted));
  })}, t('devices.code.again'));
  let address;
  let current;
  async function draw(next) {
    // The code is shown this once: without a picture its letters do.
    const picture = await call('POST', '/v1/qr', {json: {text: `WSP:${next.pairingCode}`}, accept: 'image/svg+xml',
      as: 'blob'}).catch(() => null);
    if (address) URL.revokeObjectURL(address);
    address = picture && URL.createObjectURL(picture);
    current = next;
    put(place, address && h('img', {class: 'pairing', src: address, alt: t('devices.code.picture'), width: 240, height: 240}),
      h('p', {class: 'pairing-code'}, next.pairingCode));
    tick();
  }
  function tick() {
    const seconds = (Date.parse(current.expiresAt) - serverNow()) / 1000;
    const isOver = seconds <= 0;
    left.textContent = isOver ? t('devices.code.over') : t('devices.code.left', {span: span(seconds)});
    if (isOver && again.hidden) announce(t('devices.code.over'));
    again.hidden = !isOver;
    // A code that opens nothing any more is not there to be tried.
    place.hidden = isOver;
  }
  await draw(made);
  const dialog = sheet(t('devices.code'), h('p', {}, h('b', {}, wanted.name), ' · ', t(`devices.profile.${wanted.profile}`)),
    h('p', {}, t('devices.code.text')), place, left, again);
  const timer = setInterval(tick, 1000);
  dialog.addEventListener('close', () => {
    clearInterval(timer);
    if (address) URL.revokeObjectURL(address);
    list.reload();
  });
}

async function revoke(row, host) {
  if (await confirm({title: t('devices.revoke'), text: t('devices.revoke.text', {name: row.name}), action: t('devices.revoke'),
    danger: true,
    word: t('devices.revoke.word')}) === null) return;
  try {
    await post(`/v1/devices/${row.id}/revoke`);
    await host.reload();
  } catch (error) { showRefusal(error); }
}

async function roll(row) {
  if (await confirm({title: t('devices.roll'), text: t('devices.roll.text', {name: row.name}), action: t('devices.roll'),
    danger: true}) === null) return;
  try {
    const made = await post(`/v1/devices/${row.id}/roll`, undefined, {key: true});
    sheet(t('devices.roll'), h('p', {}, t('devices.roll.shown')), h('p', {}, h('code', {}, made.key)));
  } catch (error) { showRefusal(error); }
}
