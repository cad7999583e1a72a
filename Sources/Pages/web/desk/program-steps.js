// A program's line of states with the next step and who may do it: announce, close, give the public number, run, review, publish, end.

import {h} from '../shared/dom.js';
import {get, pause, post, requestID} from '../shared/api.js';
import {serverNow} from '../shared/clock.js';
import {field} from '../shared/form.js';
import {t} from '../shared/text.js';
import {confirm} from '../shared/view.js';
import {ask, at, doing} from './service-parts.js';
import {account, may} from './rights.js';

const line = ['draft', 'announced', 'open', 'closed', 'run', 'reviewed', 'published', 'ended'];

/** The states passed, and what is to be done now. */
export function nextStep(one, runs, again, signal) {
  const here = line.indexOf(one.state);
  return h('section', {class: 'card', 'aria-label': t('program.line')},
    h('ol', {class: 'line-of-states'}, (here < 0 ? ['cancelled'] : line).map((state, index) => h('li', {
      class: index < here ? 'passed' : '', 'aria-current': state === one.state ? 'step' : null,
    }, t(`program.state.${state}`)))),
    h('p', {}, t(`program.next.${one.state}`, {opens: at(one.opensAt), closes: at(one.closesAt)})),
    h('div', {class: 'actions'}, actions(one, runs, again, signal)));
}

function actions(one, runs, again, signal) {
  const path = `/v1/programs/${one.id}`;
  const run = runs.find((each) => each.state === 'made') ?? runs.at(-1);
  const step = (name, danger = false) => doing(t(`program.do.${name}`), async () => {
    const key = requestID();
    if (await confirm({title: t(`program.do.${name}`), text: t(`program.do.${name}.text`), action: t(`program.do.${name}`),
      danger}) === null) return;
    await post(`${path}/${name}`, undefined, {key});
    again();
  }, {kind: danger ? 'danger' : 'primary'});
  const found = [];
  if (may('programs.write')) {
    if (one.state === 'draft') found.push(step('announce'));
    if (['announced', 'open'].includes(one.state) && one.closesAt && Date.parse(one.closesAt) <= serverNow()) found.push(step('close'));
    if (one.state === 'closed' && one.lotteryKind !== 'secret') found.push(doing(t('program.do.beacon'), () => giveBeacon(one, again)));
    if (one.state === 'closed' || one.state === 'run') found.push(runButton(one, again, signal));
    if (one.state === 'reviewed') found.push(step('publish'));
    if (one.state === 'published') found.push(step('end', true));
  }
  if (one.state === 'run' && run) {
    found.unshift(h('a', {class: 'button primary', href: `#/programs/${one.id}/runs/${run.number}`}, t('program.do.review')));
    if (run.madeBy === account()?.subject) found.push(h('p', {class: 'banner warn'}, t('run.same_person')));
  }
  if (may('programs.write') && ['draft', 'announced', 'open', 'closed', 'run', 'reviewed'].includes(one.state)) {
    found.push(doing(t('program.cancel'), async () => {
      const reason = await confirm({title: t('program.cancel'), text: t('program.cancel.text'), reason: t('part.reason'),
        action: t('program.cancel'), danger: true});
      if (reason === null) return;
      await post(`${path}/cancel`, {reason}, {key: true});
      again();
    }, {kind: 'danger'}));
  }
  return found;
}

function giveBeacon(one, again) {
  const key = requestID();
  ask(t('program.do.beacon'), {
    text: t('program.do.beacon.text'), action: t('program.do.beacon'),
    fields: field('beacon', t('program.beacon'), {required: true, hint: one.beaconSource ?? ''}),
    submit: async (values) => {
      await post(`/v1/programs/${one.id}/beacon`, values, {key});
      again();
    },
  });
}

/** Asks for a run and tells how far it is until it is done. */
function runButton(one, again, signal) {
  const told = h('span', {role: 'status'});
  const button = doing(t(one.state === 'run' ? 'program.do.rerun' : 'program.do.run'), async () => {
    let request = await post(`/v1/programs/${one.id}/runs`, undefined, {key: true});
    while ((request.state === 'queued' || request.state === 'running') && !signal.aborted) {
      told.textContent = request.total ? t('run.progress', {done: request.done ?? 0, total: request.total})
        : t(`run.request.${request.state}`);
      await pause(800, signal);
      request = await get(`/v1/programs/${one.id}/run-requests/${request.id}`, {}, {signal});
    }
    told.textContent = request.failure ?? t(`run.request.${request.state}`);
    if (request.state === 'done') again();
  }, {kind: 'primary'});
  return [button, told];
}
