// Organizers' accounts: who may do what where; new ones, invitations, and shutting one out.

import {h} from '../shared/dom.js';
import {get, post} from '../shared/api.js';
import {table} from '../shared/table.js';
import {field} from '../shared/form.js';
import {moment, t} from '../shared/text.js';
import {confirm, sheet, showRefusal} from '../shared/view.js';
import {ask, at, headed, organizationOptions} from './service-parts.js';
import {organizationNames} from './people-parts.js';
import {may} from './rights.js';

const roles = ['operator', 'manager', 'auditor', 'owner'];

/** The list, and new accounts. */
export default async function accounts({signal}) {
  const names = await organizationNames(signal);
  const mayWrite = may('accounts.write');
  const list = table({
    label: t('accounts.title'), csvName: 'accounts', signal, empty: t('accounts.none'),
    columns: [
      {key: 'name', title: t('accounts.name'), sort: true},
      {key: 'state', title: t('accounts.state'), csv: stateText,
        show: (row) => h('span', {class: `tag ${row.disabledAt ? 'bad' : row.hasPassword ? 'good' : 'warn'}`}, stateText(row))},
      {key: 'roles', title: t('accounts.roles'), csv: (row) => row.grants.map((one) => grantText(one, names)).join('; '),
        show: (row) => h('ul', {class: 'plain'}, row.grants.map((one) => h('li', {}, grantText(one, names))))},
      {key: 'createdAt', title: t('accounts.created'), sort: true, show: (row) => moment(row.createdAt)},
    ],
    load: (after, query, own) => get('/v1/accounts', {limit: 100, after, ...query}, {signal: own}),
    actions: (row, host) => mayWrite && !row.disabledAt && [
      h('button', {type: 'button', onclick: () => invite(row)}, t('accounts.invite')),
      h('button', {type: 'button', class: 'danger', onclick: () => disable(row, host)}, t('accounts.disable')),
    ],
  });
  return h('div', {class: 'stack'},
    headed(t('accounts.title'), mayWrite && h('button', {type: 'button', class: 'primary', onclick: () => add(list, signal)}, t('accounts.add'))),
    h('p', {class: 'soft'}, t('accounts.text')), list);
}

function stateText(row) {
  return row.disabledAt ? t('accounts.disabled', {at: at(row.disabledAt)}) : t(row.hasPassword ? 'accounts.ready' : 'accounts.invited');
}

function grantText(grant, names) {
  const where = grant.organizationId ? names(grant.organizationId) : t('accounts.everywhere');
  return [t(`accounts.role.${grant.role}`), where, grant.mayUnmask && t('accounts.unmasks')].filter(Boolean).join(' · ');
}

async function add(list, signal) {
  const key = crypto.randomUUID();
  const organizations = await organizationOptions(signal);
  ask(t('accounts.add'), {
    text: t('accounts.add.text'), action: t('accounts.add'), fields: [
      field('name', t('accounts.name'), {required: true, maxlength: 100, hint: t('accounts.name.hint'), autocomplete: 'off'}),
      field('role', t('accounts.role'), {type: 'select', hint: t('accounts.role.hint'), options: roles.map((one) => [one, t(`accounts.role.${one}`)])}),
      field('organizationId', t('accounts.where'), {
        type: 'select', hint: t('accounts.where.hint'), options: [['', t('accounts.everywhere')], ...organizations],
      }),
      field('mayUnmask', t('accounts.mayUnmask'), {type: 'checkbox', hint: t('accounts.mayUnmask.hint')}),
    ],
    submit: async (values) => {
      const made = await post('/v1/accounts', {...values, organizationId: values.organizationId && Number(values.organizationId)}, {key});
      if (made.invitationCode) showCode(made.account.name, made.invitationCode, made.invitationExpiresAt);
      await list.reload();
    },
  });
}

async function invite(row) {
  if (await confirm({title: t('accounts.invite'), text: t('accounts.invite.text', {name: row.name}), action: t('accounts.invite')}) === null) return;
  try {
    const made = await post(`/v1/accounts/${row.id}/invitations`, undefined, {key: true});
    showCode(row.name, made.invitationCode, made.expiresAt);
  } catch (error) { showRefusal(error); }
}

function showCode(name, code, until) {
  sheet(t('accounts.code.title', {name}), h('p', {}, t('accounts.code.text')), h('p', {class: 'pairing-code'}, code),
    until && h('p', {class: 'soft'}, t('accounts.code.until', {at: moment(until)})));
}

async function disable(row, host) {
  const answer = await confirm({
    title: t('accounts.disable'), text: t('accounts.disable.text', {name: row.name}), action: t('accounts.disable'), danger: true,
  });
  if (answer === null) return;
  try {
    await post(`/v1/accounts/${row.id}/disable`);
    await host.reload();
  } catch (error) { showRefusal(error); }
}
