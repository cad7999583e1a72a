// Tables as CSV files that spreadsheets open rightly: UTF-8 with a byte order mark, and no cell that a spreadsheet would take for
// a formula.

import {h} from './dom.js';

/** A cell's text, quoted where it has to be; what begins like a formula is made plain text by an apostrophe, numbers stay numbers. */
export function csvCell(value) {
  const text = value === null || value === undefined ? '' : String(value);
  const isNumber = /^[+-]?\d+([.,]\d+)*%?$/.test(text) && !text.startsWith('+');
  const plain = /^[=+\-@\t\r]/.test(text) && !isNumber ? `'${text}` : text;
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
