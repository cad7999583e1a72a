// A program's draft, step by step: what it is, when, who may apply and who goes first, its sessions; at the end a check that counts who is
// meant. Each step is kept as a draft, so nothing is lost and nothing is announced.

import {h, put, announce} from '../shared/dom.js';
import {call, get, requestID} from '../shared/api.js';
import {field, form} from '../shared/form.js';
import {go} from '../shared/router.js';
import {t} from '../shared/text.js';
import {emptyState} from '../shared/view.js';
import {fromInput, headed, toInput, trail} from './service-parts.js';
import {ruleTools} from './rule-editor.js';
import {whoFields} from './program-who.js';
import {checkDraft} from './program-check.js';
import {sessionRows} from './session-rows.js';

const steps = ['what', 'when', 'who', 'sessions', 'check'];
const kept = ['shares', 'family', 'period', 'timeZone', 'runAt', 'resultsAt', 'endsAt', 'offerHours', 'tickMinutes', 'keepsWaiting',
  'appeal', 'lotteryKind', 'beaconSource'];
const times = ['opensAt', 'closesAt', 'resultsAt', 'endsAt'];

/** The editor, of a new program or of a draft. */
export default async function programEditor({params, query, signal}) {
  const [tools, program, sessions] = await Promise.all([
    ruleTools(signal), params.id ? get(`/v1/programs/${params.id}`, {}, {signal}) : undefined,
    params.id ? get(`/v1/programs/${params.id}/sessions`, {}, {signal}) : {items: []},
  ]);
  if (program && program.state !== 'draft') {
    return h('div', {class: 'stack'}, trail(['/programs', t('programs.title')], [`/programs/${program.id}`, program.title]), headed(t('program.edit')),
      emptyState(h('p', {}, t('editor.frozen'), ' ', h('a', {href: `#/programs/${program.id}`}, t('editor.look')))));
  }
  const who = whoFields(program?.rules ?? {eligibility: []}, tools);
  const rows = sessionRows(sessions.items);
  const check = h('div', {});
  const draft = {id: params.id, body: program, key: requestID()};
  const parts = {what: whatFields(program, tools), when: whenFields(program), who, sessions: rows, check};
  let here = steps.includes(query.step) ? query.step : 'what';

  const marks = h('ol', {class: 'steps'}, steps.map((step, index) => h('li', {}, h('button', {
    type: 'button', class: 'quiet', 'data-step': step, onclick: () => show(step),
  }, `${index + 1}. ${t(`editor.step.${step}`)}`))));
  const sections = steps.map((step) => h('section', {'data-step': step, 'aria-label': t(`editor.step.${step}`)},
    h('h2', {}, t(`editor.step.${step}`)),
    h('p', {class: 'soft'}, t(`editor.step.${step}.text`)), parts[step]));
  const editor = form({
    action: t('editor.next'), fields: sections, aside: h('button', {type: 'button', class: 'quiet', onclick: () => step(-1)},
      t('action.back')),
    submit: async (values, element) => {
      if (here === 'check') {
        go(`/programs/${draft.id}`);
        return;
      }
      try {
        await save(values);
      } catch (error) {
        showFirst(error, element);
        throw error;
      }
      step(1);
    },
  });

  async function save(values) {
    const rules = {...(draft.body?.rules ?? {}), ...who.read()};
    const body = {...Object.fromEntries(kept.map((name) => [name, draft.body?.[name]])), ...values,
      organizationId: Number(values.organizationId), rules};
    for (const name of times) body[name] = fromInput(values[name]);
    body.keepsWaiting = Boolean(values.keepsWaiting);
    draft.body = draft.id ? await call('PUT', `/v1/programs/${draft.id}`, {json: body})
      : await call('POST', '/v1/programs', {json: body, key: draft.key});
    if (!draft.id) {
      draft.id = draft.body.id;
      history.replaceState(null, '', `#/programs/${draft.id}/edit`);
    }
    const listed = rows.read();
    // A draft without sessions has none to replace.
    if (here === 'sessions' && (listed.length || sessions.items.length)) {
      await call('PUT', `/v1/programs/${draft.id}/sessions`, {json: {sessions: listed}});
    }
  }

  function showFirst(error, element) {
    const pointer = error.reasons?.find((reason) => reason.pointer)?.pointer ?? '';
    const name = pointer.slice(1);
    const found = [...element.elements].find((one) => one.name === name)?.closest('[data-step]')?.dataset.step
      ?? (pointer.startsWith('/rules') ? 'who' : undefined);
    if (found) show(found);
  }

  function step(by) { show(steps[Math.max(0, Math.min(steps.length - 1, steps.indexOf(here) + by))]); }

  function show(step) {
    if (!draft.id && step !== 'what') return;
    here = step;
    for (const section of sections) section.hidden = section.dataset.step !== step;
    for (const mark of marks.querySelectorAll('button')) {
      if (mark.dataset.step === step) mark.setAttribute('aria-current', 'step');
      else mark.removeAttribute('aria-current');
    }
    const button = editor.querySelector('button.primary');
    if (button) button.textContent = t(step === 'check' ? 'editor.finish' : 'editor.next');
    if (step === 'check') put(check, checkDraft(draft.id, signal));
    announce(t(`editor.step.${step}`));
  }

  show(here);
  return h('div', {class: 'stack'},
    trail(['/programs', t('programs.title')]), headed(t(params.id ? 'program.edit' : 'program.new')),
    h('nav', {'aria-label': t('editor.steps')}, marks), h('div', {class: 'card'}, editor));
}

function whatFields(program, tools) {
  return [
    field('title', t('editor.title'), {required: true, maxlength: 200, value: program?.title, hint: t('editor.title.hint')}),
    field('organizationId', t('editor.organization'),
      {type: 'select', required: true, value: program?.organizationId, options: tools.organizations}),
    h('div', {class: 'fields'},
      field('shares', t('editor.shares'), {
        type: 'select', value: program?.shares ?? 'place',
        options: ['place', 'coupon', 'policy', 'seat'].map((one) => [one, t(`program.shares.${one}`)]),
      }),
      field('quota', t('editor.quota'), {type: 'number', min: 1, required: true, value: program?.quota})),
    h('div', {class: 'fields'},
      field('family', t('editor.family'), {maxlength: 40, value: program?.family ?? '', hint: t('editor.family.hint')}),
      field('period', t('editor.period'), {maxlength: 40, value: program?.period ?? ''})),
    field('appeal', t('editor.appeal'), {type: 'textarea', maxlength: 1000, value: program?.appeal ?? '', hint: t('editor.appeal.hint')}),
  ];
}

function whenFields(program) {
  return [
    h('div', {class: 'fields'}, times.map((name) => field(name, t(`editor.${name}`),
      {type: 'datetime-local', value: toInput(program?.[name])}))),
    h('div', {class: 'fields'},
      field('offerHours', t('editor.offerHours'), {type: 'number', min: 1, value: program?.offerHours, hint: t('editor.offerHours.hint')}),
      field('lotteryKind', t('editor.lottery'), {
        type: 'select', value: program?.lotteryKind ?? 'secret',
        options: ['secret', 'beacon', 'public_sources'].map((one) => [one, t(`program.lottery.${one}`)]),
        hint: t('editor.lottery.hint'),
      })),
    field('beaconSource', t('editor.beacon'), {maxlength: 300, value: program?.beaconSource ?? '', hint: t('editor.beacon.hint')}),
    field('keepsWaiting', t('editor.keepsWaiting'), {type: 'checkbox', value: program?.keepsWaiting}),
  ];
}
