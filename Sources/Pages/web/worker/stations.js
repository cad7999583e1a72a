// Stations near by, as a list and as a map: open or not, how full, how far, what is there. For everybody, signed in or not.

import {h, put, announce} from '../shared/dom.js';
import {pause} from '../shared/api.js';
import {ago, distance, t} from '../shared/text.js';
import {act, pane, toast} from '../shared/view.js';
import {map} from '../shared/map.js';
import {standing} from './opening.js';
import {ageBanner, amenity, crowd, findPosition, metresTo, openTag, ownPosition, readStations, stationName} from './near.js';

const keyAmenities = 4;
const atOnce = 40;
/** What was chosen stays while the page is open: who comes back from a station finds the list as it was. */
const chosen = {text: '', isOpenOnly: false, amenities: new Set(), asMap: false};

export default function stations({signal}) {
  let answer;
  const filters = h('div', {class: 'filters'});
  const results = h('div', {});
  const place = h('div', {});

  const host = pane(async (inner) => {
    answer = await readStations(inner);
    drawFilters();
    drawPlace();
    drawResults();
    return answer.items.length ? h('div', {}, place, filters, results) : null;
  }, {empty: t('stations.none'), lines: 12, signal});

  async function locate() {
    await findPosition();
    if (signal.aborted || !answer) return;
    drawPlace();
    drawResults();
  }

  async function tryToLocate() {
    try { await locate(); } catch (error) {
      toast(t(error.code === 1 ? 'stations.position_denied' : 'stations.position_failed'), {kind: 'bad'});
    }
  }

  function drawPlace() {
    put(place, answer.isKept && ageBanner(t('stations.kept', {ago: ago(answer.at)})),
      !ownPosition() && 'geolocation' in navigator
        && h('button', {type: 'button', class: 'wide', onclick: (event) => act(event.currentTarget, tryToLocate)}, t('stations.near_me')));
  }

  function drawFilters() {
    const known = [...new Set(answer.items.flatMap((one) => one.amenities))].sort((a, b) => amenity(a).localeCompare(amenity(b)));
    const toggle = (text, isOn, change) => h('button', {type: 'button', 'aria-pressed': String(isOn), onclick: (event) => {
      const now = event.currentTarget.getAttribute('aria-pressed') !== 'true';
      event.currentTarget.setAttribute('aria-pressed', String(now));
      change(now);
      drawResults({isTold: true});
    }}, text);
    const view = (asMap) => h('button', {type: 'button', 'aria-pressed': String(chosen.asMap === asMap), onclick: () => {
      chosen.asMap = asMap;
      drawFilters();
      filters.querySelectorAll('.tabs button')[asMap ? 1 : 0].focus();
      drawResults();
    }}, t(asMap ? 'stations.map' : 'stations.list'));
    put(filters,
      h('label', {class: 'unseen', for: 'station-text'}, t('stations.search')),
      h('input', {
        id: 'station-text', class: 'search', type: 'search', placeholder: t('stations.search'), value: chosen.text, autocomplete: 'off',
        oninput: (event) => { chosen.text = event.target.value; drawResults({isTold: true}); },
      }),
      h('div', {class: 'tabs'}, view(false), view(true),
        toggle(t('stations.open_now'), chosen.isOpenOnly, (isOn) => { chosen.isOpenOnly = isOn; })),
      h('details', {open: chosen.amenities.size > 0}, h('summary', {}, t('stations.amenities')),
        h('div', {class: 'chips'}, known.map((code) => toggle(amenity(code), chosen.amenities.has(code), (isOn) => {
          if (isOn) chosen.amenities.add(code); else chosen.amenities.delete(code);
        })))));
  }

  function drawResults({isTold = false} = {}) {
    const found = select(answer);
    const order = t(ownPosition() ? 'stations.by_distance' : 'stations.by_name');
    put(results, h('p', {class: 'small'}, t('stations.found', {n: found.length}), ' · ', order),
      chosen.asMap && found.length > 0 && map({places: found.map(point), position: ownPosition(), label: t('stations.map_label')}),
      found.length ? entries(found) : h('div', {class: 'state'}, h('p', {}, t('stations.no_match')),
        h('button', {type: 'button', onclick: clear}, t('stations.clear'))));
    if (isTold) announce(t('stations.found', {n: found.length}));
  }

  function clear() {
    Object.assign(chosen, {text: '', isOpenOnly: false});
    chosen.amenities.clear();
    drawFilters();
    drawResults();
    filters.querySelector('input').focus();
  }

  keepFresh(host, signal);
  return h('div', {}, h('h1', {}, t('stations.title')), host);
}

/** The first of them; the rest by a button, for a city may have hundreds. */
function entries(found) {
  const list = h('ul', {class: 'plain'});
  const more = h('button', {type: 'button', class: 'wide', onclick: show}, t('action.more'));
  function show() {
    const next = found.slice(list.children.length, list.children.length + atOnce).map((one) => h('li', {}, entry(one)));
    list.append(...next);
    more.hidden = list.children.length >= found.length;
    if (list.children.length > atOnce) next[0].querySelector('a').focus();
  }
  show();
  return h('div', {}, list, more);
}

/** Those that fit, the nearest first, else by name; with how each stands. */
function select({items, isKept}) {
  const words = chosen.text.trim().toLocaleLowerCase();
  return items
    .map((station) => ({station, metres: metresTo(station), state: standing(station, {isFresh: !isKept})}))
    .filter(({station, state}) => (!chosen.isOpenOnly || state.isOpen)
      && [...chosen.amenities].every((code) => station.amenities.includes(code))
      && (!words || `${station.nameZh} ${station.nameEn ?? ''} ${station.address ?? ''}`.toLocaleLowerCase().includes(words)))
    .sort((one, other) => (one.metres ?? Infinity) - (other.metres ?? Infinity)
      || stationName(one.station).localeCompare(stationName(other.station), 'zh-CN'));
}

function point({station, state}) {
  return {
    id: station.id, name: stationName(station), latitude: station.latitude, longitude: station.longitude, href: `#/stations/${station.id}`,
    note: state.text, tone: !state.isOpen ? 'bad' : station.crowding === 'high' ? 'warn' : 'good',
  };
}

function entry({station, metres, state}) {
  const rest = station.amenities.length - keyAmenities;
  return h('a', {class: 'card station', href: `#/stations/${station.id}`},
    h('div', {class: 'spread'}, h('h2', {}, stationName(station)),
      metres !== undefined && h('strong', {class: 'number'}, distance(metres))),
    h('p', {}, openTag(state), ' ', state.text),
    crowd(station),
    h('p', {class: 'small'}, station.amenities.slice(0, keyAmenities).map(amenity).join(' · '),
      rest > 0 && ` · ${t('stations.more_amenities', {n: rest})}`));
}

/** Asks anew each minute while the page is seen. */
async function keepFresh(host, signal) {
  while (!signal.aborted) {
    await pause(60000, signal);
    // Who is in the midst of it keeps what is there.
    if (!signal.aborted && document.visibilityState === 'visible' && !host.contains(document.activeElement)) host.reload({quiet: true});
  }
}
