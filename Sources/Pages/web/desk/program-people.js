// Who applied and who holds a place, masked; for each person why they got one or not, and what an organizer may change, always with a reason.

import {h} from '../shared/dom.js';
import {get, post, requestID} from '../shared/api.js';
import {table} from '../shared/table.js';
import {field} from '../shared/form.js';
import {place} from '../shared/router.js';
import {count, t} from '../shared/text.js';
import {act, confirm, sheet} from '../shared/view.js';
import {ask, at, facts, headed, sessionName, stateTag, trail, who, word} from './service-parts.js';
import {askApplication, importApplications, takeBack} from './program-import.js';
import {may} from './rights.js';

const states = ['placed', 'offered', 'confirmed', 'declined', 'lapsed', 'withdrawn', 'attended', 'excused', 'no_show', 'used'];
const changes = {
  placed: ['confirm', 'decline', 'withdraw', 'swap'], offered: ['confirm', 'decline', 'withdraw'],
  confirmed: ['attended', 'excuse', 'no-show', 'use', 'withdraw', 'swap'],
};

/** The view. */
export default async function programPeople({params, signal, title}) {
  const path = `/v1/programs/${params.id}`;
  const [program, sessions] = await Promise.all([get(path, {}, {signal}), get(`${path}/sessions`, {}, {signal})]);
  title(`${t('people.title')} · ${program.title}`);
  const name = (number) => sessionName(sessions.items.find((one) => one.number === number) ?? {number});
  const shown = place().query.show === 'awards' ? 'awards' : 'applications';
  const tab = (key) => h('a', {href: `#/programs/${program.id}/people?show=${key}`, 'aria-current': shown === key ? 'page' : null},
    t(`people.${key}`));
  return h('div', {class: 'stack'}, trail(['/programs', t('programs.title')], [`/programs/${program.id}`, program.title]),
    headed(t('people.title')),
    h('nav', {class: 'tabs', 'aria-label': t('people.title')}, tab('applications'), tab('awards')),
    shown === 'awards' ? awards(program, sessions.items, name, signal) : applications(program, sessions.items, name, signal));
}

function applications(program, sessions, name, signal) {
  const path = `/v1/programs/${program.id}/applications`;
  const isOpen = program.state === 'open' && may('program_applications.write');
  const list = table({
    label: t('people.applications'), csvName: `program-${program.id}-applications`, signal, empty: t('people.applications.none'),
    columns: [
      {key: 'memberId', title: t('people.member'), sort: true,
        show: (row) => h('a', {href: `#/members/${row.memberId}`}, `${row.name ?? ''} #${row.memberId}`)},
      {key: 'phone', title: t('people.phone')},
      {key: 'state', title: t('people.state'), sort: true, show: (row) => stateTag('application', row.state)},
      {key: 'priority', title: t('people.class'), number: true, sort: true},
      {key: 'points', title: t('people.points'), number: true, sort: true, show: (row) => count(row.points)},
      {key: 'groups', title: t('people.groups'), show: (row) => row.groups.join('、')},
      {key: 'wishes', title: t('people.wishes'), show: (row) => row.wishes.slice(0, 3).map(name).join(' → ')},
      {key: 'appliedAt', title: t('people.appliedAt'), sort: true, show: (row) => at(row.appliedAt)},
    ],
    load: (after, query, own) => get(path, {limit: 50, after}, {signal: own}),
    actions: (row) => [
      h('button', {type: 'button', class: 'quiet', onclick: (event) => act(event.target, () => explain(program, row, name))}, t('people.why')),
      isOpen && h('button', {type: 'button', class: 'quiet', onclick: () => askApplication(path, sessions, row, () => list.reload())},
        t('application.change')),
      isOpen && row.state === 'applied' && h('button', {type: 'button', class: 'quiet',
        onclick: (event) => act(event.target, () => takeBack(path, row, () => list.reload()))}, t('application.take_back')),
    ],
  });
  return [isOpen && h('div', {class: 'actions'},
    h('button', {type: 'button', onclick: () => askApplication(path, sessions, undefined, () => list.reload())}, t('application.add')),
    h('button', {type: 'button', onclick: () => importApplications(path, sessions, () => list.reload())}, t('application.file'))), list];
}

