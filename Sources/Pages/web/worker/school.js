// The catalogue of night schools: classes by category, weekday, school, free seats and words. The filters stand in the address, so that the
// way back from a class leads to the same list.

import {h, put, announce} from '../shared/dom.js';
import {all, withQuery} from '../shared/api.js';
import {pane} from '../shared/view.js';
import {t} from '../shared/text.js';
import {categoryName, classTitle, enrolmentTime, fee, listed, seats, weekdays, when, where} from './class-words.js';

const step = 40;

/** The view of the catalogue. */
export default function school({query, signal}) {
  return h('div', {class: 'stack'}, h('h1', {}, t('school.title')),
    h('p', {}, h('a', {class: 'button wide', href: '#/school/mine'}, t('school.mine'))),
    pane(async (one) => {
      const classes = await all('/v1/public/classes', {}, {signal: one});
      const items = classes.filter((item) => !['ended', 'cancelled', 'draft'].includes(item.state));
      return items.length ? catalogue(items, query) : null;
    }, {lines: 12, signal, empty: t('school.none')}));
}

function catalogue(items, query) {
  const chosen = {category: '', day: '', school: '', free: '', text: '', ...query};
  let shown = step;
  const list = h('ul', {class: 'plain'});
  const told = h('p', {class: 'soft', role: 'status'});
  const more = h('button', {type: 'button', class: 'wide', onclick: () => { shown += step; draw(); }}, t('action.more'));

  function draw() {
    const found = items.filter((one) => fits(one, chosen));
    told.textContent = t('school.found', {n: found.length});
    put(list, found.slice(0, shown).map((one) => h('li', {}, classCard(one))));
    more.hidden = found.length <= shown;
  }

  function choose(name, value) {
    chosen[name] = value;
    shown = step;
    // Not a new place, but this one under its present filters: what was typed keeps the focus, and Back leaves the list.
    listed.path = withQuery('/school', chosen);
    history.replaceState(null, '', `#${listed.path}`);
    draw();
    announce(told.textContent);
  }

  listed.path = withQuery('/school', chosen);
  draw();
  return h('div', {class: 'stack'}, filters(items, chosen, choose), told, list, more);
}

function fits(one, {category, day, school, free, text}) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const {title, titleEn, label, teacher, room} = one;
  const said = [title, titleEn, label, teacher?.name, room?.site, room?.address, one.school].join(' ').toLowerCase();
  return (!category || one.category === category) && (!day || weekdays(one).includes(Number(day)))
    && (!school || String(one.schoolId) === school) && (!free || one.free > 0) && words.every((word) => said.includes(word));
}

function filters(items, chosen, choose) {
  const categories = [...new Set(items.map((one) => one.category))];
  const schools = [...new Map(items.map((one) => [one.schoolId, one.school]))];
  const select = (name, label, options) => h('label', {class: 'field'}, h('span', {}, label),
    h('select', {onchange: (event) => choose(name, event.target.value)},
      [['', t('school.all')], ...options].map(([value, text]) => h('option', {value, selected: String(value) === chosen[name]}, text))));
  return h('form', {class: 'choices', role: 'search', onsubmit: (event) => event.preventDefault()},
    h('label', {class: 'field wide'}, h('span', {}, t('school.search')), h('input', {
      type: 'search', value: chosen.text, placeholder: t('school.search.hint'), oninput: (event) => choose('text', event.target.value),
    })),
    select('category', t('school.category'), categories.map((code) => [code, categoryName(code)])),
    select('day', t('school.weekday'), [1, 2, 3, 4, 5, 6, 7].map((number) => [number, t(`weekday.${number}`)])),
    schools.length > 1 && select('school', t('school.school'), schools),
    h('label', {class: 'line'}, h('input', {
      type: 'checkbox', checked: chosen.free === '1', onchange: (event) => choose('free', event.target.checked ? '1' : ''),
    }), h('span', {}, t('school.only_free'))));
}

/** A class in a list. */
export function classCard(one) {
  const time = enrolmentTime(one);
  return h('a', {class: 'card', href: `#/school/classes/${one.id}`},
    h('div', {class: 'spread'}, h('strong', {}, classTitle(one)), seats(one)),
    h('p', {}, when(one)),
    h('p', {class: 'soft'}, [where(one), one.teacher?.name, fee(one)].filter(Boolean).join(' · ')),
    !time.isOpen && h('p', {class: 'soft'}, time.text));
}
