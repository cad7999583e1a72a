// Warnings and lower priorities that absences brought: what they mean, until when they count, and appealing once.

import {h, put} from '../shared/dom.js';
import {get, post} from '../shared/api.js';
import {sheet, toast} from '../shared/view.js';
import {form} from '../shared/form.js';
import {day, t} from '../shared/text.js';

const grounds = ['was_there', 'had_announced', 'work', 'emergency', 'other'];

/** The section; nothing at all for who has none. */
export async function standings(signal) {
  const {items} = await get('/v1/me/school-standings', {}, {signal});
  const shown = h('ul', {class: 'plain lines'});
  const show = (list) => put(shown, list.map((item) => h('li', {}, standing(item, reload))));
  async function reload() { show((await get('/v1/me/school-standings', {}, {signal})).items); }
  show(items);
  return items.length ? h('section', {class: 'card'}, h('h2', {}, t('standing.title')), shown) : h('div', {});
}

function standing(item, reload) {
  const date = (text) => day(text, {year: true, weekday: false});
  return h('div', {}, h('div', {class: 'spread'}, h('strong', {}, item.title, ' ', item.label),
    h('span', {class: `tag ${item.liftedAt ? '' : 'warn'}`}, t(`standing.kind.${item.kind}`))),
    h('p', {}, t('standing.absences', {n: item.absences, of: item.threshold})),
    item.liftedAt ? h('p', {}, t('standing.lifted', {day: date(item.liftedAt)}),
      item.liftReason && [' · ', t(`standing.lift.${item.liftReason}`)])
      : h('p', {}, t(`standing.means.${item.kind}`, {from: date(item.from), until: date(item.until)})),
    item.appeal && h('p', {}, t(`standing.appeal.${item.appeal.state}`), item.appeal.decisionReason && `: ${item.appeal.decisionReason}`),
    !item.appeal && !item.liftedAt && h('button', {type: 'button', onclick: () => appeal(item, reload)}, t('standing.appeal')));
}

function appeal(item, reload) {
  const dialog = sheet(t('standing.appeal'), form({
    action: t('standing.appeal'),
    fields: [h('fieldset', {class: 'venues'}, h('legend', {}, t('standing.ground')), grounds.map((one, index) => h('label', {class: 'line'},
      h('input', {type: 'radio', name: 'ground', value: one, checked: index === 0}), h('span', {}, t(`standing.ground.${one}`)))))],
    submit: async (given) => {
      await post(`/v1/me/school-standings/${item.id}/appeal`, {ground: given.ground});
      dialog.close();
      toast(t('standing.appealed'));
      reload();
    },
  }));
}
