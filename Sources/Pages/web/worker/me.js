// Me: who is signed in, masked as others see it, and the ways to everything that is one's own.

import {h, put} from '../shared/dom.js';
import {call, get} from '../shared/api.js';
import {chooseLanguage, count, currentLanguage, t} from '../shared/text.js';
import {act, confirm, pane} from '../shared/view.js';
import {forget} from '../shared/store.js';
import {keepDraft} from './draft.js';
import {go} from '../shared/router.js';

const entries = ['messages', 'visits', 'cards', 'organization', 'sessions', 'data'];

export default function me({signal}) {
  const badge = h('span', {class: 'grow'});
  const other = currentLanguage() === 'zh' ? 'en' : 'zh';
  const person = pane(async (inner) => {
    const {member, organizationName} = await get('/v1/me', {}, {signal: inner});
    return h('section', {class: 'card'},
      h('p', {class: 'spread'}, h('strong', {class: 'person'}, member.name ?? t('me.forgotten')),
        h('span', {class: `tag ${member.status === 'active' ? 'good' : 'warn'}`}, t(`me.status.${member.status}`))),
      h('p', {}, organizationName),
      h('p', {class: 'small number'}, [member.phone, member.nationalId].filter(Boolean).join(' · ')),
      h('p', {class: 'small'}, t('me.number', {number: String(member.id)}), ' · ', t(`kind.${member.workerKind}`)));
  }, {lines: 4, signal});
  tellUnread(badge, signal);

  async function signOut(event) {
    const button = event.currentTarget;
    if (await confirm({title: t('me.sign_out'), text: t('me.sign_out.text'), action: t('action.sign_out')}) === null) return;
    await act(button, async () => {
      await call('POST', '/v1/sign-out');
      keepDraft();
      await forget();
      go('/sign-in', {replace: true});
    });
  }

  return h('div', {}, h('h1', {}, t('me.title')), person,
    h('ul', {class: 'plain entries'}, entries.map((name) => h('li', {}, h('a', {href: `#/me/${name}`}, h('span', {}, t(`${name}.title`)),
      name === 'messages' ? badge : h('span', {class: 'grow'}), h('span', {'aria-hidden': 'true'}, '›'))))),
    h('div', {class: 'stack'},
      h('button', {type: 'button', class: 'wide', lang: other, onclick: () => chooseLanguage(other)}, t('action.language')),
      h('button', {type: 'button', class: 'wide danger large', onclick: signOut}, t('action.sign_out'))));
}

/** How many messages were not read, beside their entry; nothing where that cannot be learned. */
async function tellUnread(badge, signal) {
  try {
    const {unread} = await get('/v1/me/messages', {limit: 1}, {signal});
    if (unread) put(badge, h('span', {class: 'tag bad'}, count(unread), h('span', {class: 'unseen'}, ' ', t('me.unread'))));
  } catch { /* The messages' own page says what is the matter. */ }
}
