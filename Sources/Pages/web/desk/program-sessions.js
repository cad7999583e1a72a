// A program's sessions: how full each is, more seats at once, fewer only by a proposal that another organizer confirms.

import {h} from '../shared/dom.js';
import {get, post, requestID} from '../shared/api.js';
import {table} from '../shared/table.js';
import {field} from '../shared/form.js';
import {count, percent, t} from '../shared/text.js';
import {act, sheet} from '../shared/view.js';
import {ask, at, doing, facts, section, sessionName, who} from './service-parts.js';
import {account, may} from './rights.js';

const shownAtOnce = 20;

/** The part of the view. */
export function sessionsPart(one, signal) {
  const path = `/v1/programs/${one.id}/sessions`;
  const list = table({
    label: t('program.sessions'), csvName: `program-${one.id}-sessions`, signal, empty: t('program.sessions.none'),
    rowHref: (row) => `#/programs/${one.id}/people?show=awards&number=${row.number}`,
    columns: [
      {key: 'title', title: t('session.name'), sort: true, show: (row) => sessionName(row)},
      {key: 'startsAt', title: t('session.starts'), sort: true, show: (row) => at(row.startsAt)},
      {key: 'capacity', title: t('session.capacity'), number: true, sort: true, show: (row) => count(row.capacity)},
      {key: 'taken', title: t('session.taken'), number: true, sort: true, show: (row) => count(row.taken ?? 0)},
      {key: 'fill', title: t('session.fill'), number: true, sort: (row) => (row.taken ?? 0) / (row.capacity || 1),
        show: (row) => percent((row.taken ?? 0) / (row.capacity || 1))},
    ],
    load: async (after = 0, query, own) => {
      const {items} = await get(path, {}, {signal: own});
      return {items: items.slice(after, after + shownAtOnce), next: after + shownAtOnce < items.length ? after + shownAtOnce : undefined};
    },
    actions: may('programs.write') && one.state !== 'draft' ? (row, host) => [
      h('button', {type: 'button', class: 'quiet', onclick: () => seats(path, row, host)}, t('session.seats')),
      h('button', {type: 'button', class: 'quiet', onclick: (event) => act(event.target, () => cut(path, row, host))}, t('session.cut')),
    ] : undefined,
  });
  return section(t('program.sessions'), list);
}

function seats(path, row, host) {
  const key = requestID();
  ask(t('session.seats'), {
    action: t('action.save'), text: t('session.seats.text', {n: row.taken ?? 0}),
    fields: field('capacity', t('session.capacity'), {type: 'number', min: row.taken ?? 0, required: true, value: row.capacity}),
    submit: async (values) => {
      await post(`${path}/${row.number}/seats`, values, {key});
      host.reload();
    },
  });
}

/** Shows the proposal that waits, or asks for one. */
async function cut(path, row, host) {
  let waiting;
  try {
    waiting = await get(`${path}/${row.number}/cuts`);
  } catch (error) {
    if (error.status !== 404 && error.status !== 409) throw error;
  }
  if (waiting?.id) showCut(`${path}/${row.number}/cuts`, waiting, host);
  else {
    const key = requestID();
    ask(t('session.cut'), {
      action: t('session.cut.propose'), danger: true, text: t('session.cut.text'), fields: [
        field('capacity', t('session.capacity'), {type: 'number', min: 0, required: true, value: row.capacity}),
        field('reason', t('part.reason'), {required: true, maxlength: 300}),
      ],
      submit: async (values) => showCut(`${path}/${row.number}/cuts`, await post(`${path}/${row.number}/cuts`, values, {key}), host),
    });
  }
}

/** A proposal of fewer seats: whom it hits, and its confirmation by another. */
export function showCut(path, waiting, host) {
  const isOwn = waiting.proposedBy === account()?.subject;
  const dialog = sheet(t('session.cut.waiting'), facts([
    [t('session.capacity'), count(waiting.capacity)], [t('session.taken'), count(waiting.held ?? waiting.taken)],
    [t('session.cut.losers'), count(waiting.losers.length)],
    [t('part.reason'), waiting.reason], [t('session.cut.by'), who(waiting.proposedBy)],
  ]), isOwn ? h('p', {class: 'banner warn'}, t('session.cut.other')) : doing(t('session.cut.confirm', {n: waiting.losers.length}),
    () => post(`${path}/confirm`, {id: waiting.id}, {key: true}),
    {kind: 'danger', done: t('session.cut.done'), after: () => { dialog.close(); host.reload(); }}));
}
