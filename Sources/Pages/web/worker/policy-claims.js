// Claims under a policy: those that were filed, and filing one.

import {h} from '../shared/dom.js';
import {get, post, requestID} from '../shared/api.js';
import {pane, sheet} from '../shared/view.js';
import {field, form} from '../shared/form.js';
import {calendarDay, serverNow} from '../shared/clock.js';
import {day, money, t} from '../shared/text.js';

const kinds = ['injury', 'disability', 'death', 'illness', 'hospital', 'other'];
const states = {filed: 'note', accepted: 'warn', paid: 'good', refused: 'bad'};

/** The card of a policy's claims. */
export function claims(about, signal) {
  const path = `/v1/me/policies/${about.id}/claims`;
  const place = pane(async (one) => {
    const {items} = await get(path, {}, {signal: one});
    return items.length ? h('ul', {class: 'plain lines'}, items.map((item) => h('li', {}, claim(item)))) : null;
  }, {lines: 2, signal, empty: h('p', {class: 'soft'}, t('policy.claims.none'))});
  return h('section', {class: 'card'}, h('h2', {}, t('policy.claims')), place,
    about.actions.includes('claim')
      && h('button', {type: 'button', class: 'primary', onclick: () => file(about, path, () => place.reload())}, t('policy.claim')));
}

function claim(item) {
  return h('div', {}, h('div', {class: 'spread'},
    h('strong', {}, t(`policy.claim.kind.${item.kind}`), ' · ', day(item.happenedOn, {year: true})),
    h('span', {class: `tag ${states[item.state]}`}, t(`policy.claim.state.${item.state}`))),
    h('p', {class: 'soft'}, t('policy.claim.number', {number: String(item.id)}), ' · ', t('policy.claim.filed', {day: day(item.filedAt)})),
    item.paidFen > 0 && h('p', {}, t('policy.claim.paid', {sum: money(item.paidFen)})), item.reason && h('p', {}, item.reason));
}

function file(about, path, reload) {
  // One id for this claim: sent once more after a lost answer, it is still one claim.
  const requestId = requestID(serverNow());
  const today = calendarDay();
  const dialog = sheet(t('policy.claim'), form({
    action: t('policy.claim.send'),
    fields: [
      h('p', {class: 'soft'}, about.claimAdvice),
      field('kind', t('policy.claim.kind'), {type: 'select', options: kinds.map((one) => [one, t(`policy.claim.kind.${one}`)])}),
      field('happenedOn', t('policy.claim.day'), {type: 'date', required: true, max: today, min: about.coverFrom}),
    ],
    submit: async (given) => {
      const filed = await post(path, {...given, requestId});
      dialog.close();
      reload();
      sheet(t('policy.claim.done'), h('p', {}, filed.advice),
        h('p', {}, t('policy.claim.say', {number: String(filed.id)})),
        h('p', {}, h('a', {class: 'button primary wide', href: `tel:${filed.hotline}`},
          t('policy.claim.call', {insurer: filed.insurer, hotline: filed.hotline}))));
    },
  }));
}
