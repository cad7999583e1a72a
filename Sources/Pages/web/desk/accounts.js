// Who works at the desk: their roles and where they hold, new people by a code shown once, and shutting somebody out.

import {h} from '../shared/dom.js';
import {call, get, post, requestID} from '../shared/api.js';
import {field} from '../shared/form.js';
import {table} from '../shared/table.js';
import {t} from '../shared/text.js';
import {act, confirm, sheet, toast} from '../shared/view.js';
import {ask, at, doing, headed, organizationOptions} from './service-parts.js';
import {organizationNames} from './people-parts.js';
import {account, may} from './rights.js';

const roles = ['owner', 'manager', 'operator', 'auditor'];

/** The list. */
export default async function accounts({signal}) {
  const [options, names] = await Promise.all([organizationOptions(signal), organizationNames(signal)]);
  const list = table({
    label: t('accounts.title'), csvName: 'accounts', signal, empty: t('accounts.none'),
    columns: [
      {key: 'name', title: t('accounts.name'), sort: true, show: (row) => `${row.name} #${row.id}`},
      {key: 'state', title: t('accounts.state'), show: stateTag},
      {key: 'grants', title: t('accounts.roles'), show: (row) => grantsText(row, names)},
      {key: 'createdAt', title: t('accounts.created'), sort: true, show: (row) => at(row.createdAt)},
    ],
    load: (after, query, own) => get('/v1/accounts', {limit: 50, after}, {signal: own}),
    actions: may('accounts.write') ? (row, host) => !row.disabledAt && [
      doing(t('accounts.role.edit'), () => editRoles(row, options, names, host), {kind: 'quiet'}),
      doing(t('accounts.invite'), () => invite(row), {kind: 'quiet'}),
      `account:${row.id}` !== account()?.subject && doing(t('accounts.disable'), () => disable(row, host), {kind: 'quiet'}),
    ] : undefined,
  });
  return h('div', {class: 'stack'},
    headed(t('accounts.title'), may('accounts.write') && doing(t('accounts.add'), () => add(options, list), {kind: 'primary'})),
    h('p', {class: 'soft'}, t('accounts.text')), list);
}

function stateTag(row) {
  if (row.disabledAt) return h('span', {class: 'tag bad'}, t('accounts.disabled', {at: at(row.disabledAt)}));
  return h('span', {class: row.hasPassword ? 'tag good' : 'tag warn'}, t(row.hasPassword ? 'accounts.ready' : 'accounts.invited'));
}

function grantText(one, names) {
  const where = one.organizationId ? names(one.organizationId) : t('accounts.everywhere');
  return `${t(`accounts.role.${one.role}`)} · ${where}${one.mayUnmask ? ` · ${t('accounts.unmasks')}` : ''}`;
}

function grantsText(row, names) { return row.grants.map((one) => h('div', {}, grantText(one, names))); }

function roleFields(options) {
  const mayUnmask = field('mayUnmask', t('accounts.mayUnmask'), {type: 'checkbox', hint: t('accounts.mayUnmask.hint')});
  return [
    field('role', t('accounts.role'), {type: 'select', value: 'operator', hint: t('accounts.role.hint'),
      options: roles.map((one) => [one, t(`accounts.role.${one}`)])}),
    field('organizationId', t('accounts.where'), {type: 'select', hint: t('accounts.where.hint'),
      options: [['', t('accounts.everywhere')], ...options]}),
    mayUnmask,
  ];
}

function roleBody(values) { return {...values, organizationId: values.organizationId && Number(values.organizationId)}; }

function add(options, list) {
  const key = requestID();
  ask(t('accounts.add'), {
    action: t('accounts.add'), text: t('accounts.add.text'),
    fields: [field('name', t('accounts.name'), {required: true, maxlength: 100, autocomplete: 'off', hint: t('accounts.name.hint')}),
      roleFields(options)],
    submit: async (values) => {
      const made = await post('/v1/accounts', roleBody(values), {key});
      list.reload();
      if (made.invitationCode) showCode(made.account.name, made.invitationCode, made.invitationExpiresAt);
    },
  });
}

/** The code by which a person sets their own password: nobody can read it again. */
function showCode(name, code, until) {
  sheet(t('accounts.code.title', {name}), h('p', {class: 'once'}, code), h('p', {}, t('accounts.code.text')),
    h('p', {class: 'soft'}, t('accounts.code.until', {at: at(until)})),
    h('div', {class: 'actions'}, doing(t('action.copy'), async () => { await navigator.clipboard.writeText(code); toast(t('action.copied')); },
      {kind: 'primary'})));
}

async function invite(row) {
  if ((await confirm({title: t('accounts.invite'), text: t('accounts.invite.text', {name: row.name}), action: t('accounts.invite')})) === null) return;
  const made = await post(`/v1/accounts/${row.id}/invitations`, undefined, {key: true});
  showCode(row.name, made.invitationCode, made.expiresAt);
}

async function disable(row, host) {
  const sure = await confirm({title: t('accounts.disable'), text: t('accounts.disable.text', {name: row.name}), action: t('accounts.disable'),
    danger: true});
  if (sure === null) return;
  await post(`/v1/accounts/${row.id}/disable`);
  host.reload();
}

function editRoles(row, options, names, host) {
  const key = requestID();
  const held = h('ul', {class: 'plain events'}, row.grants.map((one) => h('li', {class: 'spread'}, grantText(one, names),
    h('button', {type: 'button', class: 'quiet', 'aria-label': `${t('accounts.role.take')} ${grantText(one, names)}`,
      onclick: (event) => act(event.target, async () => {
        await call('DELETE', `/v1/accounts/${row.id}/grants/${one.id}`);
        dialog.close();
        host.reload();
      })}, t('accounts.role.take')))));
  const dialog = ask(t('accounts.role.edit.title', {name: row.name}), {
    action: t('accounts.role.add'), fields: [held, h('h3', {}, t('accounts.role.add')), roleFields(options)],
    submit: async (values) => {
      await post(`/v1/accounts/${row.id}/grants`, roleBody(values), {key});
      host.reload();
    },
  });
}
