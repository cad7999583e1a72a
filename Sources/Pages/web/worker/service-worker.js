// Keeps the files of the worker's and the device's page, so that both open without network. What the service answers is never kept here:
// views keep what they may show without network themselves.

const version = '{{version}}';
const base = `/web/${version}/`;
const files = [{{files:shared,worker,device}}];
const pages = ['/', '/device'];

self.addEventListener('install', (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(`waystation-${version}`);
    await cache.addAll([...pages, ...files.filter((file) => !file.endsWith('service-worker.js')).map((file) => base + file)]);
    await self.skipWaiting();
  })());
});

self.addEventListener('activate', (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name !== `waystation-${version}`) await caches.delete(name);
    await self.clients.claim();
  })());
});

self.addEventListener('fetch', (event) => {
  const {pathname, origin} = new URL(event.request.url);
  if (event.request.method !== 'GET' || origin !== location.origin) return;
  if (pathname.startsWith(base)) event.respondWith(fromCache(event.request));
  else if (event.request.mode === 'navigate' && pages.includes(pathname)) event.respondWith(page(event.request, pathname));
});

async function fromCache(request) {
  return (await caches.match(request)) ?? fetch(request);
}

/** The page of the network if it comes soon, else the one kept: a station's cellar must not keep anybody waiting. */
async function page(request, pathname) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), 3000);
  try {
    const answer = await fetch(request, {signal: stop.signal});
    if (answer.ok) return answer;
  } catch { /* What is kept is shown instead. */ } finally {
    clearTimeout(timer);
  }
  return (await caches.match(pathname)) ?? Response.error();
}
