// Member codes and printed cards where no secret may be: their text taken apart, their Ed25519 signature checked with public keys, and what
// the time says of them. The same rules as the server's, without DOM or network. Ids and sequences are BigInt: they have 64 bits.

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:';
const authenticatorLength = 8;
const signatureLength = 64;

/** What a code may seem to come from the future, or be used after its end, because two clocks differ. */
export const skewSeconds = 5;

const codeForm = {prefix: 'WS1:', length: 22, domain: 'waystation member code 1|'};
const cardForm = {prefix: 'WC1:', length: 22, domain: 'waystation member card 1|'};

/** The bytes of a Base45 text (RFC 9285); null for a character outside the alphabet, a group beyond its range, or one left over. */
export function base45Decode(text) {
  const bytes = [];
  let position = 0;
  while (position + 1 < text.length) {
    const isWhole = position + 2 < text.length;
    const first = alphabet.indexOf(text[position]);
    const second = alphabet.indexOf(text[position + 1]);
    const third = isWhole ? alphabet.indexOf(text[position + 2]) : 0;
    if (Math.min(first, second, third) < 0) return null;
    const group = first + second * 45 + third * 2025;
    if (group > (isWhole ? 0xffff : 0xff)) return null;
    if (isWhole) bytes.push(group >> 8);
    bytes.push(group & 0xff);
    position += 3;
  }
  return position < text.length ? null : Uint8Array.from(bytes);
}

/** The bytes of a Base64url text without padding; null for what is none. */
export function base64URLDecode(text) {
  if (!/^[A-Za-z0-9_-]*$/.test(text) || text.length % 4 === 1) return null;
  const whole = atob(text.replaceAll('-', '+').replaceAll('_', '/') + '='.repeat((4 - (text.length % 4)) % 4));
  return Uint8Array.from(whole, (character) => character.charCodeAt(0));
}

function takeApart(text, form) {
  const signedLength = form.length + authenticatorLength;
  const length = signedLength + signatureLength;
  // The length first: what is longer costs no more than what is right.
  if (text.length !== form.prefix.length + (length / 2) * 3 || !text.startsWith(form.prefix)) return null;
  const bytes = base45Decode(text.slice(form.prefix.length));
  if (bytes === null || bytes.length !== length || bytes[0] !== 1) return null;
  const domain = new TextEncoder().encode(form.domain);
  const signed = new Uint8Array(domain.length + signedLength);
  signed.set(domain);
  signed.set(bytes.subarray(0, signedLength), domain.length);
  return {view: new DataView(bytes.buffer), signed, signature: bytes.slice(signedLength)};
}

/** A member code's text taken apart, nothing of it checked yet; null if it is not of the form. */
export function decodeCode(text) {
  const parts = takeApart(text, codeForm);
  if (parts === null) return null;
  const {view} = parts;
  const code = {
    keyID: view.getUint8(1), memberID: view.getBigInt64(2), issuedAtSeconds: view.getUint32(10), validitySeconds: view.getUint16(14),
    groups: view.getUint16(16), nonce: view.getUint32(18),
  };
  if (code.nonce > 0x7fffffff || code.validitySeconds === 0) return null;
  // Orders a member's codes by their time of issue.
  code.sequence = (BigInt(code.issuedAtSeconds) << 31n) | BigInt(code.nonce);
  code.expiresAtSeconds = code.issuedAtSeconds + code.validitySeconds;
  return {...parts, code};
}

/** A printed card's text taken apart, nothing of it checked yet; null if it is not of the form. */
export function decodeCard(text) {
  const parts = takeApart(text, cardForm);
  if (parts === null) return null;
  const {view} = parts;
  const card = {
    keyID: view.getUint8(1), cardID: view.getBigInt64(2), memberID: view.getBigInt64(10), issuedOnDay: view.getUint16(18),
    validDays: view.getUint16(20),
  };
  return card.validDays === 0 ? null : {...parts, card};
}

/**
 * The public keys that a code names, by id, out of what the service gives: [{id, key}], Base64url. Throws where this browser cannot check
 * Ed25519 signatures.
 */
export async function importKeys(list) {
  const keys = new Map();
  for (const {id, key} of list) {
    keys.set(id, await crypto.subtle.importKey('raw', base64URLDecode(key), {name: 'Ed25519'}, false, ['verify']));
  }
  return keys;
}

async function isAuthentic(parts, key) { return crypto.subtle.verify({name: 'Ed25519'}, key, parts.signature, parts.signed); }

/** When a day begins in China, which keeps UTC+8 all year. */
function startOfDay(day) { return day * 86400 - 8 * 3600; }

async function verify(parts, thing, keys, nowMicroseconds, starts, ends) {
  const key = keys.get(thing.keyID);
  if (key === undefined) return {verdict: 'unknown_key'};
  if (!(await isAuthentic(parts, key))) return {verdict: 'forged'};
  const now = Math.floor(nowMicroseconds / 1000000);
  if (starts > now + skewSeconds) return {verdict: 'from_future', found: thing};
  return {verdict: now > ends + skewSeconds ? 'expired' : 'valid', found: thing};
}

/** {verdict: valid | expired | from_future | malformed | unknown_key | forged, found: the code, where it is authentic}. */
export async function verifyCode(text, keys, nowMicroseconds) {
  const parts = decodeCode(text);
  if (parts === null) return {verdict: 'malformed'};
  return verify(parts, parts.code, keys, nowMicroseconds, parts.code.issuedAtSeconds, parts.code.expiresAtSeconds);
}

/** The same of a printed card. */
export async function verifyCard(text, keys, nowMicroseconds) {
  const parts = decodeCard(text);
  const card = parts?.card;
  if (card === undefined) return {verdict: 'malformed'};
  return verify(parts, card, keys, nowMicroseconds, startOfDay(card.issuedOnDay), startOfDay(card.issuedOnDay + card.validDays));
}
