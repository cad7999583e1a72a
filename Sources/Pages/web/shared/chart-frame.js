// What every chart has around its picture: a caption, a sentence for who does not see it, its legend, and a button that shows the same
// figures as a table. A picture is drawn for the width that it has, so its text stays readable on a phone.

import {h, s, put, freshID} from './dom.js';
import {t} from './text.js';

/** How many colours there are before they begin anew. */
export const colours = 8;

/**
 * A figure. `make(options)` tells what to draw: {title, summary, head, rows, draw(width), below, leastWidth, hasLinks}; `draw` gives SVG
 * children and their height. Rows are lists of cells, a cell is a text or {text, href} or {text, press()}. The figure's `change(options)` draws
 * anew in place; its `reveal(index)` shows the figures as a table, at that row.
 */
export function frame(make, options) {
  let spec = make(options);
  let drawn = 0;
  const picture = h('div', {class: 'picture'});
  const below = h('div', {});
  const caption = h('figcaption', {});
  const table = h('div', {class: 'scroll', role: 'region', tabindex: '0', hidden: true, id: freshID('figures')});
  const button = h('button', {type: 'button', class: 'quiet noprint', 'aria-expanded': 'false', 'aria-controls': table.id,
    onclick: () => showTable(table.hidden)}, t('chart.table'));

  function showTable(isShown) {
    table.hidden = !isShown;
    button.setAttribute('aria-expanded', String(isShown));
    button.textContent = t(isShown ? 'chart.picture' : 'chart.table');
    picture.hidden = isShown;
    drawTable();
  }

  function drawTable() {
    if (table.hidden) return;
    table.setAttribute('aria-label', spec.title);
    put(table, h('table', {},
      h('thead', {}, h('tr', {}, spec.head.map((text) => h('th', {scope: 'col'}, text)))),
      h('tbody', {}, spec.rows.map((cells) => h('tr', {}, cells.map((cell, index) => {
        const text = cell?.text ?? cell;
        const inner = cell?.href ? h('a', {href: cell.href}, text)
          : cell?.press ? h('button', {type: 'button', class: 'link', onclick: cell.press}, text) : text;
        return index === 0 ? h('th', {scope: 'row'}, inner) : h('td', {class: 'number'}, inner);
      }))))));
  }

  function draw(width) {
    drawn = width;
    const {height, children} = spec.draw(Math.max(width, spec.leastWidth ?? 0));
    const wide = Math.max(width, spec.leastWidth ?? 0);
    const isScrolled = wide > width;
    const svg = s('svg', {
      viewBox: `0 0 ${wide} ${height}`, role: spec.hasLinks ? 'group' : 'img', 'aria-label': `${spec.title}. ${spec.summary}`,
      width: isScrolled ? wide : '100%', height,
    }, children);
    if (isScrolled) svg.style.setProperty('max-width', 'none');
    put(picture, isScrolled ? h('div', {class: 'scroll', role: 'region', tabindex: '0', 'aria-label': spec.title}, svg) : svg);
  }

  function render() {
    caption.textContent = spec.title;
    caption.hidden = !spec.title;
    put(below, spec.below);
    draw(drawn || Math.min(720, innerWidth - 64));
    drawTable();
  }

  const figure = h('figure', {class: 'chart'}, caption, picture, below, button, table);
  render();
  new ResizeObserver(([entry]) => {
    const width = Math.round(entry.contentRect.width);
    if (width > 0 && Math.abs(width - drawn) > 8) draw(width);
  }).observe(picture);
  figure.reveal = (index) => {
    showTable(true);
    const row = table.querySelectorAll('tbody tr')[index];
    if (!row) return;
    row.classList.add('revealed');
    table.scrollTop = row.offsetTop - table.clientHeight / 2;
    table.focus({preventScroll: true});
  };
  let told = JSON.stringify(options);
  figure.change = (next) => {
    const words = JSON.stringify(next);
    if (words === told) return;
    told = words;
    spec = make(next);
    const held = figure.contains(document.activeElement) && document.activeElement.getAttribute('href');
    render();
    // Whoever stood on a link stands on the same one of the new picture.
    if (held) [...figure.querySelectorAll('a')].find((link) => link.getAttribute('href') === held)?.focus({preventScroll: true});
  };
  return figure;
}

