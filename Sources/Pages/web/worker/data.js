// My data: what is known of me, what it may be used for, everything as a file, and being forgotten.

import {h} from '../shared/dom.js';
import {download, post} from '../shared/api.js';
import {t} from '../shared/text.js';
import {act, confirm} from '../shared/view.js';
import {forget} from '../shared/store.js';
import {keepDraft} from './draft.js';
import {go} from '../shared/router.js';
import {attributes} from './attributes.js';
import {consents} from './consents.js';
import {backToMe} from './back.js';

export default function data({signal}) {
  async function save(event) {
    const today = new Date().toISOString().slice(0, 10);
    await act(event.currentTarget, () => download('/v1/me/data', `waystation-${today}.json`, {signal}));
  }

  async function erase(event) {
    const button = event.currentTarget;
    const word = t('data.erase.word');
    const typed = await confirm({title: t('data.erase'), text: t('data.erase.sure'), action: t('data.erase'), danger: true, word});
    if (typed === null) return;
    await act(button, async () => {
      await post('/v1/me/erasure', {confirm: 'erase'});
      keepDraft();
      await forget();
      go('/sign-in', {replace: true});
    }, {done: t('data.erased')});
  }

  return h('div', {}, backToMe(), h('h1', {}, t('data.title')),
    h('section', {class: 'card'}, h('h2', {}, t('attributes.title')), h('p', {class: 'small'}, t('attributes.text')), attributes(signal)),
    h('section', {class: 'card'}, h('h2', {}, t('consents.title')), h('p', {class: 'small'}, t('consents.text')), consents(signal)),
    h('section', {class: 'card'}, h('h2', {}, t('data.export')), h('p', {}, t('data.export.text')),
      h('button', {type: 'button', onclick: save}, t('data.export.action'))),
    h('section', {class: 'card'}, h('h2', {}, t('data.erase')), h('p', {}, t('data.erase.text')),
      h('button', {type: 'button', class: 'danger', onclick: erase}, t('data.erase'))));
}
