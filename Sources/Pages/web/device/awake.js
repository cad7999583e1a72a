// The screen stays on as long as the page is shown.

/** Keeps the screen on; again whenever the page comes back. */
export async function stayAwake() {
  const take = async () => {
    try { await navigator.wakeLock?.request('screen'); } catch { /* Low battery: the screen goes off as ever. */ }
  };
  document.addEventListener('visibilitychange', () => { if (document.visibilityState === 'visible') take(); });
  await take();
}
