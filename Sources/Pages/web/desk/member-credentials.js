// What opens doors for a member besides the code on the phone: printed cards, bound numbers, day codes.

import {h} from '../shared/dom.js';
import {call, get, post, requestID} from '../shared/api.js';
import {field} from '../shared/form.js';
import {table} from '../shared/table.js';
import {t} from '../shared/text.js';
import {act, sheet} from '../shared/view.js';
import {ask, at, doing, organizationOptions} from './service-parts.js';
import {may} from './rights.js';

const reasons = ['lost', 'stolen', 'replaced', 'damaged', 'mistake', 'other'];

/** The tab. */
export function credentialsPart({path, names, signal}) {
  const list = table({
    label: t('member.tab.credentials'), csvName: 'credentials', signal, lines: 3, empty: t('credential.none'),
    columns: [
      {key: 'id', title: t('credential.number'), sort: true, show: (row) => `${t(`credential.kind.${row.kind}`)} #${row.id}`},
      {key: 'state', title: t('credential.state'), show: stateTag},
      {key: 'label', title: t('credential.label')},
      {key: 'hasPIN', title: t('credential.pin'),
        show: (row) => t(row.isPINLocked ? 'credential.pin.locked' : row.hasPIN ? 'action.yes' : 'action.no')},
      {key: 'validFrom', title: t('credential.from'), sort: true, show: (row) => at(row.validFrom)},
      {key: 'validUntil', title: t('credential.until'), sort: true, show: (row) => (row.validUntil ? at(row.validUntil) : t('credential.always'))},
      {key: 'organizationId', title: t('credential.where'), show: (row) => names(row.organizationId) || t('credential.everywhere')},
    ],
    load: (after, query, own) => get(`${path}/credentials`, {limit: 50, after}, {signal: own}),
    actions: may('credentials.write') ? rowActions : undefined,
  });
  return h('div', {class: 'stack'}, may('credentials.write') && h('div', {class: 'actions'},
    doing(t('credential.card.issue'), () => issueCard(path, list), {kind: 'primary'}),
    doing(t('credential.number.bind'), () => bindNumber(path, list)),
    doing(t('credential.day'), () => dayCode(path, list))), list);
}

function isOver(row) { return row.revokedAt || (row.validUntil && Date.parse(row.validUntil) < Date.now()); }

function stateTag(row) {
  if (row.revokedAt) return h('span', {class: 'tag bad'}, t(`credential.revoked.${row.revokedReason ?? 'other'}`));
  return h('span', {class: isOver(row) ? 'tag' : 'tag good'}, t(isOver(row) ? 'credential.expired' : 'credential.good'));
}

function rowActions(row, host) {
  if (isOver(row)) return null;
  const small = (key, action) => doing(t(key), action, {kind: 'quiet'});
  return [
    row.kind === 'card' && small('credential.print', () => printCard(row.id)),
    row.kind !== 'day_code' && small('credential.pin.set', () => setPIN(row, host)),
    row.isPINLocked && small('credential.unlock', async () => { await post(`/v1/credentials/${row.id}/unlock`); host.reload(); }),
    small('credential.revoke', () => revoke(row, host)),
  ];
}

/** The card as it is printed, to be looked at, printed or kept. */
async function printCard(id) {
  const picture = await call('GET', `/v1/credentials/${id}/card`, {accept: 'image/svg+xml', as: 'blob'});
  const address = URL.createObjectURL(picture);
  const dialog = sheet(t('credential.print.title', {number: String(id)}),
    h('img', {src: address, alt: t('credential.print.alt', {number: String(id)}), class: 'card-picture'}), h('p', {class: 'soft'}, t('credential.print.text')),
    h('div', {class: 'actions'}, h('a', {class: 'button primary', href: address, target: '_blank', rel: 'noopener'}, t('credential.open')),
      h('a', {class: 'button', href: address, download: `card-${id}.svg`}, t('credential.keep'))));
  dialog.addEventListener('close', () => setTimeout(() => URL.revokeObjectURL(address), 60000));
}

function pinField(required = false) {
  return field('pin', t('credential.pin'), {required, inputmode: 'numeric', pattern: '[0-9]{4,6}', maxlength: 6, autocomplete: 'off',
    hint: t('credential.pin.hint')});
}

function issueCard(path, list) {
  const key = requestID();
  ask(t('credential.card.issue'), {
    action: t('credential.card.issue'), text: t('credential.card.text'),
    fields: [field('validDays', t('credential.days'), {type: 'number', min: 1, max: 3650, value: 1095}), pinField()],
    submit: async (values) => {
      const made = await post(`${path}/credentials`, {kind: 'card', ...values}, {key});
      list.reload();
      act(undefined, () => printCard(made.credential.id));
    },
  });
}

function bindNumber(path, list) {
  const key = requestID();
  ask(t('credential.number.bind'), {
    action: t('action.save'),
    fields: [field('number', t('credential.nfc'), {required: true, maxlength: 64, value: 'NFC:', hint: t('credential.nfc.hint')}), pinField()],
    submit: async (values) => {
      await post(`${path}/credentials`, {kind: 'number', ...values}, {key});
      list.reload();
    },
  });
}

async function dayCode(path, list) {
  const key = requestID();
  const options = await organizationOptions();
  ask(t('credential.day'), {
    action: t('credential.day'), text: t('credential.day.text'),
    fields: field('organizationId', t('credential.where'), {type: 'select', options: [['', t('credential.everywhere')], ...options]}),
    submit: async (values) => {
      const where = values.organizationId ? {organizationId: Number(values.organizationId)} : {};
      const made = await post(`${path}/credentials`, {kind: 'day_code', ...where}, {key});
      list.reload();
      sheet(t('credential.day'), h('p', {class: 'once number'}, made.code), h('p', {}, t('credential.day.once')));
    },
  });
}

function setPIN(row, host) {
  ask(t('credential.pin.set'), {
    action: t('action.save'), fields: pinField(true),
    submit: async (values) => { await call('PUT', `/v1/credentials/${row.id}/pin`, {json: values}); host.reload(); },
  });
}

function revoke(row, host) {
  ask(t('credential.revoke'), {
    action: t('credential.revoke'), danger: true, text: t('credential.revoke.text'),
    fields: field('reason', t('part.reason'), {type: 'select', options: reasons.map((one) => [one, t(`credential.revoked.${one}`)])}),
    submit: async (values) => { await post(`/v1/credentials/${row.id}/revoke`, values, {key: true}); host.reload(); },
  });
}
