// One organization: what is known of it, the code by which people join, the yearly renewal, where it hangs, and its end.

import {h} from '../shared/dom.js';
import {all, call, get, post, requestID} from '../shared/api.js';
import {field} from '../shared/form.js';
import {table} from '../shared/table.js';
import {count, date, named, t} from '../shared/text.js';
import {pane} from '../shared/view.js';
import {ask, at, doing, facts, headed, organizationOptions, section, trail, who} from './service-parts.js';
import {askReason, attributeCatalogue, optionName, organizationNames, tag} from './people-parts.js';
import {joinPart} from './organization-join.js';
import {may} from './rights.js';

const industries = [...'ABCDEFGHIJKLMNOPQRST'];

/** What an organization may lack: what is known of it, and what is renewed each year. */
const fixed = ['nameEn', 'creditCode', 'industry', 'foundedOn'];
const changing = ['address', 'contactPhone', 'employees', 'employeesFemale', 'membersStated', 'chairName', 'chairElectedOn'];

const cleared = (names, values) => Object.fromEntries(names.map((name) => [name, values[name] ?? null]));

/** The view. */
export default async function organization({params, signal, title}) {
  const path = `/v1/organizations/${params.id}`;
  const names = await organizationNames(signal);
  const view = pane(async (own) => {
    const one = await get(path, {}, {signal: own});
    const name = named(one.name, one.nameEn);
    title(name);
    const isOpen = one.state === 'open';
    return h('div', {class: 'stack'}, trail(['/organizations', t('organizations.title')],
      ...(one.parentId ? [[`/organizations/${one.parentId}`, names(one.parentId)]] : [])),
    headed(name, tag('organization.state', one.state), isOpen && may('organizations.write') && [
      doing(t('organization.edit'), () => edit(path, one, view)), doing(t('organization.move'), () => move(path, one, view)),
      doing(t('organization.close'), () => close(path, one, view), {kind: 'danger'}),
    ]),
    one.closeReason && h('p', {class: 'banner'}, `${at(one.closedAt)} · ${one.closeReason}`),
    h('div', {class: 'halves'}, factsPart(one, names), isOpen && joinPart(path, signal)),
    renewalPart(path, one, view, signal), one.kind === 'holding' && holdingPart(path, signal), belowPart(one, signal), movesPart(path, names, signal));
  }, {signal, lines: 12});
  return view;
}

function factsPart(one, names) {
  return section(t('organization.facts'), facts([
    [t('organizations.name'), one.name], [t('organization.nameEn'), one.nameEn],
    [t('organization.kind'), t(`organization.kind.${one.kind}`)],
    [t('organization.parent'), one.parentId ? h('a', {href: `#/organizations/${one.parentId}`}, names(one.parentId)) : t('organization.root')],
    [t('organization.joinRule'), t(`organization.joinRule.${one.joinRule}`)], [t('organization.creditCode'), one.creditCode],
    [t('organization.industry'), one.industry && t(`organization.industry.${one.industry}`)],
    [t('organization.foundedOn'), one.foundedOn && date(one.foundedOn)], [t('organization.address'), one.address],
    [t('organization.contactPhone'), one.contactPhone && h('a', {href: `tel:${one.contactPhone.replaceAll(' ', '')}`}, one.contactPhone)],
    [t('organization.employees'), one.employees !== undefined && one.employees !== null && count(one.employees)],
    [t('organization.employeesFemale'), one.employeesFemale !== undefined && one.employeesFemale !== null && count(one.employeesFemale)],
    [t('organization.membersStated'), one.membersStated !== undefined && one.membersStated !== null && count(one.membersStated)],
    [t('organization.chairName'), one.chairName], [t('organization.chairElectedOn'), one.chairElectedOn && date(one.chairElectedOn)],
    [t('organization.createdAt'), at(one.createdAt)],
  ]), h('div', {class: 'actions'}, h('a', {class: 'button', href: `#/members?organizationId=${one.id}`}, t('organization.members')),
    h('a', {class: 'button', href: `#/applications?organizationId=${one.id}`}, t('applications.title'))));
}

function yearly(one) {
  return [
    field('address', t('organization.address'), {value: one.address ?? '', maxlength: 200}),
    h('div', {class: 'fields'},
      field('contactPhone', t('organization.contactPhone'), {type: 'tel', value: one.contactPhone ?? '', maxlength: 30}),
      field('employees', t('organization.employees'), {type: 'number', min: 0, value: one.employees ?? ''}),
      field('employeesFemale', t('organization.employeesFemale'), {type: 'number', min: 0, value: one.employeesFemale ?? ''}),
      field('membersStated', t('organization.membersStated'), {type: 'number', min: 0, value: one.membersStated ?? ''}),
      field('chairName', t('organization.chairName'), {value: one.chairName ?? '', maxlength: 50}),
      field('chairElectedOn', t('organization.chairElectedOn'), {type: 'date', value: one.chairElectedOn ?? ''})),
  ];
}