/** About how wide a text of 13 px is; Chinese characters are twice as wide as others. */
export function widthOf(text) {
  return [...text].reduce((sum, character) => sum + (character.codePointAt(0) > 0x2e80 ? 13 : 7.2), 0);
}

/** A text cut to a width. */
export function fitted(text, width) {
  if (widthOf(text) <= width) return text;
  let short = text;
  while (short && widthOf(`${short}…`) > width) short = short.slice(0, -1);
  return `${short}…`;
}

/** A text in the picture: at x, y; `anchor` is 'start', 'middle' or 'end'. */
export function label(x, y, text, {anchor = 'start', soft = false, width} = {}) {
  const short = width === undefined ? text : fitted(text, width);
  return s('text', {x, y, 'text-anchor': anchor, class: soft ? 'soft' : null}, short, short !== text && s('title', {}, text));
}

/** A filled place in the colour and pattern of a series, so that it is known without colours too. */
export function area(index, attributes, tag = 'rect') {
  const number = index % colours;
  const id = freshID('p');
  const pattern = patterns[number];
  return s('g', {},
    s(tag, {...attributes, class: `c${number + 1}`}),
    pattern && [
      s('defs', {}, s('pattern', {id, width: 8, height: 8, patternUnits: 'userSpaceOnUse'}, s('path', {d: pattern, class: 'weave'}))),
      s(tag, {...attributes, fill: `url(#${id})`}),
    ]);
}

const patterns = [
  null, 'M-2 10L10 -2M-2 2L2 -2M6 10L10 6', 'M4 3.99h.01', 'M4 0v8', 'M0 4h8', 'M-2 -2L10 10M-2 6L2 10M6 -2L10 2', 'M0 4h8M4 0v8',
  'M0 2h4M4 6h4',
];

/** Names of series with their samples, below a picture. */
export function legend(names, {lines = false} = {}) {
  return h('ul', {class: 'legend'}, names.map((name, index) => h('li', {}, sample(index, lines), name)));
}

/** A small sample of a series: its area, or its line. */
export function sample(index, isLine = false) {
  return s('svg', {viewBox: '0 0 22 14', width: 22, height: 14, 'aria-hidden': 'true'},
    isLine ? s('path', {d: 'M0 7h22', class: `line l${(index % colours) + 1}`}) : area(index, {width: 22, height: 14, rx: 2}));
}

/** A place that leads to rows behind it, where there is an address, or something that is done when it is pressed. */
export function linked(way, name, ...children) {
  if (typeof way !== 'function') return way ? s('a', {href: way, 'aria-label': name}, children) : s('g', {}, children);
  return s('g', {role: 'button', 'aria-label': name, class: 'pressed', onclick: way, onkeydown: (event) => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    way();
  }}, children);
}

/** Of many places one is reached by Tab, the others by the arrows: `rows` are lists of nodes, null where there is none. */
export function rove(rows) {
  const reach = (node) => {
    rows.flat().forEach((one) => one?.setAttribute('tabindex', one === node ? '0' : '-1'));
    return node;
  };
  reach(rows.flat().find(Boolean));
  rows.forEach((line, row) => line.forEach((node, column) => node?.addEventListener('keydown', (event) => {
    const [down, right] = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]}[event.key] ?? [0, 0];
    if (!down && !right) return;
    event.preventDefault();
    let [y, x] = [row + down, column + right];
    while (rows[y]?.[x] === null) [y, x] = [y + down, x + right];
    if (rows[y]?.[x]) reach(rows[y][x]).focus();
  })));
}

/** Round numbers from 0 (or below) to the greatest, about four of them. */
export function ticks(least, greatest, parts = 4) {
  const reach = greatest - least || 1;
  const rough = reach / parts;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough);
  const first = Math.floor(least / step) * step;
  const found = [];
  for (let value = first; value < greatest + step * 0.999; value += step) found.push(Number(value.toPrecision(12)));
  return found;
}
