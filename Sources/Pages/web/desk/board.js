// The live board: every station as a tile, the worst first, kept up by server-sent events. Also for a big screen on the wall.

import {h, put, announce} from '../shared/dom.js';
import {listen} from '../shared/api.js';
import {stayAwake} from '../shared/awake.js';
import {serverNow} from '../shared/clock.js';
import {ago, clock, count, named, t} from '../shared/text.js';
import {emptyState, failure, skeleton} from '../shared/view.js';
import {byTrouble, inside, standing} from './station-parts.js';

/** The board. */
export default function board({signal}) {
  const lines = new Map();
  const tiles = new Map();
  const list = h('ul', {class: 'plain tiles'});
  const body = h('div', {}, skeleton(8));
  const sums = h('p', {class: 'sums number'});
  const state = h('span', {class: 'tag', role: 'status'}, t('board.connecting'));
  const heard = h('span', {class: 'soft number'}, t('board.heard', {at: '--:--:--'}));
  const big = h('button', {type: 'button', 'aria-pressed': 'false', onclick: () => setBig(!host.classList.contains('big'))}, t('board.big'));
  const host = h('section', {class: 'board'},
    h('header', {class: 'head'}, h('h1', {}, t('board.title')), h('div', {class: 'actions'}, state, heard, big)), sums, body);
  let screen;
  drawSums();

  function take(event, data) {
    if (event !== 'board' && event !== 'stations') return;
    if (event === 'board') lines.clear();
    for (const line of data.items) {
      const before = lines.get(line.id) ?? (event === 'board' ? undefined : line);
      lines.set(line.id, line);
      tellTrouble(before, line);
    }
    for (const id of data.gone ?? []) lines.delete(id);
    heard.textContent = t('board.heard', {at: clock(data.at, {seconds: true})});
    draw(event === 'board' ? [...lines.keys()] : data.items.map((one) => one.id));
  }

  function draw(changed) {
    for (const [id, tile] of tiles) {
      if (lines.has(id)) continue;
      tile.remove();
      tiles.delete(id);
    }
    for (const id of changed) {
      if (!tiles.has(id)) tiles.set(id, h('li', {}, h('a', {href: `#/stations/${id}`})));
      fillTile(tiles.get(id).firstChild, lines.get(id));
    }
    const order = [...lines.values()].sort(byTrouble);
    const focused = document.activeElement;
    order.forEach(({id}, index) => {
      const tile = tiles.get(id);
      if (list.children[index] !== tile) list.insertBefore(tile, list.children[index] ?? null);
    });
    if (focused !== document.activeElement && list.contains(focused)) focused.focus({preventScroll: true});
    drawSums(order);
    const shown = order.length ? list : emptyState(t('board.empty'));
    if (body.firstChild !== list || !order.length) put(body, shown);
  }

  /** Before the first news they stand there without figures, in their places. */
  function drawSums(order) {
    const sum = (value) => (order ? count(order.reduce((all, line) => all + value(line), 0)) : '–');
    const isTroubled = (line) => ['bad', 'warn'].includes(standing(line)[0].tone);
    const pairs = [
      ['board.sum.open', order ? `${sum((line) => (line.isOpen ? 1 : 0))} / ${count(order.length)}` : '–'],
      ['board.sum.inside', sum((line) => line.peopleInside)], ['board.sum.entries', sum((line) => line.entriesLastHour)],
      ['board.sum.troubled', sum((line) => (isTroubled(line) ? 1 : 0))],
    ];
    put(sums, pairs.map(([key, value]) => h('span', {}, t(key), ' ', h('b', {}, value))));
  }

  async function setBig(isBig) {
    if (host.classList.contains('big') === isBig) return;
    host.classList.toggle('big', isBig);
    big.setAttribute('aria-pressed', String(isBig));
    big.textContent = t(isBig ? 'board.small' : 'board.big');
    const side = document.querySelector('.side');
    if (side) side.inert = isBig;
    screen?.abort();
    if (isBig) {
      screen = new AbortController();
      stayAwake(screen.signal);
      await document.documentElement.requestFullscreen?.().catch(() => undefined);
    } else if (document.fullscreenElement) await document.exitFullscreen().catch(() => undefined);
  }

  document.addEventListener('fullscreenchange', () => { if (!document.fullscreenElement) setBig(false); }, {signal});
  document.addEventListener('keydown', (event) => { if (event.key === 'Escape') setBig(false); }, {signal});
  signal.addEventListener('abort', () => { setBig(false); clearInterval(timer); }, {once: true});
  const timer = setInterval(() => {
    for (const one of list.querySelectorAll('[data-at]')) one.textContent = ago(one.dataset.at, serverNow());
  }, 10000);

  listen('/v1/station-board/events', take, {signal, state: (found) => {
    state.className = `tag ${found === 'open' ? 'good' : 'bad'}`;
    state.textContent = t(found === 'open' ? 'board.live' : 'board.broken');
  }}).catch((error) => {
    state.className = 'tag bad';
    state.textContent = t('board.ended');
    put(body, failure(error));
  });
  return host;
}

/** Who hears the board instead of seeing it learns of new trouble only. */
function tellTrouble(before, line) {
  const [worst] = standing(line);
  if (!before || worst.tone !== 'bad' || standing(before)[0].rank <= worst.rank) return;
  announce(`${named(line.nameZh, line.nameEn)}: ${worst.text}`);
}

function fillTile(tile, line) {
  const said = standing(line);
  tile.className = `tile ${said[0].tone}`;
  const age = (text) => h('span', {'data-at': text}, ago(text, serverNow()));
  put(tile,
    h('b', {class: 'tile-name'}, named(line.nameZh, line.nameEn)),
    h('span', {class: 'tile-said'}, said.map(({tone, text}) => h('span', {class: `tag ${tone}`}, text))),
    h('span', {class: 'tile-inside number'}, inside(line)),
    h('span', {class: 'soft number'}, t('board.hour', {entries: line.entriesLastHour, refusals: line.refusalsLastHour})),
    h('span', {class: 'soft number'}, t('board.last'), ' ', line.lastEntryAt ? age(line.lastEntryAt) : '—'),
    line.controllersSilent > 0 && line.heardAt && h('span', {class: 'soft number'}, t('board.heartbeat'), ' ', age(line.heardAt)));
}
