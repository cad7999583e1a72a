// The form that a page brings along before any script runs: who begins to type at once loses nothing when the page comes to life.

/** Reads what was typed there and where the cursor stands; what it gives puts both into the form that takes its place. */
export function takeTyped() {
  const form = document.querySelector('form.early');
  if (!form) return () => {};
  const typed = [...form.elements].filter((one) => one.name && one.value).map(({name, value}) => [name, value]);
  const focused = form.contains(document.activeElement) ? document.activeElement.name : undefined;
  return (host) => {
    for (const [name, value] of typed) {
      const field = host.querySelector(`[name="${name}"]`);
      if (field && !field.value) field.value = value;
    }
    const field = focused && host.querySelector(`[name="${focused}"]`);
    if (!field) return;
    field.focus();
    field.setSelectionRange?.(field.value.length, field.value.length);
  };
}
