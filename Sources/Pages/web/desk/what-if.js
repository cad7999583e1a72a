// What if: sliders for what is promised to groups, and at once the shares that would come out, beside what holds now and beside the variants
// that were kept. Nothing is written and nothing announced.

import {h, put, announce} from '../shared/dom.js';
import {all, get, post} from '../shared/api.js';
import {grouped} from '../shared/charts.js';
import {field} from '../shared/form.js';
import {count, t} from '../shared/text.js';
import {failure} from '../shared/view.js';
import {headed, section, trail} from './service-parts.js';

/** The view. */
export default async function whatIf({params, signal, title}) {
  const [program, programs] = await Promise.all([
    get(`/v1/programs/${params.id}`, {}, {signal}), all('/v1/programs', {}, {signal, max: 500}),
  ]);
  title(`${t('whatif.title')} · ${program.title}`);
  const groups = program.rules.groups ?? [];
  const now = Object.fromEntries(groups.map((group) => [group.name,
    program.rules.floors?.find((floor) => floor.group === group.name)?.size ?? 0]));
  const sizes = {...now};
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
  const sliders = groups.map((group) => slider(group.name));
  const keep = h('button', {type: 'button', onclick: () => {
    if (!state.mine || variants.length >= 3) return;
    variants.push({name: t('whatif.variant', {n: variants.length + 1}), ...state.mine});
    draw();
    announce(t('whatif.kept'));
  }}, t('whatif.keep'));
  const reset = h('button', {type: 'button', class: 'quiet', onclick: () => {
    Object.assign(sizes, now);
    sliders.forEach((one) => one.take());
    tryOut(0);
  }}, t('whatif.reset'));

  function slider(name) {
    const most = Math.max(program.quota, 1);
    const range = field('', t('whatif.floor', {group: name}), {
      type: 'range', min: 0, max: most, step: 1, value: sizes[name], oninput: (event) => changed(Number(event.target.value)),
    });
    const number = field('', t('whatif.number'), {
      type: 'number', 'aria-label': t('whatif.number_of', {group: name}), min: 0, max: most, value: sizes[name],
      oninput: (event) => changed(Number(event.target.value)),
    });
    const node = h('div', {class: 'slider'}, range, number);
    const [one, other] = [range.querySelector('input'), number.querySelector('input')];
    const changed = (value) => {
      sizes[name] = Math.max(0, Math.min(most, Math.round(value) || 0));
      node.take();
      tryOut();
    };
    node.take = () => {
      one.value = sizes[name];
      if (Number(other.value) !== sizes[name]) other.value = sizes[name];
    };
    return node;
  }

  const simulate = async (tried, own) => {
    const floors = Object.entries(tried)
      .filter(([name, size]) => size > 0 || now[name] > 0).map(([group, size]) => ({group, sizes: [size]}));
    const answer = await post(`/v1/programs/${program.id}/simulations`, {floors, applicantsOf: state.of}, {signal: own});
    return {sizes: {...tried}, column: answer.columns[0], isOwnDraw: answer.isOwnDraw, applicants: answer.applicants};
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
        state.base ??= await simulate(now, own);
        state.mine = await simulate(sizes, own);
        draw();
        announce(t('whatif.said', {n: figuresOf(state.mine).placed}));
      } catch (error) {
        if (error.name === 'AbortError') return;
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
    const columns = [{name: t('whatif.now'), ...state.base}, {name: t('whatif.mine'), ...state.mine}, ...variants];
    put(result, state.mine.isOwnDraw ? null : h('p', {class: 'banner'}, t('whatif.other_draw')),
      comparison(columns.map((one) => ({...one, figures: figuresOf(one)}))));
    keep.disabled = variants.length >= 3;
  }

  tryOut(0);
  return h('div', {class: 'stack'}, trail(['/programs', t('programs.title')], [`/programs/${program.id}`, program.title]),
    headed(t('whatif.title')), h('p', {class: 'soft'}, t('whatif.text')),
    h('div', {class: 'halves'},
      section(t('whatif.set'), source, kind, sliders.length ? sliders : h('p', {class: 'banner'}, t('whatif.no_groups')),
        h('div', {class: 'actions'}, keep, reset)),
      section(t('whatif.result'), result)));
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
