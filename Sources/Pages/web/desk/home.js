// What needs a decision today, each leading to where it is decided; below, today's figures, each leading to the rows behind it.

import {h} from '../shared/dom.js';
import {get} from '../shared/api.js';
import {ago, count, hasText, t} from '../shared/text.js';
import {pane} from '../shared/view.js';
import {account, may} from './rights.js';
import {calendarDay} from '../shared/clock.js';
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
  const decisions = pane(async (own) => {
    const {items} = await get('/v1/desk/decisions', {}, {signal: own});
    return items.length ? decisionList(items) : null;
  }, {signal, lines: 6, label: t('home.decisions'), empty: calm()});
  const timer = setInterval(() => decisions.reload({quiet: true}), 60000);
  signal.addEventListener('abort', () => clearInterval(timer), {once: true});
  const name = account()?.name;
  return h('div', {class: 'stack'}, h('h1', {}, t('home.title')), name && h('p', {class: 'soft'}, t('home.greeting', {name})),
    h('section', {}, h('h2', {}, t('home.decisions')), decisions), may('stations.read') && figures(signal));
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

function figures(signal) {
  const today = calendarDay();
  return h('section', {}, h('h2', {}, t('home.figures')), pane(async (own) => {
    const [board, visits] = await Promise.all([
      get('/v1/station-board', {}, {signal: own}), get('/v1/visitors', {by: 'hour', from: today, to: today}, {signal: own})]);
    const open = board.items.filter((one) => one.isOpen).length;
    const people = board.items.reduce((sum, one) => sum + one.peopleInside, 0);
    const troubled = board.items.filter((one) => ['bad', 'warn'].includes(standing(one)[0].tone)).length;
    return h('div', {class: 'grid'},
      figure(`${count(open)} / ${count(board.items.length)}`, t('home.open'), '/stations'),
      figure(count(troubled), t('home.troubled'), '/board'),
      figure(count(people), t('home.inside'), '/board'),
      figure(count(visits.total.entries), t('home.visits'), `/visitors?from=${today}&to=${today}`),
      figure(count(visits.total.refused), t('home.refused'), `/visitors?from=${today}&to=${today}`));
  }, {signal, lines: 3, label: t('home.figures')}));
}

function figure(value, name, way) {
  return h('a', {class: 'card decision', href: `#${way}`}, h('b', {class: 'number'}, value), h('span', {}, name));
}
