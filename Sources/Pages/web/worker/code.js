// My code: the QR of this minute. The codes of the next minutes are fetched ahead and kept, so the page draws the next one without network;
// which one holds is judged by the server's clock as far as it is known.

import {h, s, put} from '../shared/dom.js';
import {get, pause, within} from '../shared/api.js';
import {serverNow, offset} from '../shared/clock.js';
import {qrPicture} from '../shared/code.js';
import {act, failure} from '../shared/view.js';
import {keep, kept} from '../shared/store.js';
import {stayAwake} from '../shared/awake.js';
import {clock, t} from '../shared/text.js';

const ahead = 20;
/** What a weak network may take: by then what is kept is as good as the answer. */
const longest = 10000;

export default async function code({signal}) {
  const pass = h('section', {class: 'pass', 'aria-label': t('code.title')});
  const below = h('div', {});
  let state = (await kept('codes')) ?? {items: [], offset: 0};
  let shown;
  let refusal;
  let isFetching = false;

  // Without an answer in this session the clock is the one that was known when the codes came.
  const now = () => (offset() === 0 ? Date.now() + state.offset : serverNow());
  const present = () => state.items.filter((one) => one.from <= now() && now() < one.to).at(-1);
  const left = () => state.items.filter((one) => one.to > now());

  async function fetchAhead() {
    if (isFetching) return;
    isFetching = true;
    try {
      const soon = {signal: within(signal, longest)};
      const [answer, me] = await Promise.all([get('/v1/me/codes', {count: ahead}, soon), get('/v1/me', {}, soon)]);
      state = {
        items: answer.items.map(({issuedAt, expiresAt, size, matrix}) => ({
          from: Date.parse(issuedAt), to: Date.parse(expiresAt), size, matrix,
        })),
        offset: offset(), who: me.member.name, organization: me.organizationName,
      };
      refusal = undefined;
      // Who signed out meanwhile left nothing here.
      if (!signal.aborted) await keep('codes', state);
    } catch (error) {
      if (error.name === 'AbortError') return;
      refusal = error;
      // Only who is told that there is no code for them loses those that were kept; a server in trouble takes nothing away.
      if (error.isFinal) {
        state = {items: [], offset: 0};
        await keep('codes', state);
      }
    } finally {
      isFetching = false;
    }
  }

  function nothing() {
    if (!refusal) return h('p', {role: 'status'}, t('state.loading'));
    if (refusal.isFinal) return failure(refusal, again);
    // Codes that are all to come: this phone's clock was set back since they were fetched.
    const isClockWrong = state.items.length > 0 && now() < state.items[0].from;
    return h('div', {class: 'state failed', role: 'alert'}, h('h2', {}, t(refusal.isOffline ? 'state.offline' : 'state.failed')),
      h('p', {}, t(isClockWrong ? 'code.clock' : 'code.ran_out')),
      h('button', {type: 'button', class: 'wide', onclick: (event) => act(event.currentTarget, again)}, t('action.retry')));
  }

  const ring = s('circle', {class: 'rest', cx: 20, cy: 20, r: 17, pathLength: 100, 'stroke-dasharray': '100 100'});
  const seconds = h('span', {class: 'number'});
  function draw() {
    const one = present();
    if (!one) {
      // Drawn once a refusal, for a button that is made anew twice a second cannot be pressed.
      if (shown !== (refusal ?? 'none')) {
        const hadFocus = pass.contains(document.activeElement);
        put(pass, nothing());
        if (hadFocus) pass.querySelector('button')?.focus();
      }
      shown = refusal ?? 'none';
      put(below);
      return;
    }
    if (shown !== one) {
      shown = one;
      put(pass, qrPicture(one.matrix, one.size, t('code.picture')),
        h('p', {class: 'hold'}, s('svg', {class: 'ring', viewBox: '0 0 40 40', 'aria-hidden': 'true'},
          s('circle', {class: 'whole', cx: 20, cy: 20, r: 17}), ring), seconds),
        h('p', {class: 'who'}, state.who, ' · ', state.organization));
    }
    // Codes overlap: the next one comes before this one ends.
    const end = Math.min(one.to, ...state.items.filter((other) => other.from > one.from).map((other) => other.from));
    const rest = Math.max(0, Math.ceil((end - now()) / 1000));
    seconds.textContent = t('code.renews', {n: rest});
    ring.setAttribute('stroke-dasharray', `${(rest / ((end - one.from) / 1000)) * 100} 100`);
    const last = left().at(-1);
    const text = refusal ? t('code.offline', {time: clock(last.to)}) : '';
    if ((below.firstChild?.textContent ?? '') !== text) put(below, text && h('p', {class: 'banner warn', role: 'status'}, text));
  }

  async function again() {
    await fetchAhead();
    if (!signal.aborted) draw();
  }

  async function run() {
    while (!signal.aborted) {
      draw();
      const isNearEnd = left().length < ahead / 2;
      // The network is asked again every 20 seconds while it is away.
      if (isNearEnd && (!refusal || Date.now() - (run.tried ?? 0) > 20000)) {
        run.tried = Date.now();
        await again();
      }
      await pause(500, signal);
    }
  }

  stayAwake(signal);
  addEventListener('online', again, {signal});
  // A page that comes back to the front shows the present code at once.
  document.addEventListener('visibilitychange', draw, {signal});
  run.tried = Date.now();
  const first = again();
  if (!present()) await first;
  draw();
  run();
  return h('div', {class: 'stack'}, h('h1', {class: 'unseen'}, t('code.title')), pass, below,
    h('a', {class: 'button wide', href: '#/open'}, t('code.open')), h('p', {class: 'soft'}, t('code.use')),
    h('a', {class: 'button quiet', href: '#/me/cards'}, t('code.card')));
}
