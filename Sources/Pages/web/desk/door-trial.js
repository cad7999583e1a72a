// A policy tried on the entries of the last days: who would be refused now, who would be let in, and why. Nothing is switched on.

import {h, put, announce} from '../shared/dom.js';
import {post} from '../shared/api.js';
import {bars} from '../shared/charts.js';
import {field} from '../shared/form.js';
import {count, t} from '../shared/text.js';
import {act} from '../shared/view.js';
import {section, word, workerKinds} from './service-parts.js';

/** The part of the view; `policy()` gives the policy as the fields have it now. */
export function trialPart(path, station, policy) {
  const shown = h('div', {});
  const days = field('', t('trial.days'), {type: 'number', min: 1, max: 31, value: 7});
  const capacity = field('', t('trial.capacity'), {type: 'number', min: 1, max: 100000,
    value: station.capacityEnforced ? station.capacity : '',
    hint: t('trial.capacity.hint')});
  const number = (one) => Number(one.querySelector('input').value) || undefined;
  const run = async () => {
    const [found, kinds] = await Promise.all([
      post(`${path}/policy-trials`, {policy: policy(), days: number(days), capacity: number(capacity)}), workerKinds()]);
    put(shown, outcome(found, new Map(kinds)));
    announce(t('trial.said', {n: found.newlyRefused.members, days: found.days}));
  };
  return section(t('trial.title'), h('p', {class: 'soft'}, t('trial.text')), h('div', {class: 'fields'}, days, capacity),
    h('button', {type: 'button', onclick: (event) => act(event.target, run)}, t('trial.run')), shown);
}

function outcome(found, kinds) {
  if (!found.scans) return [h('p', {class: 'banner'}, t('trial.nobody', {days: found.days})), warnings(found)];
  return h('div', {class: 'stack'},
    h('p', {}, t('trial.base', {days: found.days, scans: found.scans, members: found.members, admitted: found.admittedScans})),
    warnings(found),
    h('div', {class: 'halves'}, change('refused', found.newlyRefused, kinds), change('admitted', found.newlyAdmitted, kinds)));
}

function warnings({warnings: told}) {
  return told.length > 0 && h('ul', {class: 'banner warn'}, told.map((one) => h('li', {}, one.text)));
}

function change(way, {scans, members, byReason, byWorkerKind}, kinds) {
  const tone = scans === 0 ? 'good' : way === 'refused' ? 'warn' : 'note';
  return h('div', {}, h('h3', {}, t(`trial.${way}`)), h('p', {class: `banner ${tone}`},
    scans ? t('trial.count', {members, scans}) : t(`trial.${way}.none`)),
    byReason.length > 0 && bars({title: t('trial.reasons'), format: count,
      rows: byReason.map((one) => ({label: word('reason', one.reason), value: one.scans}))}),
    byWorkerKind.length > 0 && bars({title: t('trial.kinds'), format: count,
      rows: byWorkerKind.map((one) => ({label: kinds.get(one.workerKind) ?? one.workerKind, value: one.members}))}));
}
