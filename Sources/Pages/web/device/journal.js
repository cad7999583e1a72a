// What the device has asked or decided and the service has not acknowledged yet: entries on the disk, in their order, until it has; and
// beside them what the device knows. It has a database of its own: a worker who signs in on this tablet clears the one of the pages.

let opened;
let entries = [];
const listeners = new Set();

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function finished(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
    transaction.onerror = () => reject(transaction.error);
  });
}

async function base() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open('waystation-device', 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore('entries', {keyPath: 'number', autoIncrement: true});
      request.result.createObjectStore('values');
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opened;
}

/** One transaction that is on the disk when this ends; `work(entries, values)` makes its requests at once. */
async function write(work) {
  const transaction = (await base()).transaction(['entries', 'values'], 'readwrite', {durability: 'strict'});
  const ended = finished(transaction);
  const result = work(transaction.objectStore('entries'), transaction.objectStore('values'));
  await ended;
  return result;
}

function changed() { for (const listener of listeners) listener(entries.length); }

/** Reads what is kept; to be called once, before anything else here. */
export async function openJournal() {
  entries = await done((await base()).transaction('entries').objectStore('entries').getAll());
  // Asked for once: what is kept is not thrown away when the tablet's disk runs full.
  navigator.storage?.persist?.().catch(() => undefined);
  changed();
}

/** How many entries wait to be acknowledged; `listener(count)` hears each change. */
export function waitingCount() { return entries.length; }

/** Calls `listener(count)` now and with every change, until `signal` ends. */
export function watchJournal(listener, signal) {
  listeners.add(listener);
  signal?.addEventListener('abort', () => listeners.delete(listener), {once: true});
  listener(entries.length);
}

/** The entries of a kind, or of all, in their order. */
export function waiting(kind) { return kind ? entries.filter((entry) => entry.kind === kind) : [...entries]; }

/** Puts an entry on the disk; gives it with its number. */
export async function add(entry) {
  let request;
  await write((store) => { request = store.add(entry); });
  const kept = {...entry, number: request.result};
  entries.push(kept);
  changed();
  return kept;
}

/** Changes an entry, and keeps values beside it in the same transaction. */
export async function change(entry, changes, values = {}) {
  const kept = {...entry, ...changes};
  await write((store, valueStore) => {
    store.put(kept);
    for (const [name, value] of Object.entries(values)) valueStore.put(value, name);
  });
  entries = entries.map((one) => (one.number === kept.number ? kept : one));
  changed();
  return kept;
}

/** The service has them: they are forgotten, and values are kept in the same transaction. */
export async function acknowledge(gone, values = {}) {
  const numbers = new Set(gone.map((entry) => entry.number));
  await write((store, valueStore) => {
    for (const number of numbers) store.delete(number);
    for (const [name, value] of Object.entries(values)) valueStore.put(value, name);
  });
  entries = entries.filter((entry) => !numbers.has(entry.number));
  changed();
}

/** Keeps a value under a name. */
export async function keepValue(name, value) { await write((store, values) => { values.put(value, name); }); }

/** The value under a name, or undefined. */
export async function keptValue(name) { return done((await base()).transaction('values').objectStore('values').get(name)); }

/** Forgets everything: the device is somebody else's from here on. */
export async function forgetEverything() {
  await write((store, values) => {
    store.clear();
    values.clear();
  });
  entries = [];
  changed();
}
