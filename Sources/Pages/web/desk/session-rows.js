// A draft's sessions as rows to fill in: title, day and time, seats.

import {h} from '../shared/dom.js';
import {field} from '../shared/form.js';
import {t} from '../shared/text.js';
import {at, fromInput, toInput} from './service-parts.js';

/** Rows of sessions; `read()` gives them as the service takes them. */
export function sessionRows(sessions) {
  const list = h('ul', {class: 'plain parts'});
  const add = (session) => list.append(row(session));
  sessions.forEach(add);
  const node = h('div', {}, list, h('button', {type: 'button', class: 'quiet', 'data-add': 'session', onclick: () => {
    const last = list.lastElementChild?.read();
    const shift = (text) => (text ? new Date(Date.parse(text) + 86400000).toISOString() : undefined);
    add({title: last?.title ?? '', capacity: last?.capacity ?? 40, startsAt: shift(last?.startsAt), endsAt: shift(last?.endsAt)});
    list.lastElementChild.querySelector('input').focus();
  }}, `＋ ${t('editor.add.session')}`));
  node.read = () => [...list.children].map((one, index) => ({...one.read(), number: index + 1}));
  return node;
}

function row(session) {
  const title = field('', t('session.name'), {value: session.title, maxlength: 100, hint: t('session.name.hint')});
  const starts = field('', t('session.starts'), {type: 'datetime-local', value: toInput(session.startsAt)});
  const ends = field('', t('session.ends'), {type: 'datetime-local', value: toInput(session.endsAt)});
  const capacity = field('', t('session.capacity'), {type: 'number', min: 1, value: session.capacity});
  const node = h('li', {class: 'part'}, h('div', {class: 'fields'}, title, starts, ends, capacity),
    h('button', {type: 'button', class: 'quiet', onclick: () => node.remove()}, t('rule.remove')));
  const of = (one) => one.querySelector('input').value;
  node.read = () => ({
    title: of(title) || (of(starts) ? at(fromInput(of(starts))) : ''), capacity: Number(of(capacity)),
    startsAt: fromInput(of(starts)), endsAt: fromInput(of(ends)),
    walkIn: session.walkIn, areaId: session.areaId, audienceId: session.audienceId,
  });
  return node;
}
