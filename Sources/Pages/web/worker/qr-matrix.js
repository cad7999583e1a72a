// A QR drawn on the phone, for a card that the service gives as text: capital letters, digits and a few signs, 154 at most; level M.

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';
/** Of each version: bytes of correction a block, blocks, bytes of data a block. */
const versions = [[10, 1, 16], [16, 1, 28], [26, 1, 44], [18, 2, 32], [24, 2, 43], [16, 4, 27]];

const powers = [];
const logarithms = [];
for (let exponent = 0, value = 1; exponent < 255; exponent += 1) {
  powers.push(value);
  logarithms[value] = exponent;
  value = value & 128 ? (value << 1) ^ 0x11d : value << 1;
}

function times(one, other) { return one && other ? powers[(logarithms[one] + logarithms[other]) % 255] : 0; }

/** A text as {size, matrix}: the modules of a side, and their bits row by row in base64, as the service gives its codes. */
export function qrMatrix(text) {
  const version = versions.findIndex(([, blocks, length]) => bitCount(text) <= blocks * length * 8) + 1;
  if (version === 0 || [...text].some((sign) => !alphabet.includes(sign))) throw new RangeError('no text for a QR of this kind');
  const size = version * 4 + 17;
  const modules = frame(version, size);
  fill(modules, size, codewords(text, versions[version - 1]));
  const bytes = new Uint8Array(Math.ceil((size * size) / 8));
  modules.flat().forEach((isDark, index) => { if (isDark) bytes[index >> 3] |= 128 >> (index & 7); });
  return {size, matrix: btoa(String.fromCharCode(...bytes))};
}

function bitCount(text) { return 13 + Math.floor(text.length / 2) * 11 + (text.length % 2) * 6; }

/** The text's bytes, block by block with their correction, one of each block after another. */
function codewords(text, [correction, blocks, length]) {
  const bits = [];
  const add = (value, count) => { for (let bit = count - 1; bit >= 0; bit -= 1) bits.push((value >> bit) & 1); };
  add(2, 4);
  add(text.length, 9);
  for (let index = 0; index < text.length; index += 2) {
    const [first, second] = [alphabet.indexOf(text[index]), alphabet.indexOf(text[index + 1] ?? ' ')];
    if (index + 1 < text.length) add(first * 45 + second, 11); else add(first, 6);
  }
  add(0, Math.min(4, blocks * length * 8 - bits.length));
  while (bits.length % 8) bits.push(0);
  const data = [];
  for (let index = 0; index < bits.length; index += 8) data.push(parseInt(bits.slice(index, index + 8).join(''), 2));
  for (let pad = 0xec; data.length < blocks * length; pad ^= 0xec ^ 0x11) data.push(pad);
  const parts = Array.from({length: blocks}, (_, block) => data.slice(block * length, (block + 1) * length));
  const checks = parts.map((part) => remainder(part, generator(correction)));
  const woven = (lists) => lists[0].flatMap((_, index) => lists.map((list) => list[index]));
  return [...woven(parts), ...woven(checks)];
}

function generator(degree) {
  let factors = [1];
  for (let root = 0; root < degree; root += 1) {
    const next = [...factors, 0];
    factors.forEach((factor, index) => { next[index + 1] ^= times(factor, powers[root]); });
    factors = next;
  }
  return factors.slice(1);
}

function remainder(data, factors) {
  const rest = factors.map(() => 0);
  for (const byte of data) {
    const lead = byte ^ rest.shift();
    rest.push(0);
    factors.forEach((factor, index) => { rest[index] ^= times(factor, lead); });
  }
  return rest;
}

/** Everything but the data: rows of true and false, undefined where data go. */
function frame(version, size) {
  const rows = Array.from({length: size}, () => new Array(size).fill(undefined));
  const square = (x, y, reach, isDark) => {
    for (let down = -reach; down <= reach; down += 1) {
      for (let across = -reach; across <= reach; across += 1) {
        const row = rows[y + down];
        if (row && x + across >= 0 && x + across < size) row[x + across] = isDark(Math.max(Math.abs(down), Math.abs(across)));
      }
    }
  };
  for (let index = 8; index < size - 8; index += 1) rows[6][index] = rows[index][6] = index % 2 === 0;
  for (const [x, y] of [[3, 3], [size - 4, 3], [3, size - 4]]) square(x, y, 4, (ring) => ring !== 2 && ring !== 4);
  if (version > 1) square(size - 7, size - 7, 2, (ring) => ring !== 1);
  // Level M under mask 0, twice.
  const format = 0x5412;
  const bit = (index) => ((format >> index) & 1) === 1;
  for (let index = 0; index < 15; index += 1) {
    const [x, y] = index < 6 ? [8, index] : index < 8 ? [8, index + 1] : index === 8 ? [7, 8] : [14 - index, 8];
    rows[y][x] = bit(index);
    if (index < 8) rows[8][size - 1 - index] = bit(index); else rows[size - 15 + index][8] = bit(index);
  }
  rows[size - 8][8] = true;
  return rows;
}

/** Puts the data in, upwards and downwards by pairs of columns, under mask 0: every second module turned over. */
function fill(rows, size, bytes) {
  let index = 0;
  for (let right = size - 1; right >= 1; right -= 2) {
    if (right === 6) right = 5;
    for (let step = 0; step < size; step += 1) {
      const y = ((right + 1) & 2) === 0 ? size - 1 - step : step;
      for (const x of [right, right - 1]) {
        if (rows[y][x] !== undefined) continue;
        const bit = ((bytes[index >> 3] ?? 0) >> (7 - (index & 7))) & 1;
        rows[y][x] = (bit === 1) !== ((x + y) % 2 === 0);
        index += 1;
      }
    }
  }
}
