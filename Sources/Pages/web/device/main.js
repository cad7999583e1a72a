// The device's page: a tablet as a reader at a door, a van, a counter or a classroom. What stands around every view, and the way to each.

import {h, put} from '../shared/dom.js';
import {hasSession, servePage} from '../shared/api.js';
import {prepareTexts, t} from '../shared/text.js';
import {onSignedOut} from '../shared/view.js';
import {go, place, startRouter} from '../shared/router.js';
import {registerWorker} from '../shared/installed.js';
import {badge} from './badge.js';
import {openJournal} from './journal.js';
import {openClock} from './true-time.js';
import {applyTheme} from './theme.js';
import {prepareSound} from './sound.js';
import {stayAwake} from '../shared/awake.js';
import {takeTyped} from '../shared/typed.js';

const routes = [
  ['/', () => import('./work.js'), 'work.title'],
  ['/pair', () => import('./pair.js'), 'pair.title'],
  ['/place', () => import('./place.js'), 'place.title'],
  ['/settings', () => import('./settings.js'), 'settings.title'],
];

function toPairing() {
  if (!['/pair', '/settings'].includes(place().path)) go('/pair', {replace: true});
}

function mark(path) {
  document.querySelector('.top .settings').hidden = !['/', '/pair'].includes(path);
  const back = document.querySelector('.top .back');
  back.hidden = ['/', '/pair'].includes(path);
  back.href = hasSession() ? '#/' : '#/pair';
  if (!hasSession()) toPairing();
}

async function begin() {
  servePage('device');
  applyTheme();
  await prepareTexts([(language) => import(`../shared/text-${language}.js`), (language) => import(`./text-${language}.js`)]);
  const main = h('main', {id: 'main', tabindex: '-1'});
  const giveTyped = takeTyped();
  // What the page brought stands until the view that takes its place is at hand.
  if (!hasSession()) await Promise.all([import('./pair.js'), openJournal()]).catch(() => { /* Told below. */ });
  put(document.getElementById('app'),
    h('button', {class: 'skip', type: 'button', onclick: () => main.focus()}, t('action.skip')),
    h('header', {class: 'top'},
      h('a', {class: 'button quiet back', href: '#/', hidden: true}, t('action.back')), badge(),
      h('a', {class: 'button quiet settings', href: '#/settings'}, t('settings.title'))),
    main);
  onSignedOut(toPairing);
  try {
    await openJournal();
    await openClock();
  } catch {
    put(main, h('div', {class: 'state failed', role: 'alert'}, h('h1', {}, t('work.no_disk')), h('p', {}, t('work.no_disk.way'))));
    return;
  }
  prepareSound();
  stayAwake();
  if (!hasSession()) toPairing();
  await startRouter(routes, main, mark);
  giveTyped(main);
  registerWorker();
}

begin();
