// The other way in: the tablet shows the door's own code, new every 15 seconds, and a member's phone asks with it. With network only.

import {h, put} from '../shared/dom.js';
import {call} from '../shared/api.js';
import {t} from '../shared/text.js';

const newEvery = 12000;

/** The picture of the code of access point `id`; nothing while it cannot be had. */
export function doorCode(id, signal) {
  const host = h('div', {class: 'door-code'});
  let address;

  async function renew() {
    if (document.hidden) return;
    let next;
    try {
      const picture = await call('GET', `/v1/access-points/${id}/door-code`, {accept: 'image/svg+xml', as: 'blob', signal});
      next = URL.createObjectURL(picture);
      put(host, h('img', {src: next, alt: t('door.code'), width: 210, height: 296}));
    } catch {
      put(host);
    }
    if (address) URL.revokeObjectURL(address);
    address = next;
  }

  const timer = setInterval(renew, newEvery);
  document.addEventListener('visibilitychange', renew, {signal});
  signal.addEventListener('abort', () => {
    clearInterval(timer);
    if (address) URL.revokeObjectURL(address);
  }, {once: true});
  renew();
  return host;
}
