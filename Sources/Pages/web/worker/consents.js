// What my data may be used for: a switch a purpose; the membership itself needs its own.

import {h} from '../shared/dom.js';
import {call, get} from '../shared/api.js';
import {moment, t} from '../shared/text.js';
import {act, pane} from '../shared/view.js';
import {purposes} from './join-form.js';

/** The wording of the purposes in the catalogue. */
const textVersion = '2026-11';

/** The purposes with what was agreed to, each to be given or withdrawn, and every change. */
export function consents(signal) {
  const list = pane(async (inner) => {
    const {items, history} = await get('/v1/me/consents', {}, {signal: inner});
    const present = (purpose) => items.find((one) => one.purpose === purpose);
    return h('div', {}, h('ul', {class: 'plain lines'}, purposes.map((purpose) => h('li', {}, entry(purpose, present(purpose))))),
      history.length > 0 && h('details', {}, h('summary', {}, t('consents.history')),
        h('ul', {class: 'plain lines'}, history.map((one) => h('li', {}, change(one))))));
  }, {signal, lines: 8});

  function entry(purpose, found) {
    const isGiven = found?.given ?? false;
    const isFixed = purpose === 'registry' && isGiven;
    return h('div', {class: 'row'}, h('div', {class: 'grow'}, h('strong', {}, t(`purpose.${purpose}`)),
      h('p', {class: 'small'}, t(`purpose.${purpose}.text`)),
      h('span', {class: isGiven ? 'tag good' : 'tag'}, t(isGiven ? 'consents.given' : found ? 'consents.withdrawn' : 'consents.never'))),
    !isFixed && h('button', {
      type: 'button', 'aria-label': `${t(isGiven ? 'consents.withdraw' : 'consents.give')} ${t(`purpose.${purpose}`)}`,
      onclick: (event) => act(event.currentTarget, async () => {
        await call('PUT', `/v1/me/consents/${purpose}`, {json: {given: !isGiven, textVersion}});
        await list.reload();
      }, {done: t('consents.saved')}),
    }, t(isGiven ? 'consents.withdraw' : 'consents.give')));
  }

  return list;
}

function change(one) {
  return [t(`purpose.${one.purpose}`), ' · ', t(one.given ? 'consents.given' : 'consents.withdrawn'),
    h('span', {class: 'small'}, moment(one.recordedAt), ' · ', t(`consents.channel.${one.channel}`))];
}
