// What needs a decision today, each leading to where it is decided; below, today's figures, each leading to the rows behind it.

import {h, put} from '../shared/dom.js';
import {all, get} from '../shared/api.js';
import {ago, count, hasText, t} from '../shared/text.js';
import {pane} from '../shared/view.js';
import {account, may} from './rights.js';
import {calendarDay, serverNow} from '../shared/clock.js';
import {standing} from './station-parts.js';

const ways = {
  alarms: '/alarms', silent_devices: '/devices', applications: '/applications', transfers: '/transfers', duplicates: '/duplicates',
  dead_jobs: '/jobs?state=dead', imports_with_rejections: '/imports', programs_to_run: '/programs?state=closed',
  program_runs: '/programs?state=run', program_cuts: '/programs', class_cuts: '/schools', appeals: '/schools', insurance_runs: '/insurance',
  policies_to_mend: '/insurance',
};

/** Kinds that wait for nobody: they stand first, in another colour. */
const urgent = ['alarms', 'dead_jobs'];

/** The first page of the desk. */
export default function home({signal}) {
  // Nobody knows how many decisions wait: what stands below is asked for at once, and stands there once they do, so that nothing moves.
  const place = h('div', {});
  const below = figures(signal);
  const decisions = pane(async (own) => {
    try {
      const {items} = await get('/v1/desk/decisions', {}, {signal: own});
      return items.length ? decisionList(items) : null;
    } finally { if (!place.firstChild) setTimeout(() => put(place, below)); }
  }, {signal, lines: {narrow: 14, wide: 6}, label: t('home.decisions'), empty: calm()});
  const timer = setInterval(() => decisions.reload({quiet: true}), 60000);
  signal.addEventListener('abort', () => clearInterval(timer), {once: true});
  const name = account()?.name;
  return h('div', {class: 'stack'}, h('h1', {}, t('home.title')), name && h('p', {class: 'soft'}, t('home.greeting', {name})),
    h('section', {}, h('h2', {}, t('home.decisions')), decisions), place);
}

function calm() { return h('div', {}, h('p', {class: 'calm'}, t('home.calm')), h('p', {}, t('home.calm.text'))); }

function decisionList(items) {
  const isUrgent = ({kind}) => urgent.includes(kind);
  const sorted = [...items.filter(isUrgent), ...items.filter((one) => !isUrgent(one))];
  return h('ul', {class: 'plain grid decisions'}, sorted.map((one) => h('li', {}, decisionCard(one, isUrgent(one)))));
}

function decisionCard({kind, count: number, more, oldestAt}, isUrgent) {
  const href = ways[kind] ?? '/';
  const isKnown = hasText(`home.kind.${kind}`);
  return h('a', {class: `card decision ${isUrgent ? 'bad' : ''}`, href: `#${href}`},
    h('b', {class: 'number'}, count(number), more && '+'),
    h('span', {}, isKnown ? t(`home.kind.${kind}`, {n: number}) : t('home.kind.other', {kind})),
    h('span', {class: 'soft'}, t('home.since', {ago: ago(oldestAt)})));
}

/** Today's figures; a part that fails hides no other. */
function figures(signal) {
  const parts = [
    ['stations.read', stationFigures], ['programs.read', placeFigure], ['coupons.read', couponFigure], ['insurance.read', policyFigure],
  ].filter(([permission]) => may(permission));
  return parts.length > 0 && h('section', {}, h('h2', {}, t('home.figures')), pane(async (own) => {
    const found = await Promise.allSettled(parts.map(([, load]) => load(own)));
    const failed = found.find((one) => one.status === 'rejected');
    if (found.every((one) => one.status === 'rejected')) throw failed.reason;
    return h('div', {}, h('div', {class: 'grid figures'}, found.map((one) => one.value)),
      failed && h('p', {class: 'banner warn'}, t('home.partial', {why: failed.reason.message})));
  }, {signal, lines: 6, label: t('home.figures')}));
}

async function stationFigures(signal) {
  const today = calendarDay();
  const [board, visits] = await Promise.all([get('/v1/station-board', {}, {signal}),
    get('/v1/visitors', {by: 'hour', from: today, to: today}, {signal})]);
  const open = board.items.filter((one) => one.isOpen).length;
  const people = board.items.reduce((sum, one) => sum + one.peopleInside, 0);
  const troubled = board.items.filter((one) => ['bad', 'warn'].includes(standing(one)[0].tone)).length;
  return [
    figure(`${count(open)} / ${count(board.items.length)}`, t('home.open'), '/stations'),
    figure(count(troubled), t('home.troubled'), '/board'),
    figure(count(people), t('home.inside'), '/board'),
    figure(count(visits.total.entries), t('home.visits'), `/visitors?from=${today}&to=${today}`),
    figure(count(visits.total.refused), t('home.refused'), `/visitors?from=${today}&to=${today}`),
  ];
}

/** Places that people hold, of the programs whose results stand. */
async function placeFigure(signal) {
  const programs = await all('/v1/programs', {state: 'published'}, {signal});
  const taken = programs.reduce((sum, one) => sum + one.taken, 0);
  const quota = programs.reduce((sum, one) => sum + one.quota, 0);
  return figure(`${count(taken)} / ${count(quota)}`, t('home.places'),
    programs.length === 1 ? `/programs/${programs[0].id}/people?show=awards` : '/programs?state=published');
}

/** Coupons of announced rounds that nobody has yet. */
async function couponFigure(signal) {
  const campaigns = (await all('/v1/coupon-campaigns', {}, {signal})).filter((one) => one.lastOn >= calendarDay());
  const ledgers = await Promise.all(campaigns.map((one) => get(`/v1/coupon-campaigns/${one.id}/rounds`, {}, {signal})));
  const rounds = ledgers.flatMap((one) => one.items)
    .filter((one) => one.state === 'announced' && Date.parse(one.closesAt) > serverNow());
  const left = rounds.reduce((sum, one) => sum + one.left, 0);
  return figure(count(left), t('home.coupons'), campaigns.length === 1 ? `/coupons/${campaigns[0].id}` : '/coupons');
}

/** Policies that cover today. */
async function policyFigure(signal) {
  const today = calendarDay();
  const batches = (await all('/v1/insurance-batches', {}, {signal})).filter((one) => one.coverFrom <= today && one.coverTo >= today);
  const active = batches.reduce((sum, one) => sum + one.places.active + one.places.claimed, 0);
  return figure(count(active), t('home.policies'), batches.length === 1 ? `/insurance/${batches[0].id}` : '/insurance');
}

function figure(value, name, way) {
  return h('a', {class: 'card decision', href: `#${way}`}, h('b', {class: 'number'}, value), h('span', {}, name));
}
