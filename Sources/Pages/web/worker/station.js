// One station: whether it is open, its week, how full it is, what is there, how to get there, and the way to open its door.

import {h} from '../shared/dom.js';
import {get, pause} from '../shared/api.js';
import {ago, day, distance, t} from '../shared/text.js';
import {act, pane, toast} from '../shared/view.js';
import {kept} from '../shared/store.js';
import {map} from '../shared/map.js';
import {exceptions, isRoundTheClock, standing, week} from './opening.js';
import {ageBanner, amenity, crowd, metresTo, openTag, ownPosition, stationName} from './near.js';

export default function station({params, signal, title}) {
  const heading = h('h1', {}, t('station.title'));
  const host = pane(async (inner) => {
    const {station: found, at} = await read(params.id, inner);
    heading.textContent = stationName(found);
    title(stationName(found));
    return page(found, at);
  }, {lines: 12, signal});
  keepFresh(host, signal);
  return h('div', {}, h('a', {class: 'back', href: '#/stations'}, t('station.all')), heading, host);
}

/** From the service, else from the list that was kept: then `at` says when that came. */
async function read(id, signal) {
  try {
    return {station: await get(`/v1/public/stations/${encodeURIComponent(id)}`, {}, {signal})};
  } catch (error) {
    const known = error.isOffline && await kept('stations');
    const found = known && known.items.find((one) => String(one.id) === id);
    if (!found) throw error;
    return {station: found, at: known.at};
  }
}

function page(found, at) {
  const state = standing(found, {isFresh: at === undefined});
  const metres = metresTo(found);
  return h('div', {class: 'stack'},
    at !== undefined && ageBanner(t('stations.kept', {ago: ago(at)})),
    h('section', {class: 'card'},
      h('p', {class: 'standing'}, openTag(state), ' ', state.text),
      crowd(found),
      h('a', {class: 'button primary wide large', href: '#/open'}, t('station.open'))),
    place(found, metres),
    h('section', {class: 'card'}, h('h2', {}, t('station.hours')), hours(found)),
    h('section', {class: 'card'}, h('h2', {}, t('station.amenities')),
      found.amenities.length ? h('ul', {class: 'chips plain'}, found.amenities.map((code) => h('li', {class: 'tag'}, amenity(code))))
        : h('p', {}, t('station.no_amenities'))),
    h('p', {class: 'small'}, t(`station.kind.${found.kind}`)));
}

function place(found, metres) {
  const isPlaced = Number.isFinite(found.latitude) && Number.isFinite(found.longitude);
  if (!isPlaced && !found.address) return null;
  const at = `${found.latitude},${found.longitude}`;
  const copy = async (event) => act(event.currentTarget, async () => {
    await navigator.clipboard.writeText(found.address || at);
    toast(t('action.copied'));
  });
  return h('section', {class: 'card'}, h('h2', {}, t('station.place')),
    h('p', {}, found.address || at, metres !== undefined && h('span', {class: 'soft'}, ` · ${distance(metres)}`)),
    isPlaced && metres < 20000 && map({
      places: [{
        id: found.id, name: stationName(found), latitude: found.latitude, longitude: found.longitude, tone: 'note',
        href: `#/stations/${found.id}`,
      }],
      position: ownPosition(), label: t('stations.map_label'),
    }),
    h('div', {class: 'actions'},
      isPlaced && h('a', {class: 'button', href: `geo:${at}?q=${at}(${encodeURIComponent(stationName(found))})`}, t('station.way')),
      navigator.clipboard && h('button', {type: 'button', class: 'quiet', onclick: copy}, t('station.copy'))));
}

function hours(found) {
  if (isRoundTheClock(found)) return h('p', {}, t('opening.round_the_clock'));
  const days = week(found);
  const own = exceptions(found).filter((one) => one.date > days.at(-1).date).slice(0, 10);
  return h('div', {},
    h('dl', {class: 'facts hours'}, days.map((one) => [
      h('dt', {class: one.isToday ? 'today' : null}, day(one.date), one.isToday && ` · ${t('station.today')}`),
      h('dd', {class: one.isToday ? 'number today' : 'number'}, one.text,
        one.isOwn && h('span', {class: 'tag note'}, t('station.special'))),
    ])),
    own.length > 0 && [h('h3', {}, t('station.exceptions')),
      h('dl', {class: 'facts hours'}, own.map((one) => [h('dt', {}, day(one.date)), h('dd', {class: 'number'}, one.text)]))]);
}

async function keepFresh(host, signal) {
  while (!signal.aborted) {
    await pause(60000, signal);
    if (!signal.aborted && document.visibilityState === 'visible' && !host.contains(document.activeElement)) host.reload({quiet: true});
  }
}
