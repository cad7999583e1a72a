// What a page keeps on the machine: small values by name in IndexedDB. Without it (a private window) they hold while the page is open.

const memory = new Map();
let opened;

function open() {
  opened ??= new Promise((resolve) => {
    const request = indexedDB.open('waystation', 1);
    request.onupgradeneeded = () => request.result.createObjectStore('values');
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => resolve(null);
  }).catch(() => null);
  return opened;
}

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Keeps a value under a name; it is on the disk when this ends. */
export async function keep(name, value) {
  memory.set(name, value);
  const base = await open();
  if (base) await done(base.transaction('values', 'readwrite').objectStore('values').put(value, name));
}

/** The value kept under a name, or undefined. */
export async function kept(name) {
  const base = await open();
  return base ? done(base.transaction('values').objectStore('values').get(name)) : memory.get(name);
}

/** Forgets one, or everything. */
export async function forget(name) {
  if (name) memory.delete(name); else memory.clear();
  const base = await open();
  if (!base) return;
  const values = base.transaction('values', 'readwrite').objectStore('values');
  await done(name ? values.delete(name) : values.clear());
}
