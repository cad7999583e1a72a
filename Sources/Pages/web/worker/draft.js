// What was typed and not sent yet, for this tab alone: an old phone throws a page away while its owner looks something up elsewhere.

const name = (of) => `waystation-draft-${of}`;

/** What is kept of a form; undefined when nothing is. */
export function draft(of) {
  try { return JSON.parse(sessionStorage.getItem(name(of))) ?? undefined; } catch { return undefined; }
}

/** Keeps `value` of a form, forgets it where none is given; forgets those of all forms where no form is named. */
export function keepDraft(of, value) {
  try {
    if (!of) for (const key of Object.keys(sessionStorage).filter((one) => one.startsWith(name('')))) sessionStorage.removeItem(key);
    else if (value === undefined) sessionStorage.removeItem(name(of));
    else sessionStorage.setItem(name(of), JSON.stringify(value));
  } catch { /* Without storage a page that is loaded anew begins anew. */ }
}
