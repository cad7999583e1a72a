// The worker's page: what stands around every view, who is signed in, and the way to each view.

import {h, s, put} from '../shared/dom.js';
import {servePage, hasSession, sessionMark} from '../shared/api.js';
import {chooseLanguage, currentLanguage, prepareTexts, t} from '../shared/text.js';
import {onSignedOut} from '../shared/view.js';
import {go, place, startRouter} from '../shared/router.js';
import {registerWorker} from '../shared/installed.js';
import {takeTyped} from '../shared/typed.js';
import {forget} from '../shared/store.js';

const ways = [
  ['/', 'ways.code', 'M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2v2h-2zM18 18h2v2h-2zM18 14h2M14 18v2'],
  ['/stations', 'ways.stations', 'M12 21s-7-6.2-7-11.5A7 7 0 0 1 19 9.5C19 14.8 12 21 12 21zM12 12a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z'],
  ['/benefits', 'ways.benefits', 'M3 9h18v4H3zM5 13v8h14v-8M12 9v12M12 9C9 9 7 8 7 6s4-2 5 3c1-5 5-5 5-3s-2 3-5 3z'],
  ['/school', 'ways.school', 'M2 9l10-5 10 5-10 5zM6 11.5V17c3 2.5 9 2.5 12 0v-5.5M22 9v6'],
  ['/me', 'ways.me', 'M12 12a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM3.5 21c1-4.500 5-6 8.500-6s7.500 1.500 8.500 6'],
];

const routes = [
  ['/', () => import('./code.js'), 'code.title'],
  ['/sign-in', () => import('./sign-in.js'), 'signin.title', {isFirst: true}],
  ['/join', () => import('./join.js'), 'join.title'],
  ['/join/:code', () => import('./join.js'), 'join.title'],
  ['/stations', () => import('./stations.js'), 'stations.title'],
  ['/stations/:id', () => import('./station.js'), 'station.title'],
  ['/open', () => import('./open.js'), 'open.title'],
  ['/benefits', () => import('./benefits.js'), 'benefits.title'],
  ['/programs/:id', () => import('./program.js'), 'program.title'],
  ['/rounds/:id', () => import('./round.js'), 'round.title'],
  ['/coupons/:id', () => import('./coupon.js'), 'coupon.title'],
  ['/policies/:id', () => import('./policy.js'), 'policy.title'],
  ['/batches/:id', () => import('./batch.js'), 'batch.title'],
  ['/school', () => import('./school.js'), 'school.title'],
  ['/school/classes/:id', () => import('./class.js'), 'class.title'],
  ['/school/mine', () => import('./lessons.js'), 'lessons.title'],
  ['/school/enrolments/:id', () => import('./enrolment.js'), 'enrolment.title'],
  ['/me', () => import('./me.js'), 'me.title'],
  ['/me/visits', () => import('./visits.js'), 'visits.title'],
  ['/me/messages', () => import('./messages.js'), 'messages.title'],
  ['/me/organization', () => import('./organization.js'), 'organization.title'],
  ['/me/cards', () => import('./cards.js'), 'cards.title'],
  ['/me/cards/:id/print', () => import('./card-print.js'), 'cards.print'],
  ['/me/sessions', () => import('./sessions.js'), 'sessions.title'],
  ['/me/data', () => import('./data.js'), 'data.title'],
];

/** Views that need nobody signed in. */
const open = ['/sign-in', '/join', '/stations'];

function toSignIn() {
  const {path} = place();
  const way = location.hash.slice(1) || '/';
  if (!open.some((one) => path.startsWith(one))) go(`/sign-in?then=${encodeURIComponent(way)}`, {replace: true});
}

/** A session that is over leaves no codes on the phone. */
function endSession() {
  forget('codes');
  toSignIn();
}

/** Another tab may sign out, or somebody else in, while this one is behind: what it shows would be another's. */
function watchSession() {
  let before = sessionMark();
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') before = sessionMark();
    else if (sessionMark() !== before) location.reload();
  });
}

function mark(path) {
  const own = ways.map(([way]) => way).filter((way) => way !== '/' && path.startsWith(way));
  const benefits = ['/programs', '/rounds', '/coupons', '/policies', '/batches'];
  const belongs = {'/open': '/stations', ...Object.fromEntries(benefits.map((one) => [one, '/benefits']))};
  const here = own[0] ?? belongs[`/${path.split('/')[1]}`] ?? (path === '/' ? '/' : undefined);
  for (const link of document.querySelectorAll('nav.ways a')) {
    if (link.dataset.way === here) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  if (!hasSession()) toSignIn();
}

async function begin() {
  servePage('worker');
  await prepareTexts(
    [(language) => import(`../shared/text-${language}.js`), (language) => import(`./text-first-${language}.js`)],
    [(language) => import(`./text-${language}.js`), (language) => import(`./text-benefits-${language}.js`)]);
  const main = h('main', {id: 'main', tabindex: '-1'});
  const other = currentLanguage() === 'zh' ? 'en' : 'zh';
  const giveTyped = takeTyped();
  // What the page brought stands until the view that takes its place is at hand.
  if (!hasSession()) await import('./sign-in.js');
  put(document.getElementById('app'),
    h('button', {class: 'skip', type: 'button', onclick: () => main.focus()}, t('action.skip')),
    h('header', {class: 'top noprint'},
      h('a', {class: 'name', href: '#/'}, t('name')),
      h('button', {type: 'button', class: 'quiet', lang: other, onclick: () => chooseLanguage(other)}, t('action.language'))),
    main,
    h('nav', {class: 'ways', 'aria-label': t('ways.label')}, ways.map(([way, key, path]) =>
      h('a', {href: `#${way}`, 'data-way': way}, s('svg', {viewBox: '0 0 24 24', 'aria-hidden': 'true'}, s('path', {d: path})), t(key)))));
  onSignedOut(endSession);
  watchSession();
  if (!hasSession()) toSignIn();
  await startRouter(routes, main, mark);
  giveTyped(main);
  registerWorker();
}

begin();
