// Members by file: first a trial that changes nothing, then the file itself; how far it is, what came of it, and every refused line with its why.

import {h, put} from '../shared/dom.js';
import {download, get, call, pause, sendFile, withQuery} from '../shared/api.js';
import {csvRows, csvText, saveText} from '../shared/csv.js';
import {field, form} from '../shared/form.js';
import {place} from '../shared/router.js';
import {table} from '../shared/table.js';
import {count, hasText, named, percent, t} from '../shared/text.js';
import {pane} from '../shared/view.js';
import {at, doing, facts, headed, organizationOptions, section} from './service-parts.js';
import {tag} from './people-parts.js';

const headings = ['姓名', '身份证号', '手机号', '工种', '就业形式', '苦脏累险岗位', '单位体检', '组织'];
const SILENT_MILLISECONDS = 120000;

/** The view. */
export default async function imports({signal}) {
  const options = await organizationOptions(signal);
  const result = h('div', {});
  const show = (id) => {
    history.replaceState(null, '', `#${withQuery('/imports', {id})}`);
    put(result, resultPart(id, signal));
    result.scrollIntoView({block: 'nearest'});
    past.reload({quiet: true});
  };
  const past = earlier(options, show, signal);
  const known = Number(place().query.id);
  if (known > 0) put(result, resultPart(known, signal));
  return h('div', {class: 'stack'},
    headed(t('imports.title'), doing(t('imports.sample'), () => saveText(csvText([headings]), 'members.csv'))),
    h('p', {class: 'soft'}, t('imports.text')), upload(options, show, signal), result, past);
}

/** Imports of before, the newest first. */
function earlier(options, show, signal) {
  const names = new Map(options.map(([id, name]) => [id, name.trim()]));
  const list = table({
    label: t('imports.earlier'), signal, lines: 4, csvName: 'imports', empty: t('imports.earlier.none'),
    columns: [
      {key: 'startedAt', title: t('imports.started'), sort: true, show: (row) => h('button', {type: 'button', class: 'link',
        onclick: () => show(row.id)}, at(row.startedAt))},
      {key: 'state', title: t('programs.state'), show: (row) => [tag('imports.state', row.state), ' ',
        row.dryRun && h('span', {class: 'tag note'}, t('imports.trial'))]},
      {key: 'organizationId', title: t('imports.organization'), show: (row) => row.organizationId
        && (names.get(row.organizationId) ?? t('people.organization', {number: String(row.organizationId)}))},
      ...['rows', 'inserted', 'updated', 'unchanged', 'refused'].map((key) => (
        {key, title: t(`imports.${key}`), number: true, sort: true, show: (row) => count(row[key])})),
    ],
    load: (after, query, own) => get('/v1/member-imports', {limit: 20, after}, {signal: own}),
  });
  const node = section(t('imports.earlier'), list);
  node.reload = list.reload;
  return node;
}

function upload(options, show, signal) {
  const bar = h('progress', {max: 1, 'aria-label': t('imports.sending')});
  const told = h('p', {class: 'soft number'});
  const place = h('div', {});
  const element = form({
    action: t('imports.send'), fields: [
      field('file', t('imports.file'), {type: 'file', accept: '.csv,.tsv,text/csv,text/tab-separated-values', required: true,
        hint: t('imports.file.hint')}),
      field('organizationId', t('imports.organization'), {type: 'select', hint: t('imports.organization.hint'),
        options: [['', t('imports.organization.none')], ...options]}),
      field('dryRun', t('imports.dryRun'), {type: 'checkbox', value: true, hint: t('imports.dryRun.hint')}), place,
    ],
    submit: async (values, host) => {
      const [file] = host.querySelector('[type=file]').files;
      const type = file.name.endsWith('.tsv') ? 'text/tab-separated-values' : 'text/csv';
      put(place, bar, told);
      try {
        const made = await sendFile(withQuery('/v1/member-imports', {dryRun: values.dryRun, organizationId: values.organizationId}), file, {
          type, signal, progress: (sent, whole) => {
            bar.value = whole ? sent / whole : 0;
            told.textContent = sent < whole ? t('imports.sent', {share: percent(sent / whole)}) : t('imports.reading');
          },
        });
        show(made.id);
      } finally { put(place); }
    },
  });
  return h('section', {class: 'card'}, h('h2', {}, t('imports.new')), element);
}

function resultPart(id, signal) {
  const host = pane(async (own) => {
    const one = await get(`/v1/member-imports/${id}`, {}, {signal: own});
    if (one.state === 'running') pause(1500, own).then(() => { if (!own.aborted) host.reload({quiet: true}); });
    const isSilent = one.state === 'running' && Date.now() - Date.parse(one.progressAt) > SILENT_MILLISECONDS;
    return h('div', {class: 'stack'}, section(t('imports.result', {number: String(id)}),
      h('p', {}, tag('imports.state', one.state), ' ', one.dryRun && h('span', {class: 'tag note'}, t('imports.trial'))),
      one.state === 'running' && h('progress', {max: one.bytesTotal || 1, value: one.bytesRead, 'aria-label': t('imports.progress')}),
      isSilent && h('p', {class: 'banner warn'}, t('imports.silent')),
      one.failureCode && h('p', {class: 'banner bad'}, t('imports.failed'), ' ', h('code', {}, one.failureCode)),
      one.state === 'finished' && h('p', {class: one.refused ? 'banner warn' : 'banner good'}, saying(one)),
      facts([
        ...['rows', 'inserted', 'updated', 'unchanged', 'refused'].map((key) => [t(`imports.${key}`), count(one[key])]),
        [t('imports.started'), at(one.startedAt)], [t('imports.finished'), one.finishedAt && at(one.finishedAt)],
      ])), one.refused > 0 && rejections(id, signal));
  }, {signal, lines: 6});
  return host;
}

function saying(one) {
  if (one.dryRun) return t(one.refused ? 'imports.said.trial_refused' : 'imports.said.trial', {n: one.rows, refused: one.refused});
  return t(one.refused ? 'imports.said.refused' : 'imports.said', {n: one.rows, refused: one.refused});
}

function fieldName(code) { return hasText(`imports.field.${code}`) ? t(`imports.field.${code}`) : code; }

function rejections(id, signal) {
  const path = `/v1/member-imports/${id}/rejections`;
  return section(t('imports.rejections'), h('p', {class: 'soft'}, t('imports.rejections.text')),
    h('div', {class: 'actions'}, doing(t('imports.rejections.download'), () => download(path, `import-${id}-refused.csv`))),
    table({
      label: t('imports.rejections'), signal, lines: 6,
      columns: [
        {key: 'line', title: t('imports.line'), number: true, sort: true, show: (row) => count(row.line)},
        {key: 'field', title: t('imports.field'), sort: true, show: (row) => fieldName(row.field)},
        {key: 'reason', title: t('imports.why'), sort: true},
        {key: 'shown', title: t('member.nationalId'), show: (row) => row.shown && h('span', {class: 'whole'}, row.shown)},
        {key: 'first', title: t('imports.first')},
      ],
      load: async (after, query, own) => {
        const [, ...rows] = csvRows(await call('GET', path, {accept: 'text/csv', as: 'text', signal: own}));
        const from = after ?? 0;
        const items = rows.slice(from, from + 100).map(([line, column, , zh, en, first, shown]) => (
          {line: Number(line), field: column, reason: named(zh, en), first, shown}));
        return {items, next: from + 100 < rows.length ? from + 100 : undefined};
      },
    }));
}
