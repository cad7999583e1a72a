// A list as a table: filters that stay in the address, sorting of what is loaded, "show more" by cursor, export of every row.
// On a phone each row is a card.

import {h, put, announce} from './dom.js';
import {download, withQuery} from './api.js';
import {csvText, saveText} from './csv.js';
import {field, values} from './form.js';
import {place} from './router.js';
import {currentLanguage, t} from './text.js';
import {act, emptyState, pane} from './view.js';

const MOST_EXPORTED = 10000;

/**
 * A table that fills itself. Its `reload()` reads anew, its `query()` tells the filters in force.
 *
 * - columns: [{key, title, show(row) → node or text, sort: true or (row) → value, number, width, csv(row) → text}]
 * - load(after, query, signal) → {items, next}
 * - filters: [{name, label, type, options, value, …}], as fields; kept in the address, so that a link keeps them
 * - rowHref(row): where the first cell leads; actions(row, host) → nodes of a last column
 * - csvName: the file's name without ending; exportHref: a path, or (query) → path, of the server's own export
 * - empty: what is said where there is nothing at all
 */
export function table({label, columns, load, filters = [], rowHref, actions, csvName, exportHref, empty, signal, lines = 8}) {
  const usual = filters.filter((one) => one.value).map((one) => [one.name, one.value]);
  let query = {...Object.fromEntries(usual), ...known(filters, place().query)};
  const list = {rows: [], next: undefined, sorted: null, isDown: false};

  const body = pane(async (own) => {
    const page = await load(undefined, query, own);
    list.rows = page.items;
    list.next = page.next;
    if (save) save.hidden = !page.items.length;
    if (page.items.length) return drawList();
    // A list that begins narrowed, by what waits for somebody, has its own words for nothing.
    const isNarrowed = filters.length > 0 && JSON.stringify(Object.entries(query).sort()) !== JSON.stringify([...usual].sort());
    return emptyState(isNarrowed ? t('table.none') : empty);
  }, {signal, lines, label});

  function drawList() {
    const rows = h('tbody', {role: 'rowgroup'});
    const told = h('p', {class: 'soft number', role: 'status'});
    const more = h('button', {type: 'button', onclick: () => act(more, loadMore)}, t('action.more'));
    const heads = columns.map((column) => headCell(column, list, () => sortBy(column)));
    function draw() {
      put(rows, sortedRows(list).map((row) => bodyRow(row, columns, {rowHref, actions, host})));
      put(told, t(list.next ? 'table.rows.more' : 'table.rows', {n: list.rows.length}));
      more.hidden = !list.next;
      heads.forEach((head) => head.mark());
    }
    function sortBy(column) {
      list.isDown = list.sorted === column ? !list.isDown : Boolean(column.number);
      list.sorted = column;
      draw();
    }
    async function loadMore() {
      const page = await load(list.next, query, signal);
      const before = list.rows.length;
      list.rows = [...list.rows, ...page.items];
      list.next = page.next;
      draw();
      if (!list.sorted) rows.children[before]?.querySelector('a, button')?.focus({preventScroll: true});
      announce(t('table.rows', {n: list.rows.length}));
    }
    const box = h('div', {class: 'table-box', role: 'region', tabindex: '0', 'aria-label': label},
      h('table', {class: 'rows', role: 'table', 'aria-label': label},
        h('thead', {role: 'rowgroup'}, h('tr', {role: 'row'}, heads,
          actions && h('th', {scope: 'col', role: 'columnheader'}, h('span', {class: 'unseen'}, t('table.actions'))))), rows));
    draw();
    return [sortField(columns, list, draw), box, h('div', {class: 'table-foot'}, told, more)];
  }

  const save = (csvName || exportHref)
    && h('button', {type: 'button', class: 'quiet', onclick: () => act(save, exportRows)}, t('table.export'));
  async function exportRows() {
    if (exportHref) {
      const path = typeof exportHref === 'function' ? exportHref(query) : withQuery(exportHref, query);
      return download(path, `${csvName ?? 'waystation'}.csv`);
    }
    const rows = [];
    let after;
    do {
      const page = await load(after, query, signal);
      rows.push(...page.items);
      after = page.next;
    } while (after && rows.length < MOST_EXPORTED);
    const cells = rows.slice(0, MOST_EXPORTED).map((row) => columns.map((column) => plainText(column, row)));
    saveText(csvText([columns.map((column) => column.title), ...cells]), `${csvName}.csv`);
    return announce(t('table.exported', {n: cells.length}));
  }

  const bar = filters.length ? filterBar(filters, query, (chosen) => {
    query = chosen;
    keepInAddress(filters, query);
    body.reload();
  }) : null;
  const host = h('div', {class: 'table'}, (bar || save) && h('div', {class: 'table-bar noprint'}, bar, save), body);
  host.reload = (options) => body.reload(options);
  host.query = () => query;
  return host;
}

