// The code by which people join an organization: as a picture, as text, on a poster; renewed or switched off.

import {h} from '../shared/dom.js';
import {call, get, post, requestID} from '../shared/api.js';
import {t} from '../shared/text.js';
import {confirm, pane, toast} from '../shared/view.js';
import {at, doing, section} from './service-parts.js';
import {may} from './rights.js';

/** The part of an organization's page. */
export function joinPart(path, signal) {
  let key = requestID();
  const host = pane(async (own) => {
    const code = await get(`${path}/join-code`, {}, {signal: own}).catch((error) => {
      if (error.status === 404) return undefined;
      throw error;
    });
    const make = doing(t(code ? 'join.rotate' : 'join.make'), async () => {
      if (code && (await confirm({title: t('join.rotate'), text: t('join.rotate.text'), action: t('join.rotate'), danger: true})) === null) return;
      await post(`${path}/join-code/rotate`, undefined, {key});
      key = requestID();
      host.reload();
    }, {kind: code ? '' : 'primary'});
    if (!code) return h('div', {}, h('p', {}, t('join.none')), may('organizations.write') && make);
    const picture = URL.createObjectURL(await call('GET', `${path}/join-code`, {accept: 'image/svg+xml', as: 'blob', signal: own}));
    own.addEventListener('abort', () => URL.revokeObjectURL(picture), {once: true});
    return h('div', {},
      h('img', {src: picture, class: 'join-picture', alt: t('join.picture', {code: code.printed})}),
      h('p', {class: 'once number'}, code.printed), h('p', {class: 'soft'}, t('join.since', {at: at(code.createdAt)})),
      h('div', {class: 'actions'},
        h('a', {class: 'button primary', href: `${path}/poster`, target: '_blank', rel: 'noopener'}, t('join.poster')),
        h('a', {class: 'button', href: picture, download: `join-${code.code}.svg`}, t('join.keep')),
        doing(t('action.copy'), async () => { await navigator.clipboard.writeText(code.printed); toast(t('action.copied')); }),
        may('organizations.write') && [make, doing(t('join.disable'), async () => {
          if ((await confirm({title: t('join.disable'), text: t('join.disable.text'), action: t('join.disable'), danger: true})) === null) return;
          await post(`${path}/join-code/disable`);
          host.reload();
        })]));
  }, {signal, lines: 8});
  return section(t('join.title'), h('p', {class: 'soft'}, t('join.text')), host);
}
