// The device at its work: what its profile says that it does.

import {h} from '../shared/dom.js';
import {t} from '../shared/text.js';
import {go} from '../shared/router.js';
import {chosenPlace, readDevice} from './own-device.js';

const modes = {
  door: () => import('./door.js'), guard: () => import('./door.js'), van: () => import('./van.js'), venue: () => import('./venue.js'),
  classroom: () => import('./classroom.js'),
};

export default async function work(context) {
  const device = await readDevice();
  const mode = modes[device.profile];
  if (!mode) return h('div', {class: 'state'}, h('h1', {}, t('work.unknown')), h('p', {}, t('work.unknown.way')));
  const place = await chosenPlace();
  if (!place && ['door', 'guard', 'van'].includes(device.profile)) {
    go('/place', {replace: true});
    return h('h1', {}, t('place.title'));
  }
  const module = await mode();
  return module.default({...context, device, place});
}
