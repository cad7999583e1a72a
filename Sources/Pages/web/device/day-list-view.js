// The day's list beside the van's reader: who is expected when, who came; a name is tapped where a code cannot be shown.

import {h, put, freshID} from '../shared/dom.js';
import {t} from '../shared/text.js';
import {redraw} from './redraw.js';

const shownAtMost = 200;
const looks = {attended: 'good', no_show: 'bad', confirmed: 'note'};

/** {node, draw()} of a list; `chosen(line)` hears which line was tapped. */
export function dayListView(list, chosen) {
  const id = freshID('d');
  const filter = h('input', {id, type: 'search', autocomplete: 'off', oninput: () => draw()});
  const figures = h('p', {});
  const conflicts = h('div', {});
  const body = h('div', {});

  function drawConflicts() {
    put(conflicts, list.conflicts.length > 0 && h('div', {class: 'banner warn'}, h('p', {}, t('van.conflicts', {n: list.conflicts.length})),
      h('ul', {}, list.conflicts.map((one) => h('li', {}, `${one.name} ${one.memberID} · ${one.reason}`))),
      h('button', {type: 'button', onclick: async () => {
        await list.keepConflicts([]);
        drawConflicts();
      }}, t('list.seen'))));
  }
  function draw() {
    drawConflicts();
    const came = list.lines.filter((line) => line.state === 'attended').length;
    put(figures, list.fault ?? t('list.figures', {came, all: list.lines.length}));
    const wanted = filter.value.trim();
    const fits = (line) => [line.name, line.digits, line.memberID].some((text) => text.includes(wanted));
    const lines = wanted === '' ? list.lines : list.lines.filter(fits);
    const times = [...new Set(lines.map((line) => line.time))];
    if (list.lines.length === 0) put(body, h('p', {class: 'soft'}, t('list.empty')));
    else if (lines.length === 0) put(body, h('p', {class: 'soft'}, t('table.none')));
    else {
      const shown = lines.slice(0, shownAtMost);
      redraw(body, times.map((time) => {
        const own = shown.filter((line) => line.time === time);
        return own.length > 0 && [h('h3', {}, time), h('ul', {class: 'people'}, own.map(row))];
      }), lines.length > shownAtMost && h('p', {class: 'soft'}, t('list.more', {n: lines.length - shownAtMost})));
    }
  }
  function row(line) {
    return h('li', {}, h('span', {class: 'grow'}, line.name, ' ', h('span', {class: 'soft number'}, `${line.digits} · ${line.memberID}`)),
      line.isWaiting && h('span', {class: 'tag note'}, t('list.waits')),
      line.isWalkIn && h('span', {class: 'tag'}, t('list.walk_in')),
      h('span', {class: `tag ${looks[line.state] ?? ''}`}, t(`list.state.${line.state}`)),
      ['placed', 'confirmed', 'no_show'].includes(line.state)
        && h('button', {
          type: 'button', 'data-key': line.memberID, 'aria-label': t('list.mark.label', {name: line.name}), onclick: () => chosen(line),
        }, t('list.mark')));
  }
  draw();
  return {
    node: h('section', {class: 'card', 'aria-label': t('list.title')}, h('h2', {}, t('list.title')), figures, conflicts,
      h('div', {class: 'field'}, h('label', {for: id}, t('list.find')), filter), body),
    draw,
  };
}
