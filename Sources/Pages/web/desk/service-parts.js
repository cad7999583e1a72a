// What the views of the services are put together of: headings with their actions, facts, tags of states, buttons that ask and do.

import {h} from '../shared/dom.js';
import {all, get} from '../shared/api.js';
import {form} from '../shared/form.js';
import {hasText, moment, named, t} from '../shared/text.js';
import {act, sheet} from '../shared/view.js';

/** The view's heading with what can be done at its side. */
export function headed(title, ...actions) { return h('header', {class: 'head'}, h('h1', {}, title),
  h('div', {class: 'actions'}, actions)); }

/** The way back to where this belongs. */
export function trail(...links) {
  return h('nav', {class: 'trail', 'aria-label': t('part.trail')}, links.map(([href, text]) => [h('a', {href: `#${href}`}, text), ' › ']));
}

/** Facts by name; what is not known is left out. */
export function facts(pairs) {
  return h('dl', {class: 'facts'}, pairs.filter(([, value]) => value !== undefined && value !== null && value !== false && value !== '')
    .map(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]));
}

/** A part of a view under its own heading. */
export function section(title, ...content) { return h('section', {class: 'card'}, h('h2', {}, title), content); }

const kinds = {
  open: 'good', published: 'good', running: 'good', active: 'good', confirmed: 'good', issued: 'good', accepted: 'good', attended: 'good',
  seated: 'good',
  announced: 'note', planned: 'note', offered: 'note', sent: 'note', run: 'warn', made: 'warn', reviewed: 'note', closed: 'warn',
  paused: 'warn',
  rejected: 'bad', cancelled: 'bad', no_show: 'bad', refused: 'bad', waitlisted: 'warn', moved: 'warn', filed: 'warn', absent: 'bad',
  late: 'warn',
};

/** A state in words, coloured: `area` is whose states they are, 'program' for program.state.open. */
export function stateTag(area, value) { return h('span', {class: `tag ${kinds[value] ?? ''}`}, word(`${area}.state`, value)); }

/** The word for a value of the service; one that is new there is shown as it came. */
export function word(area, value) { return hasText(`${area}.${value}`) ? t(`${area}.${value}`) : value; }

/** A button that does something; `after` runs once it went well. */
export function doing(text, action, {kind = '', done, after} = {}) {
  const button = h('button', {type: 'button', class: kind, onclick: async () => {
    if (await act(button, action, {done})) after?.();
  }}, text);
  return button;
}

/** Asks for more than a reason: a dialog with fields, closed once `submit(values)` went well; it stays where that gives false. */
export function ask(title, {fields, action, submit, text, danger}) {
  const dialog = sheet(title, text && h('p', {}, text), form({fields, action, danger, submit: async (found, element) => {
    if (await submit(found, element) !== false) dialog.close();
  }}));
  return dialog;
}

/** Every organization that the account sees, as options of a field, those below others set in. */
export async function organizationOptions(signal) {
  const items = await all('/v1/organizations', {}, {signal, max: 5000});
  const known = new Map(items.map((one) => [one.id, one]));
  const depth = (one) => (one.parentId && known.has(one.parentId) ? depth(known.get(one.parentId)) + 1 : 0);
  const below = new Map();
  for (const one of items) {
    const parent = known.has(one.parentId) ? one.parentId : 0;
    below.set(parent, [...(below.get(parent) ?? []), one]);
  }
  const ordered = [];
  const take = (parent) => (below.get(parent) ?? []).forEach((one) => { ordered.push(one); take(one.id); });
  take(0);
  return ordered.map((one) => [one.id, `${'　'.repeat(depth(one))}${named(one.name, one.nameEn)}`]);
}

/** A time as an input of day and time shows it, in the services' time zone. */
export function toInput(text) { return text ? new Date(Date.parse(text) + 8 * 3600000).toISOString().slice(0, 16) : undefined; }

/** What such an input says, as a time. */
export function fromInput(text) { return text ? new Date(`${text}:00+08:00`).toISOString() : undefined; }

/** A version as If-Match names it: of a row of a list, or of an answer that was read. */
export function versionOf(row) { return row?.version === undefined ? undefined : `"${String(row.version).replaceAll('"', '')}"`; }

/** What a session is called; a program without days or seats of its own has a single one. */
export function sessionName(one) {
  return one.title === 'pool' ? t('session.pool') : one.title || t('session.number', {number: one.number});
}

/** A moment, or a dash. */
export function at(text) { return text ? moment(text) : '—'; }

/** Who did something: accounts and members by their numbers. */
export function who(text) {
  const [kind, number] = (text ?? '').split(':');
  return hasText(`part.who.${kind}`) ? t(`part.who.${kind}`, {number: number ?? ''}) : text ?? '—';
}

/** A hash in full, small, that may be copied. */
export function hash(text) { return text ? h('code', {class: 'small hash'}, text) : undefined; }

/** The kinds of workers by their codes: [[code, name], …]. */
export async function workerKinds(signal) {
  const {items} = await get('/v1/member-attributes', {}, {signal});
  return (items.find((one) => one.attribute === 'worker_kind')?.options ?? []).map((one) => [one.code, named(one.zh, one.en)]);
}
