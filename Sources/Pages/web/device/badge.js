// How the device stands: in touch or alone since when, how old its list is, and what waits to be uploaded.

import {announce, h, put} from '../shared/dom.js';
import {ago, moment, t} from '../shared/text.js';
import {watchLink} from './link.js';
import {watchJournal} from './journal.js';
import {now} from './true-time.js';

/** The badge of the page's head. */
export function badge() {
  const host = h('p', {class: 'badge'});
  let link = {};
  let count = 0;
  let wasAlone = false;
  function draw() {
    const tags = [];
    if (link.fault) tags.push(h('span', {class: 'tag bad'}, t(link.fault)));
    tags.push(link.isAlone
      ? h('span', {class: 'tag warn', 'data-link': 'alone'}, t('badge.alone', {time: moment(new Date(link.since).toISOString())}))
      : h('span', {class: 'tag good', 'data-link': 'online'}, t('badge.online')));
    if (link.asOf) {
      const age = ago(new Date(link.asOf).toISOString(), now().microseconds / 1000);
      tags.push(h('span', {class: 'tag'}, t('badge.list', {ago: age})));
    }
    if (count > 0) tags.push(h('span', {class: 'tag note', 'data-waiting': count}, t('badge.waiting', {n: count})));
    put(host, tags);
  }
  watchLink((state) => {
    link = state;
    draw();
    if (link.isAlone !== wasAlone) {
      wasAlone = link.isAlone;
      announce(wasAlone ? t('badge.alone.said') : t('badge.online.said'));
    }
  });
  watchJournal((waitingNow) => {
    count = waitingNow;
    draw();
  });
  setInterval(draw, 10000);
  return host;
}
