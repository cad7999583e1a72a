// Where I am signed in: end one, or all others.

import {h} from '../shared/dom.js';
import {call, get} from '../shared/api.js';
import {ago, date, t} from '../shared/text.js';
import {act, confirm, pane} from '../shared/view.js';
import {backToMe} from './back.js';

export default function sessions({signal}) {
  const list = pane(async (inner) => {
    const {items} = await get('/v1/me/sessions', {}, {signal: inner});
    return h('div', {}, h('ul', {class: 'plain'}, items.map((one) => h('li', {class: 'card'}, entry(one)))),
      items.length > 1 && h('button', {type: 'button', class: 'wide danger', onclick: endOthers}, t('sessions.end_others')));
  }, {signal, lines: 6});

  function entry(one) {
    return [h('h2', {}, one.deviceName ?? t('sessions.unnamed')),
      one.isThis && h('p', {}, h('span', {class: 'tag good'}, t('sessions.this'))),
      h('p', {class: 'small'}, one.seenAt && [t('sessions.seen', {ago: ago(one.seenAt)}), ' · '],
        t('sessions.since', {day: date(one.createdAt)}),
        one.expiresAt && [' · ', t('sessions.until', {day: date(one.expiresAt)})]),
      !one.isThis && h('button', {type: 'button', class: 'danger', onclick: (event) => end(event.currentTarget, one)}, t('sessions.end'))];
  }

  async function end(button, one) {
    const text = one.deviceName ?? t('sessions.unnamed');
    if (await confirm({title: t('sessions.end'), text, action: t('sessions.end'), danger: true}) === null) return;
    if (await act(button, () => call('DELETE', `/v1/me/sessions/${one.id}`), {done: t('sessions.ended')})) list.reload();
  }

  async function endOthers(event) {
    const button = event.currentTarget;
    const title = t('sessions.end_others');
    if (await confirm({title, text: t('sessions.end_others.text'), action: title, danger: true}) === null) return;
    if (await act(button, () => call('DELETE', '/v1/me/sessions'), {done: t('sessions.ended')})) list.reload();
  }

  return h('div', {}, backToMe(), h('h1', {}, t('sessions.title')), h('p', {class: 'soft'}, t('sessions.text')), list);
}
