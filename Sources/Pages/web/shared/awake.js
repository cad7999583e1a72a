// The screen stays on where somebody else looks at it: a code is shown to a reader, a tablet waits for the next person.

/** Keeps the screen on until `signal` ends, or as long as the page is open; again whenever the page comes back. */
export async function stayAwake(signal) {
  let lock;
  const take = async () => {
    try { lock = await navigator.wakeLock?.request('screen'); } catch { /* Low battery: the screen goes off as ever. */ }
  };
  document.addEventListener('visibilitychange', () => { if (document.visibilityState === 'visible') take(); }, {signal});
  signal?.addEventListener('abort', () => lock?.release().catch(() => undefined), {once: true});
  await take();
}
