// One run in figures, for who reviews it and, once it is published, for everybody: who got places, what was promised and kept, and the proof.

import {h} from '../shared/dom.js';
import {get, post, requestID} from '../shared/api.js';
import {bars, grouped, ledger} from '../shared/charts.js';
import {field, form} from '../shared/form.js';
import {count, percent, span, t} from '../shared/text.js';
import {pane} from '../shared/view.js';
import {at, facts, hash, headed, section, stateTag, trail, who} from './service-parts.js';
import {account, may} from './rights.js';

/** The view. */
export default function run({params, signal, title}) {
  const path = `/v1/programs/${params.id}`;
  const body = pane(async (own) => {
    const [program, one] = await Promise.all([get(path, {}, {signal: own}), get(`${path}/runs/${params.number}`, {}, {signal: own})]);
    title(`${t('run.number', {number: one.number})} · ${program.title}`);
    return h('div', {class: 'stack'},
      trail(['/programs', t('programs.title')], [`/programs/${program.id}`, program.title]),
      headed(t('run.number', {number: one.number}), stateTag('run', one.state),
        h('button', {type: 'button', class: 'noprint', onclick: () => print()}, t('action.print'))),
      warnings(one),
      one.state === 'made' && may('programs.review') && review(path, one, () => body.reload()),
      h('div', {class: 'halves'}, outcome(program, one), proof(program, one)), pictures(one));
  }, {signal, lines: 12});
  return body;
}

function warnings(one) {
  const found = [];
  for (const floor of one.figures.floors) {
    if (floor.filled < floor.size) found.push(t('run.warn.floor',
      {group: floor.group, filled: floor.filled, size: floor.size, possible: floor.possible ?? floor.filled}));
  }
  if (one.placed < one.figures.quota) found.push(t('run.warn.free', {n: one.figures.quota - one.placed}));
  if (one.excluded > one.applicants / 10) found.push(t('run.warn.excluded',
    {n: one.excluded, share: percent(one.excluded / one.applicants)}));
  if (one.figures.filledSessions < one.figures.sessions) found.push(t('run.warn.sessions',
    {filled: one.figures.filledSessions, all: one.figures.sessions}));
  return found.length ? h('div', {class: 'banner warn'}, h('b', {}, t('run.warnings')),
    h('ul', {}, found.map((text) => h('li', {}, text)))) : h('p', {class: 'banner good'}, t('run.no_warnings'));
}

function review(path, one, again) {
  if (one.madeBy === account()?.subject) return h('p', {class: 'banner warn'}, t('run.same_person'));
  const key = requestID();
  return section(t('run.review'), h('p', {}, t('run.review.text')), form({
    action: t('run.review.send'), fields: [
      field('decision', t('run.decision'), {type: 'select', options: [['accept', t('run.accept')], ['reject', t('run.reject')]]}),
      field('note', t('run.note'), {type: 'textarea', maxlength: 1000, hint: t('run.note.hint')}),
    ],
    submit: async (values) => {
      await post(`${path}/runs/${one.number}/review`, values, {key});
      again();
    },
  }));
}

function outcome(program, one) {
  return section(t('run.outcome'), ledger({
    title: t('run.applicants'), total: one.applicants, parts: [
      {label: t('run.placed.label'), value: one.placed, href: `#/programs/${program.id}/people?show=awards`},
      {label: t('run.waiting'), value: one.waiting},
      {label: t('run.excluded'), value: one.excluded},
    ],
  }), one.figures.exclusions.length > 0 && bars({
    title: t('run.exclusions'), rows: one.figures.exclusions.map((each) => ({label: t(`run.exclusion.${each.code}`),
      value: each.applicants})),
  }));
}

function proof(program, one) {
  return section(t('run.sheet'), facts([
    [t('run.made'), `${at(one.madeAt)} · ${who(one.madeBy)}`],
    [t('run.took'), one.milliseconds < 1000 ? `${one.milliseconds} ms` : span(one.milliseconds / 1000)],
    [t('run.reviewed'), one.reviewedAt && `${at(one.reviewedAt)} · ${who(one.reviewedBy)}`], [t('run.note'), one.reviewNote],
    [t('run.published'), one.publishedAt && `${at(one.publishedAt)} · ${who(one.publishedBy)}`],
    [t('program.commitment'), hash(program.commitment)], [t('program.inputsHash'), hash(one.inputsHash)],
    [t('run.auditHash'), hash(one.auditHash)],
  ]), one.publishedAt && h('p', {}, h('a', {href: `/v1/public/programs/${program.id}/audit-file`, download: `program-${program.id}.txt`},
  t('program.auditFile'))));
}

function pictures(one) {
  const {classes, floors, wishes} = one.figures;
  const name = (each) => each.name ?? t('rule.others');
  return h('div', {class: 'halves'},
    section(t('run.classes'), grouped({
      title: t('run.classes.text'), series: [t('run.class.applicants'), t('run.class.placed')], groups: classes.map(name),
      values: classes.map((each) => [each.applicants, each.placed]),
    })),
    floors.length > 0 && section(t('run.floors'), grouped({
      title: t('run.floors.text'), series: [t('run.floor.size'), t('run.floor.placed'), t('run.floor.members')],
      groups: floors.map((each) => `${each.group} · ${t(`rule.floor.${each.kind}`)}`),
      values: floors.map((each) => [each.size, each.placedMembers, each.members]),
    })),
    one.figures.sessions > 1 && section(t('run.wishes'), bars({
      title: t('run.wishes.text', {n: count(one.placed)}),
      rows: wishes.map((value, index) => ({label: t('run.wish', {n: index + 1}), value}))
        .filter((row, index) => index < 3 || row.value > 0),
    })));
}
