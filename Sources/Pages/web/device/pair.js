// Pairing: an organizer makes a code at the desk; it is scanned or typed here once. The key stays in a cookie that scripts cannot read.

import {h} from '../shared/dom.js';
import {call, requestID} from '../shared/api.js';
import {t} from '../shared/text.js';
import {field, form, input} from '../shared/form.js';
import {showRefusal} from '../shared/view.js';
import {cameraScanner, hasCamera, listenToScanner} from '../shared/scan.js';
import {forgetEverything} from './journal.js';
import {beginAnew} from './own-device.js';

const prefix = 'WSP:';

export default function pair({signal}) {
  // One key a code: a repeat after a lost answer gets the same answer.
  const keys = new Map();

  async function trade(text) {
    const code = text.trim().replace(prefix, '').trim().toUpperCase();
    if (!keys.has(code)) keys.set(code, requestID());
    await call('POST', '/v1/devices', {json: {pairingCode: code, cookie: true}, key: keys.get(code)});
    await forgetEverything();
    beginAnew('/');
  }

  const typed = form({
    action: t('pair.action'),
    fields: field('pairingCode', t('pair.code'), {
      required: true, maxlength: 40, autocomplete: 'off', autocapitalize: 'characters', spellcheck: 'false', hint: t('pair.hint'),
    }),
    submit: (values) => trade(values.pairingCode),
  });
  async function found(text) {
    input(typed, 'pairingCode').value = text.replace(prefix, '');
    await trade(text).catch(showRefusal);
  }
  listenToScanner(found, signal);
  return h('div', {class: 'narrow pairing'}, h('h1', {}, t('pair.title')), h('p', {}, t('pair.text')),
    typed, hasCamera() && cameraScanner(found, {signal}));
}
