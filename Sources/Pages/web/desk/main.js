// The organizer's page: what stands around every view, who is signed in, and the way to each view.

import {h, put} from '../shared/dom.js';
import {call, get, hasSession, servePage} from '../shared/api.js';
import {allTexts, chooseLanguage, currentLanguage, prepareTexts, t} from '../shared/text.js';
import {onSignedOut, showRefusal} from '../shared/view.js';
import {go, place, startRouter} from '../shared/router.js';
import {takeTyped} from '../shared/typed.js';
import {permit, may} from './rights.js';

/** The ways, by heading; each with the permission that it needs. */
const ways = [
  [null, [['/', 'home.title'], ['/board', 'board.title', 'stations.read']]],
  ['ways.people', [
    ['/members', 'members.title', 'members.read'], ['/applications', 'applications.title', 'members.read'],
    ['/transfers', 'transfers.title', 'members.read'], ['/duplicates', 'duplicates.title', 'member_details.read'],
    ['/imports', 'imports.title', 'members.import'], ['/organizations', 'organizations.title', 'organizations.read'],
  ]],
  ['ways.services', [
    ['/stations', 'stations.title', 'stations.read'], ['/visitors', 'visitors.title', 'stations.read'],
    ['/alarms', 'alarms.title', 'stations.read'], ['/programs', 'programs.title', 'programs.read'],
    ['/checkups', 'checkups.title', 'checkups.read'],
    ['/coupons', 'coupons.title', 'coupons.read'], ['/insurance', 'insurance.title', 'insurance.read'],
    ['/schools', 'schools.title', 'schools.read'],
  ]],
  ['ways.house', [
    ['/devices', 'devices.title', 'devices.read'], ['/accounts', 'accounts.title', 'accounts.read'], ['/jobs', 'jobs.title', 'jobs.read'],
    ['/audit', 'audit.title', 'audit.read'],
  ]],
];

const routes = [
  ['/', () => import('./home.js'), 'home.title'],
  ['/sign-in', () => import('./sign-in.js'), 'signin.title', {isFirst: true}],
  ['/board', () => import('./board.js'), 'board.title'],
  ['/members', () => import('./members.js'), 'members.title'],
  ['/members/:id', () => import('./member.js'), 'member.title'],
  ['/applications', () => import('./applications.js'), 'applications.title'],
  ['/transfers', () => import('./transfers.js'), 'transfers.title'],
  ['/duplicates', () => import('./duplicates.js'), 'duplicates.title'],
  ['/imports', () => import('./imports.js'), 'imports.title'],
  ['/organizations', () => import('./organizations.js'), 'organizations.title'],
  ['/organizations/:id', () => import('./organization.js'), 'organization.title'],
  ['/stations', () => import('./stations.js'), 'stations.title'],
  ['/stations/:id', () => import('./station.js'), 'station.title'],
  ['/stations/:id/scans', () => import('./station-scans.js'), 'station.scans'],
  ['/doors/:id', () => import('./door.js'), 'door.title'],
  ['/visitors', () => import('./visitors.js'), 'visitors.title'],
  ['/alarms', () => import('./alarms.js'), 'alarms.title'],
  ['/programs', () => import('./programs.js'), 'programs.title'],
  ['/programs/new', () => import('./program-editor.js'), 'program.new'],
  ['/programs/:id', () => import('./program.js'), 'program.title'],
  ['/programs/:id/edit', () => import('./program-editor.js'), 'program.edit'],
  ['/programs/:id/what-if', () => import('./what-if.js'), 'whatif.title'],
  ['/programs/:id/runs/:number', () => import('./run.js'), 'run.title'],
  ['/programs/:id/people', () => import('./program-people.js'), 'people.title'],
  ['/checkups', () => import('./checkups.js'), 'checkups.title'],
  ['/checkups/:id', () => import('./checkup.js'), 'checkup.title'],
  ['/coupons', () => import('./coupons.js'), 'coupons.title'],
  ['/coupons/:id', () => import('./campaign.js'), 'campaign.title'],
  ['/venues', () => import('./venues.js'), 'venue.list'],
  ['/venues/:id', () => import('./venue.js'), 'venue.name'],
  ['/rounds/:id', () => import('./round.js'), 'round.title'],
  ['/rounds/:id/coupons', () => import('./round-coupons.js'), 'round.coupons'],
  ['/insurance', () => import('./insurance.js'), 'insurance.title'],
  ['/insurance/insurers', () => import('./insurers.js'), 'insurers.title'],
  ['/insurance/:id', () => import('./batch.js'), 'batch.title'],
  ['/schools', () => import('./schools.js'), 'schools.title'],
  ['/schools/:id', () => import('./school.js'), 'school.title'],
  ['/teachers', () => import('./teachers.js'), 'teachers.title'],
  ['/terms/:id/new-class', () => import('./class-editor.js'), 'class.new'],
  ['/terms/:id', () => import('./term.js'), 'term.title'],
  ['/classes/:id/edit', () => import('./class-editor.js'), 'class.edit'],
  ['/classes/:id', () => import('./class.js'), 'class.title'],
  ['/devices', () => import('./devices.js'), 'devices.title'],
  ['/accounts', () => import('./accounts.js'), 'accounts.title'],
  ['/jobs', () => import('./jobs.js'), 'jobs.title'],
  ['/audit', () => import('./audit.js'), 'audit.title'],
];

