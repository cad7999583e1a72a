// Lists that are drawn anew while somebody works in them.

import {put} from '../shared/dom.js';

/** Puts `children` in place of what an element holds; what had the focus has it still, by its data-key. */
export function redraw(element, ...children) {
  const before = element.contains(document.activeElement) ? document.activeElement.dataset.key ?? '' : undefined;
  put(element, ...children);
  if (before === undefined) return;
  const same = [...element.querySelectorAll('[data-key]')].find((one) => one.dataset.key === before);
  if (!same) element.tabIndex = -1;
  (same ?? element).focus({preventScroll: true});
}
