// Who may apply, who goes first, which groups are counted and what is promised to them.

import {h} from '../shared/dom.js';
import {field} from '../shared/form.js';
import {t} from '../shared/text.js';
import {conditionList} from './rule-editor.js';

/** The fields of a draft's rules; `read()` gives the rules. */
export function whoFields(rules, tools) {
  const eligibility = conditionList(rules.eligibility ?? [], tools);
  const classes = parts((rules.classes ?? []).map((one) => ({...one})), 'class', tools);
  const groups = parts((rules.groups ?? []).map((one) => ({...one, floor: rules.floors?.find((each) => each.group === one.name)})),
    'group', tools);
  const cap = field('', t('editor.organizationCap'),
    {type: 'number', min: 1, value: rules.organizationCap ?? '', hint: t('editor.organizationCap.hint')});
  const provisional = field('', t('editor.provisional'), {type: 'checkbox', value: rules.admitsProvisional});
  const points = parts((rules.points ?? []).map((one) => ({...one})), 'points', tools);
  const {mode, guarantee, isFloorOrderGiven} = rules;
  const node = h('div', {class: 'stack'},
    h('h3', {}, t('rule.eligibility')), h('p', {class: 'hint'}, t('editor.eligibility.hint')), eligibility, provisional,
    h('h3', {}, t('rule.classes')), h('p', {class: 'hint'}, t('editor.classes.hint')), classes,
    h('h3', {}, t('rule.points')), h('p', {class: 'hint'}, t('editor.points.hint')), points,
    h('h3', {}, t('rule.groups')), h('p', {class: 'hint'}, t('editor.groups.hint')), groups, cap);
  node.read = () => {
    const found = groups.read();
    const most = Number(cap.querySelector('input').value);
    return {
      mode, guarantee, isFloorOrderGiven, points: points.read().map((one) => ({points: one.points, conditions: one.conditions})),
      eligibility: eligibility.read(), classes: classes.read().map(({name, conditions}) => ({name, conditions})),
      groups: found.map(({name, conditions}) => ({name, conditions})),
      floors: found.filter((one) => one.size > 0).map(({name, size, kind}) => ({group: name, size, kind})),
      admitsProvisional: provisional.querySelector('input').checked, organizationCap: most || undefined,
    };
  };
  return node;
}

/** Lists of conditions in an order that can be changed: classes, groups with what is promised to them, or what brings points. */
function parts(items, kind, tools) {
  const list = h('ol', {class: 'plain parts'});
  const add = (item) => list.append(part(item, kind, tools, list));
  items.forEach(add);
  const node = h('div', {}, list, h('button', {type: 'button', class: 'quiet', 'data-add': kind, onclick: () => {
    add({name: '', conditions: []});
    list.lastElementChild.querySelector('input').focus();
  }}, `＋ ${t(`editor.add.${kind}`)}`));
  node.read = () => [...list.children].map((row) => row.read());
  return node;
}

function part(item, kind, tools, list) {
  const name = kind !== 'points' && field('', t('editor.part.name'), {value: item.name, maxlength: 100});
  const points = kind === 'points' && field('', t('editor.points'), {type: 'number', min: 1, required: true, value: item.points ?? 1});
  const conditions = conditionList(item.conditions, tools);
  const size = kind === 'group'
    && field('', t('editor.floor'), {type: 'number', min: 0, value: item.floor?.size ?? '', hint: t('editor.floor.hint')});
  const manner = kind === 'group' && field('', t('editor.floor.kind'), {
    type: 'select', value: item.floor?.kind ?? 'strict', options: ['strict', 'fair'].map((one) => [one, t(`rule.floor.${one}`)]),
  });
  const row = h('li', {class: 'part'}, h('div', {class: 'fields'}, name, points, size, manner), conditions,
    h('div', {class: 'actions'},
      h('button', {type: 'button', class: 'quiet', onclick: () => row.previousElementSibling?.before(row)}, t('editor.up')),
      h('button', {type: 'button', class: 'quiet', onclick: () => row.nextElementSibling?.after(row)}, t('editor.down')),
      h('button', {type: 'button', class: 'quiet', onclick: () => { row.remove(); list.parentElement.querySelector('button')?.focus(); }},
        t('rule.remove'))));
  row.read = () => ({
    conditions: conditions.read(), ...(name && {name: name.querySelector('input').value.trim()}),
    ...(points && {points: Number(points.querySelector('input').value)}),
    ...(size && {size: Number(size.querySelector('input').value), kind: manner.querySelector('select').value}),
  });
  return row;
}
