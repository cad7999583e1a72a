// Queued work of the service: how far it is, what failed, and starting or stopping one by hand.

import {h} from '../shared/dom.js';
import {get, pause, post} from '../shared/api.js';
import {table} from '../shared/table.js';
import {hasText, moment, percent, t} from '../shared/text.js';
import {confirm, showRefusal} from '../shared/view.js';
import {at, headed, who} from './service-parts.js';
import {subjectText} from './audit-table.js';
import {may} from './rights.js';

const states = ['queued', 'running', 'done', 'dead', 'cancelled'];
const colours = {running: 'note', done: 'good', dead: 'bad', cancelled: 'warn'};

/** The list; while something runs it is read again every few seconds. */
export default function jobs({signal}) {
  let isRunning = false;
  const list = table({
    label: t('jobs.title'), csvName: 'jobs', signal, empty: t('jobs.empty'),
    filters: [{name: 'state', label: t('jobs.state'), type: 'select', options: [['', t('part.all')],
       ...states.map((one) => [one, t(`jobs.state.${one}`)])]}],
    columns: [
      {key: 'kind', title: t('jobs.kind'), show: (row) => (hasText(`jobs.kind.${row.kind}`) ? t(`jobs.kind.${row.kind}`) : row.kind)},
      {key: 'subject', title: t('jobs.subject'), show: (row) => row.subject && subjectText(row.subject)},
      {key: 'state', title: t('jobs.state'), csv: (row) => t(`jobs.state.${row.state}`),
        show: (row) => h('span', {class: `tag ${colours[row.state] ?? ''}`}, t(`jobs.state.${row.state}`))},
      {key: 'progress', title: t('jobs.progress'), show: progress},
      {key: 'dueAt', title: t('jobs.due'), sort: true, show: (row) => moment(row.dueAt)},
      {key: 'finishedAt', title: t('jobs.finished'), show: (row) => at(row.finishedAt)},
      {key: 'requestedBy', title: t('jobs.by'), show: (row) => who(row.requestedBy)},
      {key: 'failure', title: t('jobs.failure'), show: (row) => row.failure},
    ],
    load: async (after, query, own) => {
      const page = await get('/v1/jobs', {limit: 50, after, ...query}, {signal: own});
      isRunning = page.items.some((one) => ['queued', 'running'].includes(one.state));
      return page;
    },
    actions: (row, host) => may('jobs.write') && [
      ['queued', 'dead', 'cancelled'].includes(row.state) && step(row, host, 'run'),
      ['queued', 'running'].includes(row.state) && step(row, host, 'cancel'),
    ],
  });
  watch(list, () => isRunning, signal);
  return h('div', {class: 'stack'}, headed(t('jobs.title')), h('p', {class: 'soft'}, t('jobs.text')), list);
}

async function watch(list, isRunning, signal) {
  while (!signal.aborted) {
    await pause(3000, signal);
    if (!signal.aborted && isRunning() && document.visibilityState === 'visible') await list.reload({quiet: true});
  }
}

function progress(row) {
  const done = row.progress?.done;
  const total = row.progress?.total;
  if (!Number.isFinite(done) || !total) return row.state === 'running' ? t('jobs.running') : '—';
  return h('span', {class: 'row'}, h('progress', {max: total, value: done, 'aria-label': t('jobs.progress')}), percent(done / total));
}

function step(row, host, name) {
  return h('button', {type: 'button', onclick: async () => {
    if (await confirm({title: t(`jobs.${name}`), text: t(`jobs.${name}.text`), action: t(`jobs.${name}`), danger: name === 'cancel'}) === null) return;
    try {
      await post(`/v1/jobs/${row.id}/${name}`);
      await host.reload();
    } catch (error) { showRefusal(error); }
  }}, t(`jobs.${name}`));
}
