// What goes to the insurer and what comes back: rosters with their receipts, results with their faults. A roster is in clear: reading it
// needs a reason, which is kept.

import {h, put} from '../shared/dom.js';
import {call, download, get, post, withQuery} from '../shared/api.js';
import {table} from '../shared/table.js';
import {field, form} from '../shared/form.js';
import {count, t} from '../shared/text.js';
import {act, confirm, sheet} from '../shared/view.js';
import {at, doing, section, who, word} from './service-parts.js';
import {may} from './rights.js';

/** Rosters of a batch. */
export function rostersPart(path, one, signal, again) {
  const list = table({
    label: t('roster.list'), signal, lines: 2, empty: t('roster.none'), csvName: `batch-${one.id}-rosters`,
    columns: [
      {key: 'number', title: t('roster.number'), show: (row) => t('roster.named', {number: row.number})},
      {key: 'lines', title: t('roster.lines'), number: true, show: (row) => count(row.lines)},
      {key: 'again', title: t('roster.again'), number: true, show: (row) => count(row.again)},
      {key: 'madeAt', title: t('roster.made'), show: (row) => `${at(row.madeAt)} · ${who(row.madeBy)}`},
      {key: 'receivedAt', title: t('roster.received'),
        show: (row) => (row.receivedAt ? `${at(row.receivedAt)} · ${who(row.receivedBy)}` : t('roster.waiting'))},
    ],
    load: (after, query, own) => get(`${path}/rosters`, {limit: 50, after}, {signal: own}),
    actions: may('insurance.files') ? (row, host) => [
      h('button', {type: 'button', class: 'quiet', onclick: (event) => act(event.target, () => read(path, one, row))},
        t('roster.download')),
      !row.receivedAt && doing(t('roster.receipt'), () => post(`${path}/rosters/${row.number}/receipt`),
        {kind: 'quiet', after: () => host.reload()}),
    ] : undefined,
  });
  return section(t('roster.list'), list,
    may('insurance.files') && one.places.reserved > 0 && doing(t('roster.make', {n: one.places.reserved}),
    () => post(`${path}/rosters`, undefined, {key: true}), {kind: 'primary', after: again}));
}

async function read(path, one, row) {
  const reason = await confirm({title: t('roster.download'), text: t('roster.download.text'), reason: t('roster.reason'),
    action: t('roster.download')});
  if (reason === null) return;
  await download(withQuery(`${path}/rosters/${row.number}`, {reason}), `roster-${one.id}-${row.number}.csv`, {accept: 'text/csv'});
}

/** Results of a batch, and taking a file of them. */
export function resultsPart(path, one, signal, again) {
  const list = table({
    label: t('result.list'), signal, lines: 2, empty: t('result.none'), csvName: `batch-${one.id}-results`,
    columns: [
      {key: 'number', title: t('result.number'), show: (row) => t('result.named', {number: row.number})},
      ...['lines', 'issued', 'rejected', 'unchanged', 'faulty']
        .map((key) => ({key, title: t(`result.${key}`), number: true, sort: true, show: (row) => count(row[key])})),
      {key: 'takenAt', title: t('result.taken'), show: (row) => `${at(row.takenAt)} · ${who(row.takenBy)}`},
    ],
    load: (after, query, own) => get(`${path}/results`, {limit: 50, after}, {signal: own}),
    actions: (row) => row.faulty > 0
      && h('button', {type: 'button', class: 'quiet', onclick: () => faults(path, one, row, signal)}, t('result.faults')),
  });
  return section(t('result.list'), list, may('insurance.files') && upload(path, list, again));
}

function faults(path, one, row, signal) {
  sheet(t('result.faults'), table({
    label: t('result.faults'), signal, csvName: `batch-${one.id}-faults-${row.number}`,
    columns: [
      {key: 'line', title: t('result.line'), number: true, sort: true},
      {key: 'field', title: t('result.field'), show: (fault) => (fault.field ? word('result.field', fault.field) : '')},
      {key: 'shown', title: t('result.shown')}, {key: 'reason', title: t('result.reason')},
    ],
    load: (after, query, own) => get(`${path}/results/${row.number}/faults`, {limit: 100, after}, {signal: own}),
  }));
}

/** First a trial that changes nothing, then the file as a whole. */
function upload(path, list, again) {
  const told = h('div', {role: 'status'});
  const send = async (file, dryRun) => call('POST', withQuery(`${path}/results`, {dryRun}), {body: file, type: 'text/csv'});
  const said = (result) => t('result.said', {lines: result.lines, issued: result.issued, rejected: result.rejected,
    unchanged: result.unchanged, faulty: result.faulty});
  return form({
    action: t('result.try'), fields: field('file', t('result.file'),
      {type: 'file', accept: '.csv,text/csv', required: true, hint: t('result.file.hint')}), aside: told,
    submit: async (values, element) => {
      const [file] = element.querySelector('[type=file]').files;
      const tried = await send(file, true);
      put(told, h('p', {class: tried.faulty ? 'banner warn' : 'banner good'}, said(tried)), doing(t('result.take'), async () => {
        const taken = await send(file);
        put(told, h('p', {class: 'banner good'}, t('result.taken.said', {number: taken.number}), ' ', said(taken)));
        element.reset();
        list.reload();
        again();
      }, {kind: 'primary'}));
    },
  });
}
