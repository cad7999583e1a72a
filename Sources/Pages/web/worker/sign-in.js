// Signing in: the phone, then the six digits that came by message. A phone that a family shares asks for the end of the national id too.

import {h, put, announce} from '../shared/dom.js';
import {call, requestID} from '../shared/api.js';
import {t} from '../shared/text.js';
import {field, form} from '../shared/form.js';
import {go, place} from '../shared/router.js';
import {act} from '../shared/view.js';
import {forget, kept} from '../shared/store.js';
import {draft, keepDraft} from './draft.js';

export default function signIn({signal}) {
  const host = h('div', {});
  const join = h('a', {class: 'button quiet wide', href: '#/join'}, t('signin.join'));
  kept('application').then((application) => { if (application) put(join, t('signin.application')); });
  let phone = '';
  let lost;

  function askPhone() {
    keepDraft('sign-in');
    put(host, form({
      action: t('signin.send'),
      fields: field('phone', t('signin.phone'), {
        type: 'tel', inputmode: 'tel', autocomplete: 'tel-national', required: true, value: phone, maxlength: 20,
        hint: t('signin.phone.hint'),
      }),
      submit: (values) => send(values.phone),
    }), join);
    host.querySelector('input').focus();
  }

  async function send(number) {
    const answer = await call('POST', '/v1/member-sessions/codes', {json: {phone: number}, key: true});
    phone = number;
    const now = Date.now();
    keepDraft('sign-in', {phone, again: now + answer.nextCodeInSeconds * 1000, until: now + answer.expiresInSeconds * 1000});
    askCode(answer.nextCodeInSeconds);
    announce(t('signin.sent', {phone}));
  }

  function askCode(seconds, needsEnd = false) {
    const again = h('button', {type: 'button', class: 'quiet', onclick: askPhone}, t('signin.other'));
    const wait = h('p', {class: 'small'}, t('signin.again_in', {n: seconds}));
    put(host, h('p', {}, t('signin.sent', {phone})), form({
      action: t('action.sign_in'),
      fields: [
        field('code', t('signin.code'), {
          inputmode: 'numeric', autocomplete: 'one-time-code', required: true, maxlength: 8, pattern: '[0-9 ]{6,8}',
        }),
        needsEnd && field('nationalIdEnd', t('signin.end'), {
          maxlength: 4, required: true, autocomplete: 'off', hint: t('signin.end.hint'),
        }),
      ],
      aside: again,
      submit: async (values) => {
        const code = values.code.replaceAll(' ', '');
        const json = {phone, code, nationalIdEnd: values.nationalIdEnd, deviceName: deviceName(), cookie: true};
        // A code holds once: what had no answer is sent again as the same request.
        if (lost?.code !== code || lost.end !== json.nationalIdEnd) lost = {code, end: json.nationalIdEnd, key: requestID()};
        try {
          await call('POST', '/v1/member-sessions', {json, key: lost.key});
        } catch (error) {
          if (!error.isOffline) lost = undefined;
          if (error.code === 'registry.national_id_end_needed' && !needsEnd) {
            const typed = values.code;
            askCode(0, true);
            host.querySelector('[name=code]').value = typed;
            host.querySelector('[name=nationalIdEnd]').focus();
          }
          throw error;
        }
        // What another person left on this phone is not the next one's.
        keepDraft();
        await forget();
        go(place().query.then || '/', {replace: true});
      },
    }), wait);
    host.querySelector('[name=code]').focus();
    const until = Date.now() + seconds * 1000;
    const timer = setInterval(() => {
      const rest = Math.ceil((until - Date.now()) / 1000);
      if (rest > 0) wait.textContent = t('signin.again_in', {n: rest});
      else {
        clearInterval(timer);
        put(wait, h('button', {type: 'button', class: 'quiet', onclick: (event) => act(event.currentTarget, () => send(phone))},
          t('signin.again')));
      }
    }, 1000);
    signal.addEventListener('abort', () => clearInterval(timer), {once: true});
  }

  // Who went to read the message and came back to a page loaded anew goes on where they were.
  const begun = draft('sign-in');
  if (begun && begun.until > Date.now()) {
    phone = begun.phone;
    askCode(Math.max(0, Math.ceil((begun.again - Date.now()) / 1000)));
  } else askPhone();
  return h('div', {class: 'signin'}, h('h1', {}, t('signin.title')), h('p', {class: 'soft'}, t('signin.text')), host);
}

/** What the list of sessions calls this browser. */
function deviceName() {
  const system = /Android|iPhone|iPad|Windows|Macintosh|Linux/.exec(navigator.userAgent)?.[0] ?? 'Web';
  return /MicroMessenger/.test(navigator.userAgent) ? `${system} · WeChat` : system;
}
