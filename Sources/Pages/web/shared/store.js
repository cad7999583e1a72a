// What a page keeps on the machine: small values by name in IndexedDB. Where that is forbidden (a private window), full or does not answer,
// they hold while the page is open.

const memory = new Map();
/** Some phones never answer: nobody waits longer than this for what was kept. */
const longest = 2000;
let opened;

function open() {
  opened ??= new Promise((resolve) => {
    const request = indexedDB.open('waystation', 1);
    request.onupgradeneeded = () => request.result.createObjectStore('values');
    request.onsuccess = () => {
      // A phone that slept may have closed it: the next one who asks opens it again.
      request.result.onclose = () => { opened = undefined; };
      resolve(request.result);
    };
    request.onerror = () => resolve(null);
    setTimeout(() => resolve(null), longest);
  }).catch(() => null);
  return opened;
}

/** Gives what `work` asks of the values on the disk; undefined where they cannot be reached. */
async function onDisk(mode, work) {
  try {
    const base = await open();
    return base ? await done(work(base.transaction('values', mode).objectStore('values'))) : undefined;
  } catch { return undefined; }
}

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Keeps a value under a name; it is on the disk when this ends, where there is one. */
export async function keep(name, value) {
  const isKept = await onDisk('readwrite', (values) => values.put(value, name));
  if (isKept === undefined) memory.set(name, value); else memory.delete(name);
}

/** The value kept under a name, or undefined. */
export async function kept(name) {
  return memory.has(name) ? memory.get(name) : onDisk('readonly', (values) => values.get(name));
}

/** Forgets one, or everything. */
export async function forget(name) {
  if (name) memory.delete(name); else memory.clear();
  await onDisk('readwrite', (values) => (name ? values.delete(name) : values.clear()));
}
