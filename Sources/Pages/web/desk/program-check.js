// The check before announcing: how many members each condition leaves, who falls into which class and group, and what is wrong.

import {h} from '../shared/dom.js';
import {get} from '../shared/api.js';
import {bars} from '../shared/charts.js';
import {count, t} from '../shared/text.js';
import {pane} from '../shared/view.js';

/** A draft's check as it stands. */
export function checkDraft(id, signal) {
  return pane(async (own) => {
    const [program, preview] = await Promise.all([
      get(`/v1/programs/${id}`, {}, {signal: own}), get(`/v1/programs/${id}/preview`, {}, {signal: own}),
    ]);
    const found = problems(program, preview);
    return h('div', {class: 'stack'},
      found.length ? h('div', {class: 'banner warn'}, h('b', {}, t('check.problems')), h('ul', {}, found.map((text) => h('li', {}, text))))
        : h('p', {class: 'banner good'}, t('check.fine')),
      steps(preview), pictures(preview));
  }, {signal, lines: 8, label: t('editor.step.check')});
}

/** Condition by condition: how many hold it, and how many are left. */
export function steps(preview) {
  return h('div', {class: 'table-box', role: 'region', tabindex: '0', 'aria-label': t('check.steps')},
    h('table', {class: 'rows'}, h('caption', {}, t('check.steps')),
      h('thead', {}, h('tr', {}, ['check.condition', 'check.alone', 'check.left'].map((key) => h('th', {scope: 'col'}, t(key))))),
      h('tbody', {},
        h('tr', {}, h('th', {scope: 'row', 'data-label': t('check.condition')}, t('check.members')),
          h('td', {'data-label': t('check.alone')}, '–'),
          h('td', {class: 'number', 'data-label': t('check.left')}, count(preview.members))),
        preview.conditions.map((one) => h('tr', {}, h('th', {scope: 'row', 'data-label': t('check.condition')}, one.condition),
          h('td', {class: 'number', 'data-label': t('check.alone')}, count(one.alone)),
          h('td', {class: 'number', 'data-label': t('check.left')}, count(one.left)))),
        h('tr', {}, h('th', {scope: 'row', 'data-label': t('check.condition')}, h('b', {}, t('check.eligible'))),
          h('td', {'data-label': t('check.alone')}, '–'),
          h('td', {class: 'number', 'data-label': t('check.left')}, h('b', {}, count(preview.eligible)))))));
}

/** Who falls into which class and group. */
export function pictures(preview) {
  const rows = (parts) => parts.map((one) => ({label: one.name, value: one.members}));
  return h('div', {class: 'stack'},
    preview.classes.length > 0 && bars({
      title: t('check.classes'), rows: [...rows(preview.classes),
        ...(preview.others !== undefined ? [{label: t('rule.others'), value: preview.others}] : [])],
    }),
    preview.groups.length > 0 && bars({title: t('check.groups'), rows: rows(preview.groups)}));
}

function problems(program, preview) {
  const found = [];
  if (!program.opensAt || !program.closesAt) found.push(t('check.no_times'));
  else if (program.opensAt >= program.closesAt) found.push(t('check.times_order'));
  if (program.resultsAt && program.closesAt && program.resultsAt < program.closesAt) found.push(t('check.results_early'));
  const floors = program.rules.floors ?? [];
  const promised = floors.reduce((sum, one) => sum + one.size, 0);
  if (promised > program.quota) found.push(t('check.floors', {sum: promised, quota: program.quota}));
  for (const floor of floors) {
    const group = preview.groups.find((one) => one.name === floor.group);
    if (group && group.members < floor.size) found.push(t('check.floor_members',
      {group: floor.group, members: group.members, size: floor.size}));
  }
  if (preview.eligible === 0) found.push(t('check.nobody'));
  else if (preview.eligible < program.quota) found.push(t('check.few', {n: preview.eligible, quota: program.quota}));
  return found;
}
