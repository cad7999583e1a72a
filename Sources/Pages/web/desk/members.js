// Members of the organizations that the account looks after, masked; finding one person, and the ways in and out by file.

import {h, put} from '../shared/dom.js';
import {download, get, post, requestID} from '../shared/api.js';
import {field, form} from '../shared/form.js';
import {table} from '../shared/table.js';
import {go} from '../shared/router.js';
import {date, t} from '../shared/text.js';
import {emptyState} from '../shared/view.js';
import {ask, doing, headed, organizationOptions, section} from './service-parts.js';
import {attributeCatalogue, choices, optionName, optionsOf, organizationNames, statuses, tag} from './people-parts.js';
import {may} from './rights.js';

/** The list. */
export default async function members({signal}) {
  const [options, names, catalogue] = await Promise.all([organizationOptions(signal), organizationNames(signal),
    attributeCatalogue(signal)]);
  const columns = memberColumns(names, catalogue);
  const list = table({
    label: t('members.title'), csvName: 'members', signal, columns, empty: t('members.empty'), rowHref: (row) => `#/members/${row.id}`,
    filters: [
      {name: 'status', label: t('members.status'), type: 'select', options: choices('member.status', statuses)},
      {name: 'organizationId', label: t('members.of'), type: 'select', options: [['', t('part.all')], ...options]},
    ],
    load: (after, query, own) => get('/v1/members', {limit: 50, after, ...query}, {signal: own}),
  });
  return h('div', {class: 'stack'},
    headed(t('members.title'), may('members.import') && h('a', {class: 'button', href: '#/imports'}, t('members.import')),
      may('exports.create') && doing(t('members.export'), () => exportMembers(options)),
      may('members.write') && doing(t('members.add'), () => add(options, catalogue), {kind: 'primary'})),
    h('p', {class: 'soft'}, t('members.text')), search(columns, signal), list);
}

function memberColumns(names, catalogue) {
  return [
    {key: 'name', title: t('members.name'), sort: true, show: (row) => `${row.name ?? t('members.forgotten')} #${row.id}`},
    {key: 'status', title: t('members.status'), sort: true, show: (row) => tag('member.status', row.status)},
    {key: 'phone', title: t('member.phone'), show: (row) => row.phone && h('span', {class: 'whole'}, row.phone)},
    {key: 'nationalId', title: t('member.nationalId'), show: (row) => row.nationalId && h('span', {class: 'whole'}, row.nationalId)},
    {key: 'birthYear', title: t('member.birthYear'), sort: true, show: (row) => String(row.birthYear)},
    {key: 'workerKind', title: t('member.workerKind'), sort: true, show: (row) => optionName(catalogue, 'worker_kind', row.workerKind)},
    {key: 'organizationId', title: t('member.organization'), sort: (row) => names(row.organizationId),
      show: (row) => names(row.organizationId)},
    {key: 'createdAt', title: t('members.since'), sort: true, show: (row) => h('span', {class: 'whole'}, date(row.createdAt))},
  ];
}

/** Finds one person by what only somebody who knows them can tell; the whole of it goes to the service, the answer comes masked. */
function search(columns, signal) {
  const found = h('div', {role: 'status'});
  const fields = {
    phone: field('phone', t('member.phone'), {type: 'tel', required: true, maxlength: 40, autocomplete: 'off'}),
    nationalId: field('nationalId', t('member.nationalId'), {required: true, maxlength: 40, autocomplete: 'off'}),
    name: h('div', {class: 'fields'}, field('name', t('members.name'), {required: true, maxlength: 100, autocomplete: 'off'}),
      field('birthOn', t('members.birthOn'), {type: 'date', required: true})),
  };
  const by = field('by', t('members.by'), {type: 'select', options: Object.keys(fields).map((one) => [one, t(`members.by.${one}`)])});
  const chosen = h('div', {}, fields.phone);
  by.addEventListener('change', (event) => put(chosen, fields[event.target.value]));
  return section(t('members.search'), form({
    action: t('members.find'), fields: h('div', {class: 'fields'}, by, chosen),
    submit: async (values) => {
      const {items} = await post('/v1/member-searches', {...values, by: undefined}, {signal});
      put(found, items.length ? table({
        label: t('members.found'), signal, columns, rowHref: (row) => `#/members/${row.id}`, lines: 2, load: async () => ({items}),
      }) : emptyState(t('members.nobody')));
    },
  }), found);
}

function exportMembers(options) {
  const clear = field('clear', t('members.export.clear'), {type: 'checkbox', hint: t('members.export.clear.hint')});
  const reason = field('reason', t('part.reason'), {required: true, minlength: 5, maxlength: 200, hint: t('members.export.reason')});
  const place = h('div', {});
  clear.addEventListener('change', (event) => put(place, event.target.checked && reason));
  ask(t('members.export'), {
    action: t('members.export.do'), text: t('members.export.text'), fields: [
      field('organizationId', t('members.export.of'), {type: 'select', options: [['', t('part.all')], ...options]}),
      field('status', t('members.status'), {type: 'select', options: choices('member.status', statuses)}),
      field('encoding', t('members.encoding'), {type: 'select', options: [['utf-8', t('members.encoding.utf8')],
        ['gb18030', t('members.encoding.gb')]]}),
      may('members.unmask') && clear, place,
    ],
    submit: async (values) => {
      const json = {status: values.status, encoding: values.encoding, masked: !values.clear, reason: values.reason,
        organizationId: values.organizationId && Number(values.organizationId)};
      await download('/v1/member-exports', 'members.csv', {method: 'POST', accept: 'text/csv', json});
    },
  });
}

function add(options, catalogue) {
  const key = requestID();
  ask(t('members.add'), {
    action: t('action.save'), fields: [
      field('organizationId', t('member.organization'), {type: 'select', required: true, options}),
      h('div', {class: 'fields'}, field('name', t('members.name'), {required: true, maxlength: 100, autocomplete: 'off'}),
        field('nationalId', t('member.nationalId'), {required: true, maxlength: 40, autocomplete: 'off'}),
        field('phone', t('member.phone'), {type: 'tel', maxlength: 40, autocomplete: 'off'}),
        field('workerKind', t('member.workerKind'), {type: 'select', options: [['', '–'], ...optionsOf(catalogue, 'worker_kind')]}),
        field('employmentForm', t('member.employmentForm'),
          {type: 'select', options: [['', '–'], ...optionsOf(catalogue, 'employment_form')]})),
      field('hardshipPost', t('member.hardshipPost'), {type: 'checkbox'}),
      field('employerCheckup', t('member.employerCheckup'), {type: 'checkbox'}),
    ],
    submit: async (values) => {
      const made = await post('/v1/members', {...values, organizationId: Number(values.organizationId)}, {key});
      go(`/members/${made.id}`);
    },
  });
}
