// Tables as CSV files that spreadsheets open rightly: UTF-8 with a byte order mark, and no cell that a spreadsheet would take for
// a formula.

import {h} from './dom.js';

/** A cell's text, quoted where it has to be; what begins like a formula is made plain text by an apostrophe, numbers stay numbers. */
export function csvCell(value) {
  const text = value === null || value === undefined ? '' : String(value);
  const isNumber = /^[+-]?\d+([.,]\d+)*%?$/.test(text) && !text.startsWith('+');
  const plain = /^[=+\-@\t\r\n＝＋－＠]/.test(text) && !isNumber ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

/** Rows of cells as the text of a file. */
export function csvText(rows) { return `\uFEFF${rows.map((cells) => cells.map(csvCell).join(',')).join('\r\n')}\r\n`; }

/** Hands a text to the browser as a file of the name given. */
export function saveText(text, name, type = 'text/csv;charset=utf-8') {
  const address = URL.createObjectURL(new Blob([text], {type}));
  const link = h('a', {href: address, download: name});
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60000);
}

/** The rows of a CSV text, each a list of cells; the byte order mark and empty lines are left out. */
export function csvRows(text) {
  const rows = [['']];
  for (const [, comma, line, quoted, plain] of text.replace(/^\uFEFF/, '').matchAll(/(,)|(\r?\n)|"((?:[^"]|"")*)"|([^",\r\n]+)/g)) {
    const cells = rows.at(-1);
    if (comma) cells.push('');
    else if (line) rows.push(['']);
    else cells[cells.length - 1] = quoted === undefined ? plain : quoted.replaceAll('""', '"');
  }
  return rows.filter((cells) => cells.some((cell) => cell !== ''));
}
