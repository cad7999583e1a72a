// A view is in one of five states: loading, there, empty, failed, forbidden. `pane` keeps them, so that no view forgets one.

import {h, put, announce} from './dom.js';
import {t} from './text.js';

let signedOut = () => {};

/** What happens when the service no longer knows the session. */
export function onSignedOut(action) { signedOut = action; }

/** Goes to where one signs in, for who chose to. */
export function signInAgain() { signedOut(); }

/** Says once why somebody is where they sign in, however many places were refused. */
function endSession(error) {
  signedOut(error);
  if (!document.querySelector('#toasts > *')) toast(t('state.signed_out'), {kind: 'bad'});
}

/**
 * A place that fills itself: `load(signal)` gives a node, or null for nothing there. Its `reload()` fills it anew, keeping what is shown until
 * the new is there.
 *
 * - empty: what an empty place says, a text or a node
 * - lines: how many grey lines stand there while it loads, so that nothing jumps when it comes; {narrow, wide} where a phone needs more
 * - heading: of a failure; 'h1' where the place is the whole view
 * - isAside: says nothing of a network or service that is away, for the view's other places do
 */
export function pane(load, {empty, lines = 4, signal, label, heading, isAside} = {}) {
  const host = h('div', {class: 'pane', 'aria-label': label});
  let running;
  let isShown = false;
  let isWaitingForNetwork = false;
  async function reload({quiet = false} = {}) {
    running?.abort();
    const mine = new AbortController();
    running = mine;
    signal?.addEventListener('abort', () => mine.abort(), {once: true});
    host.setAttribute('aria-busy', 'true');
    if (!isShown) put(host, skeleton(lines));
    try {
      const node = await load(mine.signal);
      if (mine.signal.aborted) return;
      isWaitingForNetwork = false;
      // Who stood on something that goes now stands on what comes in its place, not at the page's beginning.
      const hadFocus = isShown && host.contains(document.activeElement);
      put(host, node ?? emptyState(empty));
      isShown = true;
      if (hadFocus) {
        host.tabIndex = -1;
        host.focus({preventScroll: true});
      }
    } catch (error) {
      if (mine.signal.aborted || error.name === 'AbortError') return;
      if (quiet && isShown && error.isOffline) return;
      isShown = false;
      isWaitingForNetwork = Boolean(error.isOffline);
      const again = () => reload();
      if (isAside && !error.isFinal) put(host);
      // A place that is not in its page yet is not the whole of it: its view's heading comes with it.
      else if (heading || !host.isConnected || document.querySelector('main h1')) put(host, failure(error, again, {heading}));
      else put(host, wholeFailure(error, again));
    } finally {
      if (running === mine) host.removeAttribute('aria-busy');
    }
  }
  host.reload = reload;
  // What had no network is there by itself once there is.
  if (signal) addEventListener('online', () => { if (isWaitingForNetwork) reload(); }, {signal});
  reload();
  return host;
}

/** Grey lines where something is coming. */
export function skeleton(lines = 4) {
  const length = lines.narrow ? (matchMedia('(max-width: 699px)').matches ? lines.narrow : lines.wide) : lines;
  return h('div', {class: 'skeleton', role: 'status'},
    h('span', {class: 'unseen'}, t('state.loading')), Array.from({length}, () => h('i', {'aria-hidden': 'true'})));
}

/** Nothing there, and what to do about it. */
export function emptyState(content) {
  return h('div', {class: 'state empty'}, typeof content === 'string' || !content ? h('p', {}, content || t('state.empty')) : content);
}

/** A refusal with its reasons and the way out. A view of which nothing else is there has it as its `heading` 'h1'. */
export function failure(error, retry, {heading = 'h2'} = {}) {
  if (error.status === 401) {
    endSession(error);
    return h('div', {class: 'state'}, h('p', {}, t('state.signed_out')));
  }
  if (!error.code) console.error(error);
  const [isForbidden, isGone] = [error.status === 403, error.status === 404];
  const way = error.isOffline ? t('way.offline') : isForbidden ? t('way.forbidden') : isGone ? t('way.gone')
    : error.retryable ? t('way.later') : null;
  return h('div', {class: isForbidden ? 'state forbidden' : 'state failed', role: 'alert'},
    h(heading, {}, isForbidden ? t('state.forbidden') : error.isOffline ? t('state.offline') : t('state.failed')),
    h('p', {}, error.code ? error.message : t('error.unknown')),
    reasonList(error), way && h('p', {class: 'way'}, way),
    retry && !isForbidden && !isGone && h('button', {type: 'button', onclick: retry}, t('action.retry')),
    error.requestID && h('p', {class: 'small'}, t('state.request', {id: error.requestID})));
}