function toSignIn() {
  const {path} = place();
  if (!path.startsWith('/sign-in')) go(`/sign-in?then=${encodeURIComponent(path)}`, {replace: true});
}

function mark(path) {
  const app = document.getElementById('app');
  app.classList.toggle('alone', path.startsWith('/sign-in'));
  document.querySelector('.side').hidden = path.startsWith('/sign-in');
  document.querySelector('.side').classList.remove('open');
  const first = `/${path.split('/')[1]}`;
  const here = {'/rounds': '/coupons', '/venues': '/coupons', '/doors': '/stations', '/terms': '/schools', '/classes': '/schools',
    '/teachers': '/schools'}[first] ?? first;
  for (const link of document.querySelectorAll('.side nav a')) {
    if (link.dataset.way === here) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  if (!hasSession()) toSignIn();
}

/** The ways that the account may go, and who it is. Called anew once somebody signed in. */
export async function drawSide() {
  const side = document.querySelector('.side');
  const other = currentLanguage() === 'zh' ? 'en' : 'zh';
  let account;
  if (hasSession()) {
    try {
      [account] = await Promise.all([get('/v1/account'), allTexts()]);
      permit(account);
    } catch (error) {
      if (error.status === 401) toSignIn();
    }
  }
  const menu = h('button', {type: 'button', class: 'menu quiet', 'aria-expanded': 'false', onclick: () => {
    const isOpen = side.classList.toggle('open');
    menu.setAttribute('aria-expanded', String(isOpen));
  }}, t('ways.menu'));
  put(side, h('a', {class: 'name', href: '#/'}, t('name')), menu,
    h('nav', {'aria-label': t('ways.label')}, ways.map(([heading, entries]) => {
      const shown = entries.filter(([, , permission]) => !permission || may(permission));
      return shown.length ? [heading && h('p', {class: 'heading'}, t(heading)),
        shown.map(([way, key]) => h('a', {href: `#${way}`, 'data-way': way}, t(key)))] : null;
    })),
    h('div', {class: 'foot'}, account && h('p', {}, account.name),
      h('button', {type: 'button', class: 'quiet', lang: other, onclick: () => chooseLanguage(other)}, t('action.language')),
      account && h('button', {type: 'button', class: 'quiet', onclick: signOut}, t('action.sign_out'))));
  mark(place().path);
}

/** Signs out; where the service did not hear it, that is said: the session is still good then. */
async function signOut() {
  try {
    await call('POST', '/v1/sign-out');
  } catch (error) {
    if (error.status !== 401) return showRefusal(error);
  }
  return go('/sign-in');
}

async function begin() {
  servePage('desk');
  await prepareTexts([(language) => import(`../shared/text-${language}.js`), (language) => import(`./text-${language}.js`)], [
    (language) => import(`./text-services-${language}.js`), (language) => import(`./text-places-${language}.js`),
    (language) => import(`./text-people-${language}.js`), (language) => import(`./text-making-${language}.js`),
  ]);
  const main = h('main', {id: 'main', tabindex: '-1'});
  const giveTyped = takeTyped();
  // What the page brought stands until the view that takes its place is at hand.
  if (!hasSession()) await import('./sign-in.js');
  put(document.getElementById('app'),
    h('button', {class: 'skip', type: 'button', onclick: () => main.focus()}, t('action.skip')), h('header', {class: 'side noprint'}),
      main);
  onSignedOut(toSignIn);
  if (!hasSession()) toSignIn();
  await drawSide();
  await startRouter(routes, main, mark);
  giveTyped(main);
}

begin();
