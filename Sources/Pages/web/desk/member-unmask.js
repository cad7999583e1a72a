// A member's name, id and phone in full: only on asking, with a reason that is kept, for a minute.

import {h, put, announce} from '../shared/dom.js';
import {post} from '../shared/api.js';
import {t} from '../shared/text.js';
import {facts} from './service-parts.js';
import {askReason} from './people-parts.js';

const SECONDS = 60;

/** The button, and the place where it shows what it was asked for. */
export function unmaskPart(path, signal) {
  const place = h('div', {});
  let timer;
  const button = h('button', {type: 'button', onclick: () => askReason(t('unmask.title'), {
    text: t('unmask.text'), action: t('unmask.do'), maxlength: 200,
    submit: async (reason) => show(await post(`${path}/unmask`, {reason}, {signal})),
  })}, t('unmask.do'));

  function hide() {
    clearInterval(timer);
    put(place, button);
    announce(t('unmask.hidden'));
    button.focus({preventScroll: true});
  }

  function show(person) {
    const until = Date.now() + SECONDS * 1000;
    const rest = h('span', {class: 'number', 'aria-hidden': 'true'});
    const tick = () => {
      const left = Math.ceil((until - Date.now()) / 1000);
      rest.textContent = t('unmask.left', {n: Math.max(0, left)});
      if (left <= 0) hide();
    };
    put(place, h('div', {class: 'banner warn'},
      facts([[t('members.name'), person.name], [t('member.nationalId'), person.nationalId], [t('member.phone'), person.phone]]),
      h('p', {}, rest), h('button', {type: 'button', onclick: hide}, t('unmask.hide'))));
    announce(t('unmask.shown', {n: SECONDS}));
    clearInterval(timer);
    timer = setInterval(tick, 1000);
    tick();
  }

  signal.addEventListener('abort', () => { clearInterval(timer); put(place); }, {once: true});
  return put(place, button);
}
