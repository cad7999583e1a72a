// What the views about stations have in common: how one stands, in a colour and in words, the worst first; the list of
// stations for fields and names.

import {all} from '../shared/api.js';
import {count, named, t} from '../shared/text.js';
import {word} from './service-parts.js';

/** What is to be said of a station on the board, the gravest first: [{tone, rank, text}]. */
export function standing(line) {
  const found = [];
  const say = (rank, tone, text) => found.push({rank, tone, text});
  if (line.alarmsOpen > 0) {
    say(line.worstAlarm === 'door_forced' ? 0 : 1, 'bad', t('stand.alarms', {kind: word('alarm.kind', line.worstAlarm), n: line.alarmsOpen}));
  }
  if (line.doorState !== 'normal') say(2, 'bad', t(`stand.${line.doorState}`));
  if (line.controllersSilent > 0) say(3, 'warn', t('stand.silent', {n: line.controllersSilent, all: line.controllers}));
  if (line.capacity && line.peopleInside >= line.capacity) say(4, 'warn', t('stand.full'));
  if (line.status !== 'open') say(6, 'note', t(`stand.${line.status}`));
  else if (!line.isOpen && line.doorState === 'normal') say(7, 'note', t('stand.shut'));
  if (!found.length) say(8, 'good', t('stand.open'));
  return found;
}

/** Stations by trouble: what stands worst comes first, of equals who is fuller. */
export function byTrouble(one, other) {
  return standing(one)[0].rank - standing(other)[0].rank || other.peopleInside - one.peopleInside || one.id - other.id;
}

/** How many are inside, of how many who fit. */
export function inside({peopleInside, capacity}) {
  return capacity ? t('stand.inside', {n: peopleInside, capacity}) : count(peopleInside);
}

/** The names of all stations by their numbers. */
export async function stationNames(signal) {
  const items = await all('/v1/stations', {}, {signal, max: 5000});
  return new Map(items.map((one) => [one.id, named(one.nameZh, one.nameEn)]));
}
