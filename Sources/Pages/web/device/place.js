// Where the tablet stands: the access point that it serves, or the visit of its van.

import {h} from '../shared/dom.js';
import {get} from '../shared/api.js';
import {day, named, t} from '../shared/text.js';
import {pane} from '../shared/view.js';
import {go} from '../shared/router.js';
import {choosePlace, readDevice} from './own-device.js';

export default async function place({signal, title}) {
  const device = await readDevice();
  const isVan = device.profile === 'van';
  title(t(isVan ? 'place.visit' : 'place.title'));
  async function take(chosen) {
    await choosePlace(chosen);
    go('/', {replace: true});
  }
  const load = async (mine) => {
    const {items} = await get(isVan ? '/v1/device/visits' : '/v1/device/access-points', {}, {signal: mine});
    if (items.length === 0) return null;
    return h('ul', {class: 'plain choices'}, items.map((item) => h('li', {}, isVan ? visit(item, take) : accessPoint(item, take))));
  };
  return h('div', {class: 'narrow'}, h('h1', {}, t(isVan ? 'place.visit' : 'place.title')),
    pane(load, {signal, empty: t(isVan ? 'place.visit.none' : 'place.none')}));
}

function accessPoint(item, take) {
  const station = named(item.stationNameZh, item.stationNameEn);
  const direction = item.directions === 'out' ? 'out' : 'in';
  return h('button', {type: 'button', class: 'wide choice', onclick: () => take({
    id: item.id, name: item.name, stationZh: item.stationNameZh, stationEn: item.stationNameEn, directions: item.directions, direction,
  })}, h('strong', {}, item.name), h('span', {class: 'soft'}, station));
}

function visit(item, take) {
  const days = item.firstOn === item.lastOn ? day(item.firstOn) : `${day(item.firstOn)} – ${day(item.lastOn)}`;
  return h('button', {type: 'button', class: 'wide choice', onclick: () => take({id: item.id, name: item.site, title: item.campaignTitle})},
    h('strong', {}, item.site, item.isToday && h('span', {class: 'tag good'}, t('place.today'))),
    h('span', {class: 'soft'}, item.campaignTitle), h('span', {class: 'soft'}, `${days} · ${item.address}`));
}
