// The code on a door's wall, for workers who scan it: shown, taken out to be printed, and made anew where a print got into wrong hands.

import {h} from '../shared/dom.js';
import {call, download, get, post} from '../shared/api.js';
import {t} from '../shared/text.js';
import {confirm, pane} from '../shared/view.js';
import {doing, section} from './service-parts.js';
import {may} from './rights.js';

/** The part of a door's view. */
export function printPart(path, one, signal) {
  const print = `${path}/door-print`;
  const body = pane(async (own) => {
    const [known, picture] = await Promise.all([get(print, {}, {signal: own}),
      call('GET', print, {accept: 'image/svg+xml', as: 'blob', signal: own})]);
    const address = URL.createObjectURL(picture);
    signal.addEventListener('abort', () => URL.revokeObjectURL(address), {once: true});
    return h('figure', {class: 'door-print'}, h('img', {src: address, alt: t('door.print.alt', {name: one.name}), width: 200, height: 200}),
      h('figcaption', {class: 'soft'}, t('door.print.number', {n: known.print ?? 1})));
  }, {signal, lines: 8, label: t('door.print.title')});
  return section(t('door.print.title'), h('p', {class: 'soft'}, t('door.print.text')), body, h('div', {class: 'actions'},
    doing(t('door.print.take'), () => download(print, `door-${one.id}.svg`, {accept: 'image/svg+xml'})),
    may('stations.write') && doing(t('door.print.renew'), async () => {
      const sure = await confirm({title: t('door.print.renew'), text: t('door.print.renew.text'), action: t('door.print.renew'), danger: true});
      if (sure === null) return;
      await post(print, undefined, {key: true});
      await body.reload();
    }, {kind: 'danger'})));
}
