// My entries to stations, month by month: where, when, how long.

import {h} from '../shared/dom.js';
import {clock, day, month, named, span, t} from '../shared/text.js';
import {paged} from './paged.js';
import {backToMe} from './back.js';

export default function visits({signal}) {
  const list = paged('/v1/me/visits', draw, {
    signal, limit: 50,
    empty: h('div', {}, h('p', {}, t('visits.none')), h('a', {class: 'button', href: '#/stations'}, t('stations.title'))),
  });
  return h('div', {}, backToMe(), h('h1', {}, t('visits.title')), list);
}

function draw(items, {next}) {
  const months = new Map();
  for (const one of items) {
    const key = month(one.enteredAt);
    months.set(key, [...(months.get(key) ?? []), one]);
  }
  const last = [...months.keys()].at(-1);
  return [...months].map(([key, found]) => {
    const stays = found.map(seconds).filter((one) => one !== undefined);
    // The last month is told of once it is there as a whole.
    const isWhole = key !== last || !next;
    return h('section', {}, h('h2', {}, key),
      isWhole && h('p', {class: 'small'}, t('visits.sum', {n: found.length}),
        stays.length > 0 && ` · ${t('visits.stayed_sum', {span: span(stays.reduce((sum, one) => sum + one, 0))})}`),
      h('ul', {class: 'plain lines'}, found.map((one) => h('li', {}, entry(one)))));
  });
}


function seconds({enteredAt, leftAt, isAutomatic}) {
  return leftAt && !isAutomatic ? Math.ceil((Date.parse(leftAt) - Date.parse(enteredAt)) / 60000) * 60 : undefined;
}

function entry(one) {
  const stayed = seconds(one);
  const words = stayed !== undefined ? t('visits.stayed', {span: span(stayed)})
    : one.isAutomatic ? t('visits.automatic') : t('visits.no_exit');
  return h('a', {href: `#/stations/${one.stationId}`}, h('strong', {}, named(one.stationNameZh, one.stationNameEn)),
    h('span', {class: 'number'}, day(one.enteredAt), ' ', clock(one.enteredAt), stayed !== undefined && `–${clock(one.leftAt)}`),
    h('span', {class: 'small'}, words));
}