/** Why somebody got a place or not: their class, points and groups beside what the run made of them. */
async function explain(program, row, name) {
  const runs = await get(`/v1/programs/${program.id}/runs`);
  const run = runs.items.find((one) => one.state === 'published') ?? runs.items.at(-1);
  const award = await findAward(program, row.memberId);
  const part = run?.figures.classes.find((one) => one.number === row.priority);
  const reached = part && part.placed < part.applicants;
  sheet(t('people.why.title', {name: `${row.name ?? ''} #${row.memberId}`}),
    h('p', {class: award ? 'banner good' : 'banner'},
      award ? t('people.why.has', {session: name(award.number), state: word('award.state', award.state)})
      : row.state === 'withdrawn' ? t('people.why.withdrawn') : !run ? t('people.why.not_run') : t('people.why.none')),
    part && h('p', {}, t(reached ? (part.placed ? 'people.why.class_split' : 'people.why.class_none') : 'people.why.class_all', {
      name: part.name ?? t('rule.others'), placed: part.placed, applicants: part.applicants,
    })),
    row.groups.map((group) => {
      const floor = run?.figures.floors.find((one) => one.group === group);
      return floor && h('p', {}, t('people.why.floor', {group, filled: floor.filled, size: floor.size}));
    }),
    facts([
      [t('people.class'), part?.name ?? `${row.priority}`], [t('people.points'), count(row.points)],
      [t('people.groups'), row.groups.join('、')],
      [t('people.wishes'), row.wishes.map(name).join(' → ')], [t('people.ticket'), h('code', {}, row.ticket)],
      [t('people.appliedBy'), who(row.appliedBy)],
    ]),
    h('p', {class: 'soft'}, t('people.why.lottery')));
}

async function findAward(program, memberId) {
  // Places are listed by their members' numbers, so the list after the one before begins with this one's.
  const page = await get(`/v1/programs/${program.id}/awards`, {limit: 1, after: memberId > 1 ? memberId - 1 : undefined});
  return page.items.find((one) => one.memberId === memberId);
}

function awards(program, sessions, name, signal) {
  const path = `/v1/programs/${program.id}/awards`;
  const actions = may('program_awards.write') && ((row, host) => (changes[row.state] ?? []).map((change) => h('button', {
    type: 'button', class: 'quiet', onclick: (event) => act(event.target, () => changeAward(path, row, change, sessions, host)),
  }, t(`award.do.${change}`))));
  const list = table({
    label: t('people.awards'), csvName: `program-${program.id}-places`, signal, empty: t('people.awards.none'),
    actions: actions || undefined,
    filters: [
      {name: 'state', label: t('people.state'), type: 'select',
        options: [['', t('part.all')], ...states.map((one) => [one, t(`award.state.${one}`)])]},
      {name: 'number', label: t('people.session'), type: 'select',
        options: [['', t('part.all')], ...sessions.map((one) => [one.number, sessionName(one)])]},
    ],
    columns: [
      {key: 'memberId', title: t('people.member'), sort: true,
        show: (row) => h('a', {href: `#/members/${row.memberId}`}, `#${row.memberId}`)},
      {key: 'state', title: t('people.state'), sort: true, show: (row) => stateTag('award', row.state)},
      {key: 'number', title: t('people.session'), sort: true, show: (row) => name(row.number)},
      {key: 'source', title: t('people.source'), sort: true, show: (row) => word('award.source', row.source)},
      {key: 'offeredUntil', title: t('people.offeredUntil'), sort: true, show: (row) => at(row.offeredUntil)},
      {key: 'changedAt', title: t('people.changedAt'), sort: true, show: (row) => at(row.changedAt)},
    ],
    load: (after, query, own) => get(path, {limit: 50, after, state: query.state, number: query.number}, {signal: own}),
  });
  return [list, may('program_awards.write') && program.state === 'published'
    && h('button', {type: 'button', onclick: () => give(path, sessions, list)}, t('award.give'))];
}

/** A free place given by hand, with its reason. */
function give(path, sessions, list) {
  const key = requestID();
  ask(t('award.give'), {
    action: t('award.give'), text: t('award.give.text'), fields: [
      field('memberId', t('award.member'), {type: 'number', min: 1, required: true}),
      field('number', t('people.session'), {
        type: 'select', required: true, options: sessions.map((one) => [one.number, sessionName(one)]),
      }),
      field('reason', t('part.reason'), {required: true, maxlength: 300}),
    ],
    submit: async (values) => {
      await post(path, {...values, number: Number(values.number)}, {key});
      list.reload();
    },
  });
}

async function changeAward(path, row, change, sessions, host) {
  if (change === 'swap') {
    const key = requestID();
    ask(t('award.do.swap'), {
      action: t('award.do.swap'), fields: [
        field('number', t('people.session'), {type: 'select',
          options: sessions.filter((one) => one.number !== row.number).map((one) => [one.number, sessionName(one)])}),
        field('reason', t('part.reason'), {required: true, maxlength: 300}),
      ],
      submit: async (values) => {
        await post(`${path}/${row.memberId}/swap`, {...values, number: Number(values.number)}, {key});
        host.reload();
      },
    });
    return;
  }
  const reason = await confirm({title: t(`award.do.${change}`), text: t('award.text', {n: String(row.memberId)}), reason: t('part.reason'),
    action: t(`award.do.${change}`)});
  if (reason === null) return;
  await post(`${path}/${row.memberId}/${change}`, {reason}, {key: true});
  host.reload();
}