function known(filters, query) {
  return Object.fromEntries(filters.map(({name}) => [name, query[name]]).filter(([, value]) => value !== undefined && value !== ''));
}

/** Puts the filters into the address without going anywhere; what else stands in its query stays. */
function keepInAddress(filters, query) {
  const here = place();
  const rest = Object.fromEntries(Object.entries(here.query).filter(([name]) => !filters.some((one) => one.name === name)));
  history.replaceState(null, '', `#${withQuery(here.path, {...rest, ...query})}`);
}

function filterBar(filters, query, chosen) {
  const form = h('form', {class: 'filters', role: 'search', 'aria-label': t('table.filter')},
    filters.map(({name, label, ...rest}) => field(name, label, {...rest, value: query[name] ?? ''})),
    h('button', {class: 'unseen', tabindex: '-1'}, t('table.filter')));
  const take = () => {
    if ([...form.elements].every((input) => !input.willValidate || input.checkValidity())) {
      chosen(Object.fromEntries(Object.entries(values(form)).filter(([, value]) => value !== false)));
    }
  };
  form.addEventListener('submit', (event) => { event.preventDefault(); take(); });
  form.addEventListener('change', take);
  return form;
}

/** Where the heads are not seen, on a phone: what to sort by, and which way. */
function sortField(columns, list, draw) {
  const sorted = columns.filter((column) => column.sort);
  if (!sorted.length) return null;
  const way = h('button', {type: 'button', class: 'quiet', onclick: () => {
    list.isDown = !list.isDown;
    mark();
    draw();
  }});
  const select = field('', t('table.sort_by'), {type: 'select', value: sorted.indexOf(list.sorted),
    options: [[-1, t('table.unsorted')], ...sorted.map((column, index) => [index, column.title])], onchange: (event) => {
      list.sorted = sorted[Number(event.target.value)] ?? null;
      list.isDown = Boolean(list.sorted?.number);
      mark();
      draw();
    }});
  const mark = () => {
    way.hidden = !list.sorted;
    way.textContent = t(list.isDown ? 'table.down' : 'table.up');
  };
  mark();
  return h('div', {class: 'sort-by noprint'}, select, way);
}

function headCell(column, list, sort) {
  const attributes = {
    scope: 'col', role: 'columnheader', class: column.number ? 'number' : null, style: column.width ? {width: column.width} : null,
  };
  const arrow = h('span', {'aria-hidden': 'true', class: 'arrow'});
  const cell = h('th', attributes, column.sort
    ? h('button', {type: 'button', 'aria-label': t('table.sort', {column: column.title}), onclick: sort}, column.title, arrow)
    : column.title);
  cell.mark = () => {
    const isHere = list.sorted === column;
    if (isHere) cell.setAttribute('aria-sort', list.isDown ? 'descending' : 'ascending');
    else cell.removeAttribute('aria-sort');
    arrow.textContent = isHere ? (list.isDown ? ' ↓' : ' ↑') : column.sort ? ' ↕' : '';
  };
  return cell;
}

function bodyRow(row, columns, {rowHref, actions, host}) {
  const href = rowHref?.(row);
  return h('tr', {role: 'row'}, columns.map((column, index) => {
    const content = column.show ? column.show(row) : row[column.key];
    const shown = content === null || content === undefined || content === '' ? '–' : content;
    return h(index === 0 ? 'th' : 'td', {
      role: index === 0 ? 'rowheader' : 'cell', scope: index === 0 ? 'row' : null, 'data-label': column.title,
      class: column.number ? 'number' : null,
    }, index === 0 && href ? h('a', {href}, shown) : shown);
  }), actions && h('td', {role: 'cell', class: 'row-actions'}, actions(row, host)));
}

function sortValue(column, row) { return typeof column.sort === 'function' ? column.sort(row) : row[column.key]; }

function sortedRows({rows, sorted, isDown}) {
  if (!sorted) return rows;
  const collator = new Intl.Collator(currentLanguage() === 'zh' ? 'zh-CN' : 'en', {numeric: true});
  const order = (one, other) => {
    const [a, b] = [sortValue(sorted, one), sortValue(sorted, other)];
    if (a === b) return 0;
    if (a === null || a === undefined) return 1;
    if (b === null || b === undefined) return -1;
    const ahead = typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b));
    return isDown ? -ahead : ahead;
  };
  return [...rows].sort(order);
}

function plainText(column, row) {
  if (column.csv) return column.csv(row);
  const content = column.show ? column.show(row) : row[column.key];
  return content instanceof Node ? content.textContent : Array.isArray(content) ? h('span', {}, content).textContent : content;
}