function edit(path, one, view) {
  ask(t('organization.edit'), {
    action: t('action.save'), fields: [
      field('name', t('organizations.name'), {required: true, value: one.name, maxlength: 100}),
      field('nameEn', t('organization.nameEn'), {value: one.nameEn ?? '', maxlength: 100, lang: 'en', hint: t('organization.nameEn.hint')}),
      field('joinRule', t('organization.joinRule'), {type: 'select', value: one.joinRule,
        options: ['approval', 'automatic'].map((each) => [each, t(`organization.joinRule.${each}`)])}),
      h('div', {class: 'fields'}, field('creditCode', t('organization.creditCode'), {value: one.creditCode ?? '', maxlength: 40}),
        field('industry', t('organization.industry'), {type: 'select', value: one.industry ?? '',
          options: [['', '–'], ...industries.map((each) => [each, t(`organization.industry.${each}`)])]}),
        field('foundedOn', t('organization.foundedOn'), {type: 'date', value: one.foundedOn ?? ''})),
      yearly(one),
    ],
    submit: async (values) => {
      // What was emptied is taken away; the name and the rule of joining are always there.
      const json = {...cleared([...fixed, ...changing], values), name: values.name, joinRule: values.joinRule};
      await call('PATCH', path, {json, version: one.version});
      view.reload();
    },
  });
}

async function move(path, one, view) {
  const key = requestID();
  const options = (await organizationOptions()).filter(([id]) => id !== one.id);
  askReason(t('organization.move'), {
    text: t('organization.move.text'), action: t('organization.move'), danger: true,
    fields: field('parentId', t('organization.parent'), {type: 'select', value: one.parentId ?? '', options: [['', t('organization.root')], ...options]}),
    submit: async (reason, values) => {
      await post(`${path}/move`, {reason, ...(values.parentId && {parentId: Number(values.parentId)})}, {key, version: one.version});
      view.reload();
    },
  });
}

function close(path, one, view) {
  const key = requestID();
  askReason(t('organization.close'), {
    text: t('organization.close.text', {name: one.name}), action: t('organization.close'), danger: true,
    submit: async (reason) => { await post(`${path}/close`, {reason}, {key}); view.reload(); },
  });
}

function renewalPart(path, one, view, signal) {
  const key = requestID();
  return section(t('organization.renewal'), h('p', {}, tag('organization.renewal', one.renewal), ' ',
    t('organization.renewedOn', {on: date(one.renewedOn)})), h('p', {class: 'soft'}, t('organization.renewal.text')),
  one.state === 'open' && may('organizations.write') && doing(t('organization.renew'), () => ask(t('organization.renew'), {
    action: t('organization.renew.do'), text: t('organization.renew.text'), fields: yearly(one),
    submit: async (values) => { await post(`${path}/renewals`, cleared(changing, values), {key, version: one.version}); view.reload(); },
  }), {kind: 'primary'}), table({
    label: t('organization.renewals'), signal, lines: 2, csvName: `organization-${one.id}-renewals`, empty: t('organization.renewals.none'),
    columns: [
      {key: 'halfYearOn', title: t('organization.halfYear'), sort: true, show: (row) => date(row.halfYearOn)},
      {key: 'employees', title: t('organization.employees'), number: true, sort: true, show: (row) => row.employees && count(row.employees)},
      {key: 'membersStated', title: t('organization.membersStated'), number: true, sort: true,
        show: (row) => row.membersStated && count(row.membersStated)},
      {key: 'chairName', title: t('organization.chairName')},
      {key: 'renewedBy', title: t('organization.renewedBy'), show: (row) => `${at(row.renewedAt)} · ${who(row.renewedBy)}`},
    ],
    load: (after, query, own) => get(`${path}/renewals`, {}, {signal: own}),
  }));
}

function holdingPart(path, signal) {
  return section(t('organization.holding'), pane(async (own) => {
    const [report, catalogue] = await Promise.all([get(`${path}/holding-report`, {}, {signal: own}), attributeCatalogue(own)]);
    const days = (one) => t('organization.holding.days', {people: one.people, median: one.medianDays, ninth: one.ninetiethPercentileDays,
      longest: one.longestDays});
    return facts([
      [t('organization.holding.waiting'), report.waiting ? days(report.waiting) : t('organization.holding.nobody')],
      ...report.waitingByWorkerKind.map((one) => [optionName(catalogue, 'worker_kind', one.workerKind ?? 'other'), days(one)]),
      [t('organization.holding.placed'), report.placed && days(report.placed)], [t('organization.holding.left'), count(report.left)],
    ]);
  }, {signal, lines: 4}));
}

function belowPart(one, signal) {
  return section(t('organization.below'), pane(async (own) => {
    const items = await all('/v1/organizations', {parentId: one.id}, {signal: own, max: 5000});
    return items.length ? h('ul', {class: 'tree'}, items.map((each) => h('li', {}, h('div', {class: 'twig'},
      h('a', {href: `#/organizations/${each.id}`}, each.name), h('span', {class: 'small'}, t(`organization.kind.${each.kind}`)))))) : null;
  }, {signal, lines: 3, empty: t('organization.below.none')}));
}

function movesPart(path, names, signal) {
  return section(t('organization.moves'), pane(async (own) => {
    const {items} = await get(`${path}/moves`, {}, {signal: own});
    const name = (id) => names(id) || t('organization.root');
    return items.length ? h('ul', {class: 'plain events'}, items.map((one) => h('li', {},
      `${at(one.movedAt)} · ${name(one.parentIdBefore)} → ${name(one.parentIdAfter)} · ${one.reason} · ${who(one.movedBy)}`))) : null;
  }, {signal, lines: 1, empty: t('organization.moves.none')}));
}
