// Dark at any time: it is night at doors. Kept on the tablet; otherwise the system's choice holds.

const stored = 'waystation-device-dark';

/** Whether dark is chosen. */
export function isDark() {
  try { return localStorage.getItem(stored) === 'yes'; } catch { return false; }
}

/** Puts the choice in force. */
export function applyTheme() { document.documentElement.classList.toggle('dark', isDark()); }

/** Keeps the choice and puts it in force. */
export function chooseDark(chosen) {
  try { localStorage.setItem(stored, chosen ? 'yes' : 'no'); } catch { /* Without storage the choice holds for this page only. */ }
  document.documentElement.classList.toggle('dark', chosen);
}
