// Keeps the files of the worker's and the device's page, so that both open at once, with network or without: a station's cellar must not
// keep anybody waiting. Whenever a page is opened the browser asks for this file; a new version of it brings new files, for the next time.
// What the service answers is never kept here: views keep what they may show without network themselves.

const version = '{{version}}';
const base = `/web/${version}/`;
const files = [{{files:shared,worker,device}}];
/** The pages that open without network, by what they are named in their calls: who asks by that gets a frame without the form to sign in. */
const pages = {'/': 'worker', '/device': 'device'};

self.addEventListener('install', (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(`waystation-${version}`);
    const frames = Object.entries(pages).map(([path, page]) => new Request(path, {headers: {'X-Waystation-Page': page}}));
    await cache.addAll([...frames, ...files.filter((file) => !file.endsWith('service-worker.js')).map((file) => base + file)]);
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
  else if (event.request.mode === 'navigate' && pages[pathname]) event.respondWith(fromCache(event.request));
});

async function fromCache(request) {
  return (await caches.match(request, {ignoreSearch: true, ignoreVary: true})) ?? fetch(request);
}
