// The installed page: a service worker keeps its files, so that it opens without network.

/** Registers the service worker, where there may be one (https, or this machine). */
export function registerWorker() {
  if (!('serviceWorker' in navigator)) return;
  const address = '/service-worker.js';
  const policy = globalThis.trustedTypes?.createPolicy('waystation', {createScriptURL: (text) => (text === address ? text : '')});
  navigator.serviceWorker.register(policy ? policy.createScriptURL(address) : address).catch(() => { /* It works without, with network. */ });
}
