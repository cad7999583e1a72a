// Charts, drawn as SVG here: bars, grouped bars, lines, heat maps, ledgers that always sum up, and flows from place to place. Each gives a
// figure with a caption, a sentence for who does not see it, and its figures as a table; its `change(options)` draws other figures in place.

import {h, s} from './dom.js';
import {count, percent, t} from './text.js';
import {area, frame, label, legend, linked, rove, sample, widthOf} from './chart-frame.js';

export {lines} from './chart-lines.js';
export {flow} from './chart-flow.js';

const most = (numbers) => Math.max(0, ...numbers.filter((value) => Number.isFinite(value)));

const said = (value, format) => (Number.isFinite(value) ? format(value) : '—');

/** The greatest of rows, said in words. */
function greatest(rows, format) {
  const known = rows.filter((row) => Number.isFinite(row.value));
  if (!known.length) return t('chart.none');
  const top = known.reduce((best, row) => (row.value > best.value ? row : best));
  return t('chart.summary.bars', {n: rows.length, label: top.label, value: format(top.value)});
}

/** Horizontal bars: rows are [{label, value, href?}]. The longest is the greatest value, or `full` where that says more: 1 for shares. */
export function bars(options) {
  return frame(({title, rows, format = count, head, full}) => ({
    title, summary: greatest(rows, format), hasLinks: rows.some((row) => row.href), head: head ?? [t('chart.what'), t('chart.value')],
    rows: rows.map((row) => [{text: row.label, href: row.href}, said(row.value, format)]),
    draw: (width) => drawBars(rows.map((row) => ({...row, values: [row.value]})), width, format, full),
  }), options);
}

/** Bars side by side: `values[group][series]`; groups may be texts or {label, href}. */
export function grouped(options) {
  return frame(({title, groups, series, values, format = count}) => {
    const rows = groups.map((group, index) => ({label: group.label ?? group, href: group.href, values: values[index]}));
    return {
      title, summary: t('chart.summary.grouped', {n: rows.length, series: series.join('、')}), hasLinks: rows.some((row) => row.href),
      head: [t('chart.what'), ...series],
      rows: rows.map((row) => [{text: row.label, href: row.href}, ...row.values.map((value) => said(value, format))]),
      draw: (width) => drawBars(rows, width, format), below: legend(series),
    };
  }, options);
}

function drawBars(rows, width, format, full = 0) {
  if (!rows.length) return {height: 40, children: label(0, 24, t('chart.none'), {soft: true})};
  const isNarrow = width < 480;
  const thickness = rows.some((row) => row.values.length > 1) ? 16 : rows.some((row) => row.href) ? 26 : 20;
  const room = most(rows.flatMap((row) => row.values.map((value) => (Number.isFinite(value) ? widthOf(format(value)) : 10)))) + 10;
  const left = isNarrow ? 0 : Math.min(width * 0.35, most(rows.map((row) => widthOf(row.label))) + 12);
  const scale = (width - left - room) / (most([full, ...rows.flatMap((row) => row.values)]) || 1);
  const children = [];
  let y = 0;
  for (const row of rows) {
    const top = isNarrow ? y + 20 : y;
    const height = row.values.length * (thickness + 2);
    const words = `${row.label}: ${row.values.map((value) => said(value, format)).join(', ')}`;
    children.push(linked(row.href, words,
      label(0, isNarrow ? y + 14 : top + height / 2 + 4, row.label, {width: isNarrow ? width : left - 10}),
      row.values.map((value, index) => {
        const length = Number.isFinite(value) ? Math.max(value * scale, value > 0 ? 2 : 0) : 0;
        const at = top + index * (thickness + 2);
        return [
          s('rect', {x: left, y: at, width: Math.max(width - left - room, 1), height: thickness, rx: 3, class: 'ground'}),
          area(index, {x: left, y: at, width: length, height: thickness, rx: 3}),
          label(left + length + 6, at + thickness / 2 + 5, said(value, format)),
        ];
      })));
    y = top + height + 8;
  }
  return {height: Math.max(y, 20), children};
}

/**
 * Shades by row and column: `values[row][column]`, null where there is nothing. A cell leads to `hrefs[row][column]`, or `press(row, column)`
 * is what it does.
 */
