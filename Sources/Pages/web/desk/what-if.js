// What if: sliders for the quota, the seats of sessions and what is promised to groups, and at once the shares that would come out, beside
// what holds now and beside the variants that were kept. Nothing is written and nothing announced.

import {h, put, announce} from '../shared/dom.js';
import {all, get, post} from '../shared/api.js';
import {grouped} from '../shared/charts.js';
import {field} from '../shared/form.js';
import {count, t} from '../shared/text.js';
import {failure} from '../shared/view.js';
import {headed, section, sessionName, trail} from './service-parts.js';
import {slider} from './what-if-slider.js';

/** How many sessions may be tried at once. */
const mostSessions = 8;

/** The view. */
export default async function whatIf({params, signal, title}) {
  const [program, programs, sessions] = await Promise.all([
    get(`/v1/programs/${params.id}`, {}, {signal}), all('/v1/programs', {}, {signal, max: 500}),
    get(`/v1/programs/${params.id}/sessions`, {}, {signal}),
  ]);
  title(`${t('whatif.title')} · ${program.title}`);
  const groups = program.rules.groups ?? [];
  const now = {
    quota: program.quota, capacities: {},
    floors: Object.fromEntries(groups.map((group) => [group.name,
      program.rules.floors?.find((floor) => floor.group === group.name)?.size ?? 0])),
  };
  const tried = structuredClone(now);
  const variants = [];
  const result = h('div', {'aria-live': 'off'});
  const state = {kind: program.rules.floors?.[0]?.kind ?? 'strict', of: undefined, base: undefined};
  let running;
  let timer;

  const source = field('', t('whatif.applicants'), {
    type: 'select', hint: t('whatif.applicants.hint'),
    options: [['', t('whatif.own')], ...programs.filter((one) => one.id !== program.id).map((one) => [one.id, one.title])],
    onchange: (event) => { state.of = Number(event.target.value) || undefined; state.base = undefined; variants.length = 0; tryOut(0); },
  });
  const kind = field('', t('editor.floor.kind'), {
    type: 'select', value: state.kind, options: ['strict', 'fair'].map((one) => [one, t(`rule.floor.${one}`)]),
    onchange: (event) => { state.kind = event.target.value; draw(); },
  });
  const floors = groups.map(({name}) => slider(t('whatif.floor', {group: name}), {
    value: tried.floors[name], most: Math.max(program.quota, 1), changed: (value) => { tried.floors[name] = value; tryOut(); },
  }));
  const quota = slider(t('whatif.quota'), {value: program.quota, least: 1, most: Math.max(program.quota * 2, 20), changed: (value) => {
    tried.quota = value;
    floors.forEach((one, index) => {
      one.limit(value);
      tried.floors[groups[index].name] = one.read();
    });
    tryOut();
  }});
  const seats = seatSliders(sessions.items.filter((one) => one.title !== 'pool'), (number, value) => {
    if (value === undefined) delete tried.capacities[number];
    else tried.capacities[number] = value;
    tryOut();
  });
  const keep = h('button', {type: 'button', onclick: () => {
    if (!state.mine || variants.length >= 3) return;
    variants.push({name: t('whatif.variant', {n: variants.length + 1}), ...state.mine});
    draw();
    announce(t('whatif.kept'));
  }}, t('whatif.keep'));
  const reset = h('button', {type: 'button', class: 'quiet', onclick: () => {
    Object.assign(tried, structuredClone(now));
    quota.take(now.quota);
    seats.reset();
    floors.forEach((one, index) => {
      one.limit(Math.max(now.quota, 1));
      one.take(now.floors[groups[index].name]);
    });
    tryOut(0);
  }}, t('whatif.reset'));

  /** Only what differs from the program is asked for. */
  const simulate = async (wanted, own) => {
    const capacities = Object.entries(wanted.capacities).map(([number, size]) => ({number: Number(number), sizes: [size]}));
    const answer = await post(`/v1/programs/${program.id}/simulations`, {
      floors: Object.entries(wanted.floors).filter(([name, size]) => size > 0 || now.floors[name] > 0)
        .map(([group, size]) => ({group, sizes: [size]})),
      ...(wanted.quota !== now.quota && {quotas: [wanted.quota]}), ...(capacities.length && {capacities}), applicantsOf: state.of,
    }, {signal: own});
    return {...structuredClone(wanted), column: answer.columns[0], isOwnDraw: answer.isOwnDraw, applicants: answer.applicants};
  };

  /** Asks anew once the sliders rest. */
  function tryOut(wait = 350) {
    clearTimeout(timer);
    // Before it opens nobody has applied: another program's applicants are needed first.
    if (!state.of && ['draft', 'announced'].includes(program.state)) {
      put(result, h('p', {class: 'banner'}, t('whatif.pick')));
      return;
    }
    timer = setTimeout(async () => {
      running?.abort();
      running = new AbortController();
      const {signal: own} = running;
      result.setAttribute('aria-busy', 'true');
      try {
        // Where all is given already, what holds now cannot be shared out anew; with more places it may.
        state.base ??= await simulate(now, own).catch((error) => { if (error.name === 'AbortError') throw error; return undefined; });
        state.mine = await simulate(tried, own);
        draw();
        announce(t('whatif.said', {n: figuresOf(state.mine).placed}));
      } catch (error) {
        if (error.name === 'AbortError') return;
        state.mine = undefined;
        put(result, failure(error, () => tryOut(0)), error.code === 'program.no_applicants' && h('p', {}, t('whatif.pick')));
      } finally {
        if (running.signal === own) result.removeAttribute('aria-busy');
      }
    }, wait);
  }
  signal.addEventListener('abort', () => { clearTimeout(timer); running?.abort(); }, {once: true});

  const figuresOf = (one) => one.column[state.kind] ?? one.column.strict;

  function draw() {
    if (!state.mine) return;
    const columns = [state.base && {name: t('whatif.now'), ...state.base}, {name: t('whatif.mine'), ...state.mine},
      ...variants].filter(Boolean);
    put(result, state.mine.isOwnDraw ? null : h('p', {class: 'banner'}, t('whatif.other_draw')),
      comparison(columns.map((one) => ({...one, figures: figuresOf(one)}))));
    keep.disabled = variants.length >= 3;
  }

  tryOut(0);
  return h('div', {class: 'stack'}, trail(['/programs', t('programs.title')], [`/programs/${program.id}`, program.title]),
    headed(t('whatif.title')), h('p', {class: 'soft'}, t('whatif.text')),
    ['published', 'ended'].includes(program.state) && h('p', {class: 'banner'}, t('whatif.published')),
    h('div', {class: 'halves'},
      section(t('whatif.set'), source, quota, kind, floors.length ? floors : h('p', {class: 'banner'}, t('whatif.no_groups')), seats,
        h('div', {class: 'actions'}, keep, reset)),
      section(t('whatif.result'), result)));
}