/** Every failing condition of a refusal. */
export function reasonList(error) {
  const reasons = (error.reasons ?? []).filter((reason) => reason.detail && reason.detail !== error.message);
  return reasons.length ? h('ul', {class: 'reasons'}, reasons.map((reason) => h('li', {'data-code': reason.code}, reason.detail))) : null;
}

/** A sentence at the lower edge that goes by itself; screen readers hear it. */
export function toast(text, {kind = 'good'} = {}) {
  const host = document.getElementById('toasts');
  const note = h('p', {class: `toast ${kind}`}, text);
  host?.append(note);
  announce(text, {urgent: kind === 'bad'});
  setTimeout(() => note.remove(), 6000);
}

/** Runs an action of a button: it is shut meanwhile, and what refuses it is said. Gives whether it went well. */
export async function act(button, action, {done} = {}) {
  if (button?.getAttribute('aria-disabled') === 'true') return false;
  button?.setAttribute('aria-disabled', 'true');
  button?.classList.add('busy');
  try {
    await action();
    if (done) toast(done);
    return true;
  } catch (error) {
    if (error.name !== 'AbortError') showRefusal(error);
    return false;
  } finally {
    button?.removeAttribute('aria-disabled');
    button?.classList.remove('busy');
  }
}

/** A refusal of a view of which nothing else is there: under the view's name, so that it is known what did not come. */
export function wholeFailure(error, retry) {
  const [name] = document.title.split(' · ');
  return h('div', {}, h('h1', {}, name), failure(error, retry));
}

/** A refusal of something that somebody did: in a dialog, with reasons and the way out. */
export function showRefusal(error) {
  if (error.status === 401) return endSession(error);
  present(h('dialog', {class: 'sheet', 'aria-label': t('state.failed')}, failure(error),
    h('form', {method: 'dialog'}, h('button', {}, t('action.close')))));
  return undefined;
}

/**
 * Opens a dialog: who uses a keyboard begins in its first field, everybody else at its heading, where nothing is done by a key that was
 * meant for the page before. When it closes the focus goes back to what opened it, or to the view if that is gone.
 */
function present(dialog) {
  const before = document.activeElement;
  dialog.addEventListener('close', () => {
    dialog.remove();
    if (document.activeElement && document.activeElement !== document.body) return;
    (before?.isConnected && before !== document.body ? before : document.getElementById('main'))?.focus({preventScroll: true});
  });
  document.body.append(dialog);
  dialog.showModal();
  const heading = dialog.querySelector('h2');
  heading.tabIndex = -1;
  const hasKeyboard = matchMedia('(hover: hover) and (pointer: fine)').matches;
  const first = hasKeyboard && [...dialog.querySelectorAll('input, select, textarea')].find((one) => one.offsetParent && !one.disabled);
  if (first) first.focus(); else heading.focus({preventScroll: true});
}

/**
 * Asks before something is done. Gives what was typed (or '' where nothing is asked for), null when it was called off.
 *
 * - reason: the label of a text that must be given
 * - word: what must be typed, for what cannot be taken back
 */
export function confirm({title, text, action, danger = false, reason, word, fields = []}) {
  return new Promise((resolve) => {
    const input = (reason || word) && h('input', {required: true, maxlength: 500, autocomplete: 'off', ...(word && {pattern: word})});
    const dialog = h('dialog', {class: 'sheet', 'aria-label': title},
      h('form', {method: 'dialog'},
        h('h2', {}, title), text && (typeof text === 'string' ? h('p', {}, text) : text), fields,
        input && h('label', {class: 'field'}, h('span', {}, word ? t('confirm.word', {word}) : reason), input),
        h('div', {class: 'actions'},
          h('button', {class: danger ? 'danger' : 'primary', value: 'yes'}, action),
          h('button', {type: 'button', class: 'quiet', onclick: () => dialog.close('no')}, t('action.cancel')))));
    dialog.addEventListener('close', () => {
      resolve(dialog.returnValue === 'yes' ? input?.value ?? '' : null);
    });
    present(dialog);
  });
}

/** A dialog with any content; gives it back, so that it can be closed. */
export function sheet(title, ...content) {
  const dialog = h('dialog', {class: 'sheet', 'aria-label': title},
    h('header', {}, h('h2', {}, title),
      h('button', {type: 'button', class: 'icon', 'aria-label': t('action.close'), onclick: () => dialog.close()}, '✕')), content);
  // A finger beside it closes what is only read; what was typed is not lost by it.
  dialog.addEventListener('click', (event) => { if (event.target === dialog && !dialog.querySelector('form')) dialog.close(); });
  present(dialog);
  return dialog;
}
