// Whom a door alone refuses: four sets of ids that the service gives whole or as changes, with one word by which both sides know that they
// hold the same. Without DOM or network.

import {base64URLDecode} from './offline-code.js';

const kinds = [['members', 'member'], ['provisional', 'provisional'], ['cards', 'card'], ['pinCards', 'pin_card']];

/** Nobody is refused. */
export function noRefusals() {
  return {version: 0, members: new Set(), provisional: new Set(), cards: new Set(), pinCards: new Set(), digest: 0n};
}

/** The numbers (BigInt) of a set as it comes: distances in groups of seven bits (LEB128), Base64url. Null for what is none. */
export function decodeNumbers(text) {
  const bytes = base64URLDecode(text);
  if (bytes === null) return null;
  const numbers = [];
  let last = 0n;
  let distance = 0n;
  let shift = 0n;
  for (const byte of bytes) {
    if (shift >= 63n) return null;
    distance |= BigInt(byte & 0x7f) << shift;
    shift += 7n;
    if (byte & 0x80) continue;
    if (distance === 0n || last + distance > 0x7fffffffffffffffn) return null;
    last += distance;
    numbers.push(last);
    distance = 0n;
    shift = 0n;
  }
  return shift === 0n ? numbers : null;
}

/** The first 8 bytes of SHA-256 of `kind:number`. */
export async function numberDigest(number, kind) {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`${kind}:${number}`));
  return new DataView(hash).getBigUint64(0);
}

async function digestOf(numbers, kind) {
  let digest = 0n;
  for (let start = 0; start < numbers.length; start += 1000) {
    const some = await Promise.all(numbers.slice(start, start + 1000).map((number) => numberDigest(number, kind)));
    for (const one of some) digest ^= one;
  }
  return digest;
}

/** What the lists become by `news`; null when they do not come out as the server has them, so that all must be asked for. */
export async function applyRefusals(old, news) {
  const next = news.isFull ? noRefusals() : {...old};
  next.version = news.version;
  for (const [name, kind] of kinds) {
    const added = decodeNumbers(news[name]);
    const removed = decodeNumbers(news[`${name}Cleared`]);
    if (added === null || removed === null) return null;
    const numbers = new Set(next[name]);
    const isAdded = new Set(added);
    const fresh = added.filter((number) => !numbers.has(number));
    const gone = removed.filter((number) => numbers.has(number) && !isAdded.has(number));
    for (const number of fresh) numbers.add(number);
    for (const number of gone) numbers.delete(number);
    next[name] = numbers;
    next.digest ^= (await digestOf(fresh, kind)) ^ (await digestOf(gone, kind));
  }
  return next.digest === BigInt(`0x${news.digest}`) ? next : null;
}
