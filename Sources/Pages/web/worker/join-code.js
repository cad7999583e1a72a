// An organization's join code, from its poster: how it looks, and a place to scan or type it.

import {h, put} from '../shared/dom.js';
import {t} from '../shared/text.js';
import {field, form} from '../shared/form.js';
import {cameraScanner, listenToScanner} from '../shared/scan.js';

/** The short code in what was scanned or typed: the poster's QR says WSJ1: and the eight characters; undefined for what is none. */
export function joinCode(text) {
  const plain = text.toUpperCase().replace(/[\s-]/g, '').replace(/^.*WSJ1:/, '');
  return /^[2-9A-HJKMNP-TV-Y]{8}$/.test(plain) ? plain : undefined;
}

/** Scan or type: `found(code)` hears the eight characters. */
export function joinCodeEntry(found, signal) {
  const said = h('div', {});
  const take = (text) => {
    const code = joinCode(text);
    put(said, !code && h('p', {class: 'banner bad', role: 'alert'}, t('join.no_code')));
    return code && found(code);
  };
  listenToScanner(take, signal);
  return h('div', {class: 'stack'}, cameraScanner(take, {signal}), said, form({
    action: t('join.next'),
    fields: field('code', t('join.code'), {
      required: true, maxlength: 40, autocomplete: 'off', autocapitalize: 'characters', spellcheck: 'false', hint: t('join.code.hint'),
    }),
    submit: async (values) => { await take(values.code); },
  }));
}
