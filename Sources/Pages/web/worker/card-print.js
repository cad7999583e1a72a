// My card in its true size, to be printed at home or in a shop, or kept as PDF by a phone.

import {h} from '../shared/dom.js';
import {call} from '../shared/api.js';
import {t} from '../shared/text.js';
import {pane} from '../shared/view.js';

/** The page of one card; printed, it shows the card and nothing else. */
export default function cardPrint({params, signal}) {
  const place = pane(async (inner) => {
    const picture = await call('GET', `/v1/me/credentials/${params.id}/card`, {accept: 'image/svg+xml', as: 'blob', signal: inner});
    const address = URL.createObjectURL(picture);
    signal.addEventListener('abort', () => URL.revokeObjectURL(address), {once: true});
    const image = h('img', {class: 'member-card', src: address, alt: t('cards.print.alt', {label: `No. ${params.id}`})});
    return h('div', {class: 'stack'}, image, h('div', {class: 'stack noprint'}, h('p', {}, t('cards.print.text')),
      h('p', {class: 'soft'}, t('cards.print.pin')),
      h('button', {type: 'button', class: 'primary wide large', onclick: () => print()}, t('cards.print.now'))));
  }, {lines: 8, signal});
  return h('div', {}, h('a', {class: 'back noprint', href: '#/me/cards'}, '‹ ', t('cards.print.back')),
    h('h1', {class: 'noprint'}, t('cards.print')), place);
}
