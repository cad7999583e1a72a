// Calls of the service. Every refusal becomes a `Refusal` with the service's own sentence, code and reasons; no answer at all becomes one
// with the code `network.unreachable`.

import {h} from './dom.js';
import {languageTag, t} from './text.js';
import {learnTime} from './clock.js';

let page = 'worker';
/** A phone's network may die without a word: by then a worker is told. Desks wait for what takes long. */
const longest = 40000;

/** Says which application this is: 'worker', 'desk' or 'device'. */
export function servePage(name) { page = name; }

/** Why a call was refused. */
export class Refusal extends Error {
  constructor(status, body, retryAfterSeconds) {
    super(body.detail || body.title || String(status));
    this.status = status;
    this.code = body.code ?? `http.${status}`;
    this.title = body.title;
    this.reasons = body.reasons ?? [];
    this.requestID = body.requestId;
    this.retryable = body.retryable ?? status >= 500;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  get isOffline() { return this.code === 'network.unreachable'; }

  /** Whether the service itself said no, and would say so again: no haste, no trouble of its own, no login page of a hotel in between. */
  get isFinal() {
    return this.status >= 400 && this.status < 500 && ![408, 429].includes(this.status) && this.code !== `http.${this.status}`;
  }
}

function cookie(name) {
  const pair = document.cookie.split('; ').find((one) => one.startsWith(`${name}=`));
  return pair ? pair.slice(name.length + 1) : undefined;
}

/** Whether this browser has (or had) a session of this page. */
export function hasSession() { return Boolean(cookie(`waystation_${page}_csrf`)); }

/** What tells this page's session from another one; undefined without one. */
export function sessionMark() { return cookie(`waystation_${page}_csrf`); }

/** A fresh id of a request, UUIDv7: the time, then random digits. */
export function requestID(now = Date.now()) {
  const random = crypto.getRandomValues(new Uint8Array(10));
  const digits = [...random].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  const time = Math.floor(now).toString(16).padStart(12, '0');
  const variant = (8 + (random[9] & 3)).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${digits.slice(0, 3)}-${variant}${digits.slice(3, 6)}-${digits.slice(6, 18)}`;
}

/**
 * Calls the service and gives the answer's JSON (or text, or bytes as a Blob).
 *
 * - method, path: 'GET', '/v1/me'
 * - json: a body as JSON; body + type: any other body
 * - key: an Idempotency-Key; true makes one, so that a repeat after a lost answer does nothing twice
 * - version: an ETag, for If-Match
 * - accept: 'application/json' by default
 * - authorization: another secret than the session's: 'Bearer wsa_…'
 */
export async function call(method, path, options = {}) {
  const {json, body, type, key, version, accept = 'application/json', authorization, signal, as = 'json'} = options;
  const headers = {'Accept': accept, 'Accept-Language': languageTag(), 'X-Waystation-Page': page};
  if (method !== 'GET') headers['X-CSRF-Token'] = cookie(`waystation_${page}_csrf`) ?? '';
  if (json !== undefined) headers['Content-Type'] = 'application/json';
  else if (type) headers['Content-Type'] = type;
  if (key) headers['Idempotency-Key'] = key === true ? requestID() : key;
  if (version) headers['If-Match'] = version;
  if (authorization) headers['Authorization'] = authorization;
  const ending = page === 'worker' && as !== 'answer' ? within(signal, longest) : signal;
  const asked = Date.now();
  let answer;
  try {
    answer = await fetch(path, {
      method, headers, signal: ending, body: json !== undefined ? JSON.stringify(json) : body, credentials: 'same-origin', cache: 'no-store',
    });
  } catch (error) {
    throw noAnswer(error, ending);
  }
  learnTime(answer.headers.get('Date'), asked, Date.now());
  if (!answer.ok) {
    let problem = {};
    try { problem = await answer.json(); } catch {
      const said = t(answer.status >= 500 ? 'error.server' : 'error.unknown');
      problem = {title: said, detail: said};
    }
    throw new Refusal(answer.status, problem, Number(answer.headers.get('Retry-After')) || undefined);
  }
  if (as === 'answer') return answer;
  if (answer.status === 204) return undefined;
  let value;
  // An answer that breaks off, or is the login page of a hotel, is no answer at all.
  try { value = await answer[as](); } catch (error) { throw noAnswer(error, ending); }
  const tag = answer.headers.get('ETag');
  if (tag && value && typeof value === 'object') Object.defineProperty(value, 'version', {value: tag});
  return value;
}

/** What a call without answer ends with. Whoever left hears only that. */
function noAnswer(error, signal) { return error.name === 'AbortError' && !overdue.has(signal) ? error : unreachable(); }

function unreachable() {
  return new Refusal(0, {code: 'network.unreachable', title: t('error.offline'), detail: t('error.offline'), retryable: true});
}

/**
 * Sends a file and tells how far it is: `progress(sent, whole)` in bytes. Gives the answer's JSON; refusals as `call` has them. Only the older
 * way of asking tells what was sent.
 */
export function sendFile(path, file, {type, signal, progress = () => {}} = {}) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', path);
    request.responseType = 'json';
    const headers = {'Accept': 'application/json', 'Accept-Language': languageTag(), 'X-Waystation-Page': page,
      'X-CSRF-Token': cookie(`waystation_${page}_csrf`) ?? '', 'Content-Type': type};
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.addEventListener('progress', (event) => progress(event.loaded, event.lengthComputable ? event.total : file.size));
    request.addEventListener('load', () => {
      if (request.status >= 200 && request.status < 300) resolve(request.response);
      else reject(new Refusal(request.status, request.response ?? {title: t('error.unknown'), detail: t('error.unknown')}));
    });
    request.addEventListener('error', () => reject(unreachable()));
    request.addEventListener('abort', () => reject(new DOMException('left', 'AbortError')));
    signal?.addEventListener('abort', () => request.abort(), {once: true});
    request.send(file);
  });
}

/** Reads. `query` is an object; what is undefined or '' is left out. */
export function get(path, query, options) { return call('GET', withQuery(path, query), options); }

/** Creates or does something. */
export function post(path, json, options) { return call('POST', path, {json, ...options}); }

/** A path with a query. */
export function withQuery(path, query = {}) {
  const pairs = Object.entries(query ?? {}).filter(([, value]) => value !== undefined && value !== null && value !== '');
  return pairs.length ? `${path}?${new URLSearchParams(pairs.map(([name, value]) => [name, String(value)]))}` : path;
}

/** Everything of a list, page by page, `max` items at most. */
export async function all(path, query = {}, {max = 2000, signal} = {}) {
  const items = [];
  let after;
  do {
    const page = await get(path, {limit: Math.min(200, max), ...query, after}, {signal});
    items.push(...page.items);
    after = page.next;
  } while (after && items.length < max);
  return items;
}

/**
 * Server-sent events until `signal` ends them: `heard(event, data)` for each, with data as JSON. A stream that breaks is opened again, after
 * 1 s, 2 s … 30 s with a random part, so that a thousand pages do not come back in the same instant. `state` hears 'open' and 'broken'.
 */
export async function listen(path, heard, {signal, state = () => {}} = {}) {
  let wait = 1000;
  while (!signal.aborted) {
    try {
      const answer = await call('GET', path, {accept: 'text/event-stream', signal, as: 'answer'});
      state('open');
      wait = 1000;
      let rest = '';
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
        const blocks = (rest + piece.value).split('\n\n');
        rest = blocks.pop();
        for (const block of blocks) tell(block, heard);
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error.status === 401 || error.status === 403 || error.status === 404) throw error;
    }
    if (signal.aborted) return;
    state('broken');
    await pause(wait * (0.5 + Math.random()), signal);
    wait = Math.min(wait * 2, 30000);
  }
}

function tell(block, heard) {
  const lines = block.split('\n').filter((line) => !line.startsWith(':'));
  const data = lines.filter((line) => line.startsWith('data:')).map((line) => line.slice(5).trimStart()).join('\n');
  const event = lines.find((line) => line.startsWith('event:'))?.slice(6).trim() ?? 'message';
  if (data) heard(event, JSON.parse(data));
}

/** Waits; ends at once when `signal` does. */
export function pause(milliseconds, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener('abort', () => { clearTimeout(timer); resolve(); }, {once: true});
  });
}

/** Signals that time ended. */
const overdue = new WeakSet();

/** A signal that also ends after some milliseconds: what has no answer by then has none at all, and is not taken for left. */
export function within(signal, milliseconds) {
  const mine = new AbortController();
  const stop = (isOverdue) => {
    if (isOverdue) overdue.add(mine.signal);
    mine.abort();
  };
  const timer = setTimeout(() => stop(true), milliseconds);
  const end = () => {
    clearTimeout(timer);
    stop(overdue.has(signal));
  };
  if (signal?.aborted) end();
  else signal?.addEventListener('abort', end, {once: true});
  return mine.signal;
}

/** Saves what a path answers as a file of the name given. */
export async function download(path, name, options) {
  const address = URL.createObjectURL(await call(options?.method ?? 'GET', path, {accept: '*/*', ...options, as: 'blob'}));
  const link = h('a', {href: address, download: name});
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60000);
}
