// An organizer signs in by name and password, or accepts an invitation with a password of their own.

import {h, put} from '../shared/dom.js';
import {call} from '../shared/api.js';
import {t} from '../shared/text.js';
import {field, form} from '../shared/form.js';
import {go, place} from '../shared/router.js';
import {drawSide} from './main.js';

export default function signIn() {
  const host = h('div', {});
  const arrive = async () => {
    await drawSide();
    go(place().query.then || '/', {replace: true});
  };
  const other = (key, show) => h('button', {type: 'button', class: 'quiet', onclick: show}, t(key));

  function askPassword() {
    put(host, form({
      action: t('action.sign_in'), aside: other('signin.invited', askInvitation),
      fields: [
        field('name', t('signin.name'), {required: true, autocomplete: 'username', maxlength: 100}),
        field('password', t('signin.password'), {type: 'password', required: true, autocomplete: 'current-password', maxlength: 512}),
      ],
      submit: async (values) => {
        await call('POST', '/v1/account-sessions', {json: {...values, deviceName: navigator.platform || 'Web', cookie: true}});
        await arrive();
      },
    }));
    host.querySelector('input').focus();
  }

  function askInvitation() {
    put(host, form({
      action: t('signin.accept'), aside: other('signin.known', askPassword),
      fields: [
        field('invitationCode', t('signin.invitation'), {required: true, autocomplete: 'off', maxlength: 40}),
        field('password', t('signin.new_password'), {
          type: 'password', required: true, autocomplete: 'new-password', minlength: 8, maxlength: 512, hint: t('signin.password.hint'),
        }),
      ],
      submit: async (values) => {
        await call('POST', '/v1/account-passwords', {json: {...values, deviceName: navigator.platform || 'Web', cookie: true}, key: true});
        await arrive();
      },
    }));
    host.querySelector('input').focus();
  }

  askPassword();
  return h('div', {class: 'signin card'}, h('h1', {}, t('signin.title')), host);
}
