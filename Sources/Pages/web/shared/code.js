// Pictures of codes: a matrix of modules, as the service gives it, becomes one SVG path.

import {s} from './dom.js';

/** A QR of `size` modules a side, whose bits stand row by row in `matrix` (base64), with the quiet zone of four that readers need. */
export function qrPicture(matrix, size, label) {
  const bytes = Uint8Array.from(atob(matrix), (character) => character.charCodeAt(0));
  const isDark = (index) => (bytes[index >> 3] >> (7 - (index & 7))) & 1;
  let path = '';
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) {
      if (!isDark(row * size + column)) continue;
      let width = 1;
      while (column + width < size && isDark(row * size + column + width)) width += 1;
      path += `M${column + 4} ${row + 4}h${width}v1h-${width}z`;
      column += width - 1;
    }
  }
  const side = size + 8;
  return s('svg', {viewBox: `0 0 ${side} ${side}`, class: 'qr', role: 'img', 'aria-label': label, 'shape-rendering': 'crispEdges'},
    s('rect', {width: side, height: side, fill: '#fff'}), s('path', {d: path, fill: '#000'}));
}
