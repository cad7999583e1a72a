// What the list of stations and a single station share: reading them for everybody, keeping the last answer for when there is no network,
// the own position (asked for by a button only, kept while the page is open only), and how full a station is.

import {h} from '../shared/dom.js';
import {all} from '../shared/api.js';
import {keep, kept} from '../shared/store.js';
import {hasText, named, t} from '../shared/text.js';
import {spread} from '../shared/map-layout.js';

let position;

/** Every station as {items, at, isKept}: from the service, or the last answer where it cannot be reached. */
export async function readStations(signal) {
  try {
    const items = await all('/v1/public/stations', {}, {signal});
    const answer = {items, at: Date.now()};
    await keep('stations', answer);
    return {...answer, isKept: false};
  } catch (error) {
    const answer = error.isOffline && await kept('stations');
    if (!answer) throw error;
    return {...answer, isKept: true};
  }
}

/** Where the phone was when it was last asked; undefined before. */
export function ownPosition() { return position; }

/** Asks the phone where it is. */
export function findPosition() {
  return new Promise((resolve, reject) => {
    navigator.geolocation.getCurrentPosition(({coords}) => {
      position = {latitude: coords.latitude, longitude: coords.longitude};
      resolve(position);
    }, reject, {enableHighAccuracy: true, timeout: 15000, maximumAge: 60000});
  });
}

/** Metres from the own position, undefined where either is not known. */
export function metresTo(station) {
  return position && Number.isFinite(station.latitude) && Number.isFinite(station.longitude) ? spread(position, station) : undefined;
}

/** The station's name in the language in force. */
export function stationName(station) { return named(station.nameZh, station.nameEn); }

/** An amenity by its name. */
export function amenity(code) { return hasText(`amenity.${code}`) ? t(`amenity.${code}`) : code; }

/** How full it is: a bar with words; null where the room's size is not known. */
export function crowd(station) {
  const words = station.capacity
    ? t('stations.inside_of', {n: station.peopleInside, capacity: station.capacity}) : t('stations.inside', {n: station.peopleInside});
  const level = station.crowding;
  const share = station.capacity ? Math.min(1, station.peopleInside / station.capacity) : undefined;
  return h('div', {class: 'crowd'},
    share !== undefined && h('div', {class: `bar ${level ?? ''}`, 'aria-hidden': 'true'},
      h('i', {style: {width: `${Math.round(share * 100)}%`}})),
    h('p', {class: 'small'}, level && h('strong', {}, t(`stations.crowding.${level}`), ' · '), words));
}

/** Open or not, in a word. */
export function openTag(state) {
  return h('span', {class: state.isOpen ? 'tag good' : 'tag bad'}, t(state.isOpen ? 'stations.open' : 'stations.closed'));
}

/** What says that the answer is an old one. */
export function ageBanner(text) { return h('p', {class: 'banner warn', role: 'status'}, text); }

/** The position, asked for when it is not known; null when it is not given. */
export async function whereAmI() {
  try { return position ?? await findPosition(); } catch { return null; }
}

export {spread as metresBetween};
