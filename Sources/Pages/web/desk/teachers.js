// Teachers and experts: who they are to the public, from when until when they teach, and what is said of their classes.

import {h} from '../shared/dom.js';
import {call, get, post, requestID} from '../shared/api.js';
import {table} from '../shared/table.js';
import {field} from '../shared/form.js';
import {date, t} from '../shared/text.js';
import {act, sheet} from '../shared/view.js';
import {ask, doing, headed, organizationOptions, trail, versionOf} from './service-parts.js';
import {organizationNames} from './people-parts.js';
import {rowList} from './row-list.js';
import {may} from './rights.js';

const kinds = ['staff', 'expert'];

/** The list. */
export default async function teachers({signal}) {
  const names = await organizationNames(signal);
  const list = table({
    label: t('teachers.title'), signal, csvName: 'teachers', empty: t('teachers.none'),
    filters: [{name: 'kind', label: t('teachers.kind'), type: 'select',
      options: [['', t('part.all')], ...kinds.map((one) => [one, t(`teachers.kind.${one}`)])]}],
    columns: [
      {key: 'name', title: t('teachers.name'), sort: true}, {key: 'kind', title: t('teachers.kind'), sort: true,
        show: (row) => t(`teachers.kind.${row.kind}`)},
      {key: 'organizationId', title: t('editor.organization'), show: (row) => names(row.organizationId)},
      {key: 'offices', title: t('teachers.offices'), show: (row) => row.offices.map((one) => office(one)).join('、')},
      {key: 'introduction', title: t('teachers.introduction')},
    ],
    load: (after, query, own) => get('/v1/teachers', {limit: 50, after, ...query}, {signal: own}),
    actions: (row) => [
      h('button', {type: 'button', class: 'quiet', onclick: (event) => act(event.target, () => feedback(row))}, t('feedback.title')),
      may('schools.write') && h('button', {type: 'button', class: 'quiet', onclick: (event) => act(event.target, () => edit(row, list))},
        t('part.edit')),
    ],
  });
  return h('div', {class: 'stack'}, trail(['/schools', t('schools.title')]),
    headed(t('teachers.title'), may('schools.write') && doing(t('teachers.add'), () => edit(undefined, list), {kind: 'primary'})), list);
}

function office({from, to}) { return to ? `${date(from)} – ${date(to)}` : t('teachers.office.open', {from: date(from)}); }

async function feedback(row) {
  const said = await get(`/v1/teachers/${row.id}/feedback`);
  sheet(`${row.name} · ${t('feedback.title')}`, said.answers
    ? [h('p', {}, t('feedback.average', {average: (said.average ?? 0).toFixed(1), n: said.answers})),
      h('ul', {}, said.lines.map((line) => h('li', {}, line)))] : h('p', {}, t('feedback.none')));
}

async function edit(row, list) {
  const key = requestID();
  const organizations = await organizationOptions();
  const offices = rowList(t('teachers.offices'), row?.offices ?? [{}], (one) => [
    field('from', t('rule.from'), {type: 'date', required: true, value: one.from}),
    field('to', t('teachers.to'), {type: 'date', value: one.to ?? ''}),
  ], {pointer: 'offices', add: t('teachers.offices.add'), hint: t('teachers.offices.hint')});
  ask(t(row ? 'teachers.edit' : 'teachers.add'), {
    action: t('action.save'), fields: [
      field('name', t('teachers.name'), {required: true, maxlength: 40, value: row?.name, hint: t('teachers.name.hint')}),
      h('div', {class: 'fields'},
        field('kind', t('teachers.kind'), {type: 'select', value: row?.kind,
          options: kinds.map((one) => [one, t(`teachers.kind.${one}`)])}),
        field('organizationId', t('editor.organization'), {type: 'select', required: true, value: row?.organizationId,
          disabled: Boolean(row),
          options: organizations}),
        field('memberId', t('teachers.member'), {type: 'number', min: 1, value: row?.memberId ?? '', hint: t('teachers.member.hint')})),
      field('introduction', t('teachers.introduction'), {type: 'textarea', maxlength: 1000, value: row?.introduction ?? ''}), offices,
    ],
    submit: async (values) => {
      const json = {...values, organizationId: row?.organizationId ?? Number(values.organizationId), offices: offices.read()};
      if (row) await call('PUT', `/v1/teachers/${row.id}`, {json, version: versionOf(row)});
      else await post('/v1/teachers', json, {key});
      list.reload();
    },
  });
}
