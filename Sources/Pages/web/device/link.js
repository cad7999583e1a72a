// How the device stands with the service: reachable or alone, since when, and how old what it knows is. The badge shows it.

import {call, get, pause, post} from '../shared/api.js';

const listeners = new Set();
const freshEvery = 60000;
const soon = 10000;
const stored = 'waystation-device-alone-since';
let state = {isAlone: false, since: undefined, asOf: undefined, fault: undefined};

/** Since when nobody was reached, also by the page that was open before; undefined while somebody is. */
function aloneSince(isReached) {
  try {
    if (isReached) localStorage.removeItem(stored);
    else if (!localStorage.getItem(stored)) localStorage.setItem(stored, String(Date.now()));
    return isReached ? undefined : Number(localStorage.getItem(stored));
  } catch {
    return isReached ? undefined : Date.now();
  }
}

/** {isAlone, since, asOf (milliseconds of what is known for the time alone), fault: a key of a text or undefined}. */
export function linkState() { return state; }

/** Calls `listener(state)` now and with every change, until `signal` ends. */
export function watchLink(listener, signal) {
  listeners.add(listener);
  signal?.addEventListener('abort', () => listeners.delete(listener), {once: true});
  listener(state);
}

/** Takes changes of the state. */
export function noteLink(changes) {
  state = {...state, ...changes};
  for (const listener of listeners) listener(state);
}

/** The service was heard, or was not. */
export function noteReach(isReached) {
  if (isReached === !state.isAlone && state.isKnown) return;
  noteLink({isKnown: true, isAlone: !isReached, since: aloneSince(isReached)});
}

/** Whether an error means that no answer came: no network, no time, or a service that is not well. */
export function isUnanswered(error) {
  return error.name === 'AbortError' || error.isOffline === true || error.status >= 500 || error.status === 429;
}

/** Only the service's own words end a device's service: a hotel's login page may answer 401 as well. */
export function isShutOut(error) {
  return (error.status === 401 || error.status === 403)
    && ['auth.token_invalid', 'auth.token_missing', 'auth.not_permitted', 'access.access_point_foreign'].includes(error.code);
}

/** Runs a task that calls the service, and notes whether it was reached. */
export async function notingReach(task) {
  try {
    const answer = await task();
    noteReach(true);
    return answer;
  } catch (error) {
    noteReach(!isUnanswered(error));
    throw error;
  }
}

/** Calls `ask()` now and every minute until `signal` ends; sooner while nobody is reached, and at once when there is a network again. */
export async function keepAsking(ask, signal) {
  let wake = () => undefined;
  addEventListener('online', () => wake(), {signal});
  while (!signal.aborted) {
    await ask();
    await Promise.race([pause(state.isAlone ? soon : freshEvery, signal), new Promise((resolve) => { wake = resolve; })]);
  }
}

async function within(milliseconds, task) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), milliseconds);
  try { return await notingReach(() => task(stop.signal)); } finally { clearTimeout(timer); }
}

/** Reads within a time; what does not come by then is an AbortError. */
export function getWithin(milliseconds, path, query) { return within(milliseconds, (signal) => get(path, query, {signal})); }

/** The same for a call that does something. */
export function postWithin(milliseconds, path, json, options) {
  return within(milliseconds, (signal) => post(path, json, {signal, ...options}));
}

/** The same for one that puts something in place. */
export function putWithin(milliseconds, path, json) {
  return within(milliseconds, (signal) => call('PUT', path, {json, signal}));
}
