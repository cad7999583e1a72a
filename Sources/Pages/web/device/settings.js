// What may be set at the tablet itself, and the way out of its pairing.

import {h, put} from '../shared/dom.js';
import {hasSession, post} from '../shared/api.js';
import {chooseLanguage, currentLanguage, named, t} from '../shared/text.js';
import {confirm, showRefusal} from '../shared/view.js';
import {forgetEverything, keptValue, waitingCount} from './journal.js';
import {beginAnew} from './own-device.js';
import {chooseDark, isDark} from './theme.js';
import {isMuted, mute, sound} from './sound.js';

const holdFor = 1500;

export default async function settings() {
  const device = await keptValue('device');
  const place = await keptValue('place');
  const other = currentLanguage() === 'zh' ? 'en' : 'zh';
  return h('div', {class: 'narrow stack'}, h('h1', {}, t('settings.title')),
    device && h('dl', {class: 'facts'},
      h('dt', {}, t('settings.device')),
      h('dd', {}, [device.name, t(`profile.${device.profile}`), t('settings.number', {number: String(device.id)})].join(' · ')),
      place && [h('dt', {}, t('settings.place')),
        h('dd', {}, [place.name, place.title ?? named(place.stationZh, place.stationEn)].filter(Boolean).join(' · '))]),
    place && h('a', {class: 'button wide', href: '#/place'}, t('settings.move')),
    toggle('settings.sound', !isMuted(), (isOn) => {
      mute(!isOn);
      if (isOn) sound('good');
    }),
    toggle('settings.dark', isDark(), chooseDark),
    h('button', {type: 'button', class: 'wide', lang: other, onclick: () => chooseLanguage(other)}, t('action.language')),
    hasSession() && [h('p', {class: 'hint', id: 'unpair-hint'}, t('settings.unpair.hint')), unpairButton()]);
}

function toggle(key, isOn, choose) {
  const state = h('span', {}, t(isOn ? 'settings.on' : 'settings.off'));
  const button = h('button', {type: 'button', class: 'wide spread', role: 'switch', 'aria-checked': String(isOn), onclick: () => {
    const next = button.getAttribute('aria-checked') !== 'true';
    button.setAttribute('aria-checked', String(next));
    put(state, t(next ? 'settings.on' : 'settings.off'));
    choose(next);
  }}, h('span', {}, t(key)), state);
  return button;
}

/** Held for a while by hand; a keyboard or a screen reader presses it once. A word is typed after either. */
function unpairButton() {
  let timer;
  const release = () => {
    clearTimeout(timer);
    button.classList.remove('held');
  };
  const button = h('button', {
    type: 'button', class: 'danger wide', 'aria-describedby': 'unpair-hint',
    onpointerdown: () => {
      button.classList.add('held');
      timer = setTimeout(() => {
        release();
        unpair();
      }, holdFor);
    },
    onpointerup: release, onpointerleave: release, onpointercancel: release,
    oncontextmenu: (event) => event.preventDefault(),
    onclick: (event) => { if (event.detail === 0) unpair(); },
  }, t('settings.unpair'));
  return button;
}

async function unpair() {
  const count = waitingCount();
  const answer = await confirm({
    title: t('settings.unpair'), text: count > 0 ? t('settings.unpair.waiting', {n: count}) : t('settings.unpair.text'),
    action: t('settings.unpair'), danger: true, word: t('settings.unpair.word'),
  });
  if (answer === null) return;
  try {
    await post('/v1/sign-out');
  } catch (error) {
    // A key that was ended signs out by pairing anew.
    if (error.status !== 401) {
      showRefusal(error);
      return;
    }
  }
  await forgetEverything();
  beginAnew('/pair');
}
