// Applying on behalf of members: of one by number, or of many by a file, which is tried first and changes nothing then.

import {h, put, announce} from '../shared/dom.js';
import {call, sendFile, withQuery} from '../shared/api.js';
import {csvText, saveText} from '../shared/csv.js';
import {field, form} from '../shared/form.js';
import {count, t} from '../shared/text.js';
import {confirm, sheet} from '../shared/view.js';
import {ask, doing, sessionName} from './service-parts.js';

const MOST_WISHES = 5;

/** Applies for one member, or replaces what they wish for. */
export function askApplication(path, sessions, row, after) {
  const options = [['', '–'], ...sessions.map((one) => [one.number, sessionName(one)])];
  ask(t(row ? 'application.change' : 'application.add'), {
    action: t('action.save'), text: t('application.add.text'), fields: [
      field('memberId', t('award.member'), {type: 'number', min: 1, required: true, value: row?.memberId, disabled: Boolean(row)}),
      sessions.length > 0 && h('div', {class: 'fields'}, Array.from({length: Math.min(MOST_WISHES, sessions.length)}, (_, index) =>
        field(`wish-${index}`, t('run.wish', {n: index + 1}), {type: 'select', options, value: row?.wishes[index] ?? ''}))),
    ],
    submit: async (values) => {
      const wishes = Array.from({length: MOST_WISHES}, (_, index) => Number(values[`wish-${index}`])).filter((one) => one > 0);
      await call('PUT', `${path}/${row?.memberId ?? values.memberId}`, {json: {wishes: [...new Set(wishes)]}});
      after();
    },
  });
}

/** Takes a member's application back. */
export async function takeBack(path, row, after) {
  if (await confirm({title: t('application.take_back'), text: t('application.take_back.text', {name: `${row.name ?? ''} #${row.memberId}`}),
    action: t('application.take_back'), danger: true}) === null) return;
  await call('DELETE', `${path}/${row.memberId}`);
  after();
}

/** Takes a file of applications: tried first, then taken. */
export function importApplications(path, sessions, after) {
  const result = h('div', {'aria-live': 'polite'});
  const example = () => saveText(csvText([[t('application.file.member'), t('application.file.wishes')],
    ['1001', sessions.slice(0, 3).map((one) => one.number).join(' ')]]), 'applications.csv');
  const send = async (file, dryRun) => {
    const type = file.name.endsWith('.tsv') ? 'text/tab-separated-values' : 'text/csv';
    const said = await sendFile(withQuery(`${path}/import`, {dryRun}), file, {type});
    put(result, summary(said), said.dryRun && said.applied > 0 && doing(t('application.file.take', {n: said.applied}), async () => {
      await send(file, false);
      after();
    }, {kind: 'primary'}));
    announce(t(said.dryRun ? 'application.file.tried' : 'application.file.taken', {applied: said.applied, refused: said.refused}));
  };
  const element = form({
    action: t('application.file.try'), aside: doing(t('imports.sample'), example, {kind: 'quiet'}), fields: [
      field('file', t('imports.file'), {type: 'file', required: true, accept: '.csv,.tsv,text/csv,text/tab-separated-values',
        hint: t('application.file.hint')}),
    ],
    submit: (values, host) => send(host.querySelector('[type=file]').files[0], true),
  });
  element.addEventListener('change', () => put(result));
  sheet(t('application.file'), h('p', {class: 'soft'}, t('application.file.text')), element, result);
}

function summary(said) {
  const tone = said.refused ? 'warn' : 'good';
  return [
    h('p', {class: `banner ${tone}`}, t(said.dryRun ? 'application.file.tried' : 'application.file.taken',
      {applied: said.applied, refused: said.refused})),
    said.refusals.length > 0 && h('div', {class: 'table-box', role: 'region', tabindex: '0', 'aria-label': t('imports.rejections')},
      h('table', {class: 'rows'}, h('thead', {}, h('tr', {}, ['imports.line', 'imports.field', 'imports.why']
        .map((key) => h('th', {scope: 'col'}, t(key))))),
      h('tbody', {}, said.refusals.map((one) => h('tr', {}, h('th', {scope: 'row', class: 'whole'},
        t('application.file.line', {n: count(one.line)})),
        h('td', {'data-label': t('imports.field')}, t(`application.column.${one.column}`)),
        h('td', {'data-label': t('imports.why')}, one.reason)))))),
  ];
}
