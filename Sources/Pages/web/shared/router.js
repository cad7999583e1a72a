// Views by the part of the address behind #: '#/stations/3'. A view is a module that is loaded when it is first shown.

import {h, put, announce} from './dom.js';
import {skeleton, wholeFailure} from './view.js';
import {allTexts, hasText, t} from './text.js';

let routes = [];
let host;
let current;
let shown;
let changed = () => {};

/** Where we are: the path without #, and its query. */
export function place() {
  const [path, query] = location.hash.slice(1).split('?');
  return {path: path || '/', query: Object.fromEntries(new URLSearchParams(query))};
}

/** Goes to a path; in its stead of the present one when `replace`. */
export function go(path, {replace = false} = {}) {
  if (replace) location.replace(`#${path}`);
  else location.hash = path;
}

/**
 * Begins. `table` is a list of [pattern, load, key of the title, options]: '/stations/:id'. A view's module has `default(context)`, which gives
 * a node; context is {params, query, signal, title(text)}: the signal ends when the view is left. A view with the option `isFirst` is shown
 * as soon as the first texts are there.
 */
export function startRouter(table, element, onChange = () => {}) {
  routes = table.map(([pattern, load, title, options]) => ({parts: pattern.split('/').filter(Boolean), load, title, ...options}));
  host = element;
  changed = onChange;
  // The address may have been set just before the beginning: what is shown already is not made twice.
  addEventListener('hashchange', () => { if (location.hash !== shown) show(); });
  return show();
}

/** Shows the present view anew. */
export function refresh() { return show(); }

function find(path) {
  const parts = path.split('/').filter(Boolean);
  for (const route of routes) {
    if (route.parts.length !== parts.length) continue;
    const params = {};
    const fits = route.parts.every((part, index) => {
      if (!part.startsWith(':')) return part === parts[index];
      params[part.slice(1)] = asName(parts[index]);
      return params[part.slice(1)] !== undefined;
    });
    if (fits) return {route, params};
  }
  return undefined;
}

/** A part of an address as views put it into those of the service; undefined for what would lead to another place there. */
function asName(part) {
  try {
    const name = decodeURIComponent(part);
    return /[/\\?#%\u0000-\u001f]|^\.+$/.test(name) ? undefined : name;
  } catch { return undefined; }
}

async function show() {
  current?.abort();
  // The telephone's own way back leaves a dialog, too.
  for (const dialog of document.querySelectorAll('dialog[open]')) dialog.close();
  const mine = new AbortController();
  current = mine;
  shown = location.hash;
  const {path, query} = place();
  const found = find(path);
  changed(path);
  const title = (text) => {
    if (mine.signal.aborted) return;
    document.title = `${text} · ${t('name')}`;
  };
  if (!found) {
    title(t('state.nowhere'));
    put(host, h('div', {class: 'state'}, h('h1', {}, t('state.nowhere')), h('p', {}, t('way.gone')),
      h('a', {class: 'button primary', href: '#/'}, t('action.home'))));
    arrive();
    return;
  }
  const waiting = setTimeout(() => put(host, skeleton(6)), 150);
  try {
    const [module] = await Promise.all([found.route.load(), found.route.isFirst || allTexts()]);
    title(t(found.route.title));
    const node = await module.default({params: found.params, query, signal: mine.signal, title});
    if (mine.signal.aborted) return;
    put(host, node);
  } catch (error) {
    if (mine.signal.aborted || error.name === 'AbortError') return;
    if (hasText(found.route.title)) title(t(found.route.title));
    put(host, wholeFailure(error, show));
  } finally {
    clearTimeout(waiting);
  }
  arrive();
}

function arrive() {
  scrollTo(0, 0);
  // Who reads by ear or goes by keyboard begins at the new view's heading.
  const heading = host.querySelector('h1');
  if (heading && arrive.isLater) {
    heading.tabIndex = -1;
    heading.focus({preventScroll: true});
  } else if (arrive.isLater) announce(document.title);
  arrive.isLater = true;
}
