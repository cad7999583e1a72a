// My cards, numbers and day codes: what opens doors without a phone. A member may report one lost and set its PIN; making and printing a
// card is the union's, so the view says whom to ask.

import {h} from '../shared/dom.js';
import {call, get, post} from '../shared/api.js';
import {date, moment, t} from '../shared/text.js';
import {act, confirm, pane, sheet, toast} from '../shared/view.js';
import {field, form} from '../shared/form.js';
import {paged} from './paged.js';
import {backToMe} from './back.js';

export default function cards({signal}) {
  const list = paged('/v1/me/credentials', (items) => h('ul', {class: 'plain'}, items.map((one) => h('li', {}, entry(one)))), {
    signal, empty: t('cards.none'), lines: 6,
  });
  const whom = pane(async (inner) => {
    const {organizationName, member} = await get('/v1/me', {}, {signal: inner});
    return h('section', {class: 'card'}, h('h2', {}, t('cards.get')), h('p', {}, t('cards.get.text', {organization: organizationName})),
      h('dl', {class: 'facts'}, h('dt', {}, t('cards.member_number')), h('dd', {class: 'number'}, String(member.id)),
        h('dt', {}, t('cards.organization')), h('dd', {}, organizationName)));
  }, {signal, lines: 4});

  function entry(one) {
    const isOver = one.revokedAt || (one.validUntil && Date.parse(one.validUntil) < Date.now());
    const title = t(`cards.kind.${one.kind}`);
    return h('article', {class: isOver ? 'card over' : 'card'},
      h('p', {class: 'spread'},
        h('strong', {}, title, ' ', h('span', {class: 'number'}, one.label ?? `No. ${one.id}`)), state(one, isOver)),
      h('p', {class: 'small'}, one.validUntil ? t('cards.until', {day: lastMoment(one)}) : t('cards.no_end')),
      one.isPINLocked && h('p', {class: 'banner bad'}, t('cards.locked')),
      !isOver && one.kind !== 'day_code' && h('p', {class: 'small'}, t(one.hasPIN ? 'cards.has_pin' : 'cards.no_pin')),
      !isOver && h('div', {class: 'actions'},
        one.kind === 'card' && h('a', {class: 'button', href: `#/me/cards/${one.id}/print`}, t('cards.print')),
        one.kind !== 'day_code'
          && h('button', {type: 'button', onclick: () => setPIN(one)}, t(one.hasPIN ? 'cards.change_pin' : 'cards.set_pin')),
        h('button', {type: 'button', class: 'danger', onclick: (event) => lost(event.currentTarget, one, title)}, t('cards.lost'))));
  }

  async function lost(button, one, title) {
    const question = {title: t('cards.lost.title', {title}), text: t('cards.lost.text'), action: t('cards.lost'), danger: true};
    if (await confirm(question) === null) return;
    const tell = () => post(`/v1/me/credentials/${one.id}/lost`, undefined, {key: true});
    if (await act(button, tell, {done: t('cards.lost.done')})) list.reload();
  }

  function setPIN(one) {
    const digits = {type: 'password', inputmode: 'numeric', autocomplete: 'off', required: true, maxlength: 6};
    const dialog = sheet(t('cards.set_pin'), form({
      action: t('action.save'), fields: field('pin', t('cards.pin'), {...digits, hint: t('cards.pin.hint')}),
      submit: async ({pin}) => {
        await call('PUT', `/v1/me/credentials/${one.id}/pin`, {json: {pin}});
        dialog.close();
        toast(t('cards.pin.done'));
        list.reload();
      },
    }));
  }

  return h('div', {}, backToMe(), h('h1', {}, t('cards.title')), h('p', {class: 'soft'}, t('cards.text')), list, whom);
}

/** The last day it is good on, of a day code with the minute: what ends at midnight ends the day before. */
function lastMoment(one) {
  const last = new Date(Date.parse(one.validUntil) - 1000).toISOString();
  return one.kind === 'day_code' ? moment(last) : date(last);
}

function state(one, isOver) {
  if (one.revokedAt) return h('span', {class: 'tag bad'}, t(`cards.revoked.${one.revokedReason ?? 'other'}`));
  return h('span', {class: isOver ? 'tag' : 'tag good'}, t(isOver ? 'cards.over' : 'cards.good'));
}