/** Sliders of sessions' seats: of all where they are few, else of those that are picked. `changed(number, seats)` hears each. */
function seatSliders(sessions, changed) {
  const rows = h('div', {});
  const sliders = new Map();
  const add = (one) => {
    const node = slider(t('whatif.seats', {session: sessionName(one)}),
      {value: one.capacity, least: 1, most: Math.max(one.capacity * 3, 20),
      changed: (value) => changed(one.number, value === one.capacity ? undefined : value)});
    sliders.set(one.number, {node, one});
    rows.append(node);
  };
  const isFew = sessions.length <= mostSessions;
  if (isFew) sessions.forEach(add);
  const pick = !isFew && field('', t('whatif.pick_session'), {
    type: 'select', hint: t('whatif.pick_session.hint', {n: mostSessions}),
    options: [['', t('rule.choose')], ...sessions.map((one) => [one.number, sessionName(one)])], onchange: (event) => {
      const found = sessions.find((one) => one.number === Number(event.target.value));
      event.target.value = '';
      if (found && !sliders.has(found.number) && sliders.size < mostSessions) add(found);
    },
  });
  const node = h('div', {}, rows, pick);
  node.reset = () => sliders.forEach((each) => each.node.take(each.one.capacity));
  return node;
}

/** What comes out, side by side: by class, by group, and the wishes that are met. */
function comparison(columns) {
  const series = columns.map((one) => one.name);
  const first = columns[0].figures.figures;
  const className = (one) => one.name ?? t('rule.others');
  return h('div', {class: 'stack'},
    h('p', {}, columns.map((one) => h('span', {class: 'figure'}, one.name, ' ',
      h('b', {class: 'number'}, t('whatif.placed', {n: one.figures.placed, waiting: one.figures.waiting}))))),
    grouped({
      title: t('whatif.by_class'), groups: first.classes.map((one) => `${className(one)} (${count(one.applicants)})`), series,
      values: first.classes.map((one) =>
        columns.map((column) => column.figures.figures.classes.find((each) => each.number === one.number)?.placed)),
    }),
    grouped({
      title: t('whatif.by_group'), series, groups: groupsOf(columns),
      values: groupsOf(columns).map((name) =>
        columns.map((column) => column.figures.figures.floors.find((one) => one.group === name)?.placedMembers)),
    }),
    first.sessions > 1 && grouped({
      title: t('whatif.wishes'), series, groups: [0, 1, 2].map((index) => t('run.wish', {n: index + 1})),
      values: [0, 1, 2].map((index) => columns.map((column) => column.figures.figures.wishes[index] ?? 0)),
    }));
}

function groupsOf(columns) { return [...new Set(columns.flatMap((one) => one.figures.figures.floors.map((floor) => floor.group)))]; }