export function heatmap(options) {
  return frame(({title, rows, columns, values, format = count, label: name, hrefs, press}) => {
    const top = most(values.flat());
    let best;
    values.forEach((line, row) => line.forEach((value, column) => {
      if (Number.isFinite(value) && (!best || value > best.value)) best = {value, row, column};
    }));
    const summary = best
      ? t('chart.summary.heat', {row: rows[best.row], column: columns[best.column], value: format(best.value)}) : t('chart.none');
    return {
      title: title ?? name, summary, head: ['', ...columns], hasLinks: Boolean(hrefs ?? press),
      leastWidth: hrefs || press ? columns.length * 26 + Math.min(110, most(rows.map(widthOf)) + 10) : 0,
      rows: rows.map((row, index) => [row, ...values[index].map((value, column) => ({text: said(value, format), ...(value > 0 && {
        href: hrefs?.[index]?.[column], press: press && (() => press(index, column))})}))]),
      draw: (width) => drawHeat({rows, columns, values, format, hrefs, press}, top, width),
    };
  }, options);
}

function drawHeat({rows, columns, values, format, hrefs, press}, top, width) {
  const left = Math.min(width * 0.3, most(rows.map(widthOf)) + 10);
  const side = (width - left) / columns.length;
  const height = Math.max(26, Math.min(side, 40));
  const every = Math.max(1, Math.ceil((most(columns.map(widthOf)) + 6) / side));
  const isWide = most(values.flat().filter(Number.isFinite).map((value) => widthOf(format(value)))) <= side - 4;
  const children = columns.map((name, column) => (column % every === 0
    ? label(left + column * side + (every > 1 ? 0 : side / 2), 14, name, {anchor: every > 1 ? 'start' : 'middle', soft: true}) : null));
  const cells = rows.map(() => columns.map(() => null));
  rows.forEach((row, index) => {
    const y = 22 + index * height;
    children.push(label(0, y + height / 2 + 4, row, {width: left - 8}));
    values[index].forEach((value, column) => {
      const isKnown = Number.isFinite(value);
      const x = left + column * side;
      const words = `${row} ${columns[column]}: ${said(value, format)}`;
      const way = value > 0 ? hrefs?.[index]?.[column] ?? (press && (() => press(index, column))) : undefined;
      const cell = linked(way, words,
        s('rect', {x: x + 1, y: y + 1, width: Math.max(side - 2, 1), height: height - 2, rx: 3, class: 'ground'}),
        isKnown && s('rect', {
          x: x + 1, y: y + 1, width: Math.max(side - 2, 1), height: height - 2, rx: 3, class: 'c1',
          'fill-opacity': (isWide ? 0.5 : 1) * (top ? value / top : 0),
        }, s('title', {}, words)),
        isKnown && isWide && label(x + side / 2, y + height / 2 + 4, format(value), {anchor: 'middle'}));
      if (way) cells[index][column] = cell;
      children.push(cell);
    });
  });
  if (hrefs || press) rove(cells);
  return {height: 24 + rows.length * height, children};
}

/**
 * One bar that always sums up: what of a total went where. It says the sum and the total, and marks an error where they differ.
 * Parts are [{label, value, href?}].
 */
export function ledger(options) {
  return frame(({title, total, parts, format = count}) => {
    const sum = parts.reduce((whole, part) => whole + part.value, 0);
    const isRight = sum === total;
    const share = (value) => (total ? percent(value / total, 1) : '—');
    const words = t(isRight ? 'chart.sums' : 'chart.differs', {sum: format(sum), total: format(total), difference: format(total - sum)});
    return {
      title, summary: words, head: [t('chart.what'), t('chart.value'), t('chart.share')],
      rows: [...parts.map((part) => [{text: part.label, href: part.href}, format(part.value), share(part.value)]),
        [t('chart.total'), format(total), share(total)]],
      draw: (width) => drawLedger(parts, Math.max(sum, total, 1), width),
      below: [
        h('ul', {class: 'legend ledger'}, parts.map((part, index) => h('li', {}, sample(index),
          part.href ? h('a', {href: part.href}, part.label) : part.label, ' ', h('b', {class: 'number'}, format(part.value)), ' ',
          h('span', {class: 'soft'}, share(part.value))))),
        h('p', isRight ? {class: 'sum'} : {class: 'banner bad', role: 'alert'}, isRight ? '✓ ' : '✕ ', words),
      ],
    };
  }, options);
}

function drawLedger(parts, whole, width) {
  let x = 0;
  const children = [s('rect', {x: 0, y: 0, width, height: 30, rx: 4, class: 'ground'})];
  parts.forEach((part, index) => {
    const length = (Math.max(part.value, 0) / whole) * width;
    if (length > 0) children.push(area(index, {x, y: 0, width: Math.max(length - 1, 0.5), height: 30}));
    x += length;
  });
  return {height: 30, children};
}

