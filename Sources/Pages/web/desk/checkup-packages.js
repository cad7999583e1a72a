// What is examined, with what is added for kinds of workers; and the reports that came back from the hospital.

import {h} from '../shared/dom.js';
import {get, post, requestID} from '../shared/api.js';
import {field, form} from '../shared/form.js';
import {money, t} from '../shared/text.js';
import {pane, toast} from '../shared/view.js';
import {ask, doing, section, workerKinds} from './service-parts.js';
import {may} from './rights.js';

/** The packages of a campaign. */
export function packagesPart(one, signal) {
  const path = `/v1/checkups/campaigns/${one.id}/packages`;
  const body = pane(async (own) => {
    const [{items}, kinds] = await Promise.all([get(path, {}, {signal: own}), workerKinds(own)]);
    const names = new Map(kinds);
    return items.length ? h('div', {class: 'halves'}, items.map((each) => h('article', {},
      h('h3', {}, `${each.name} · ${money(each.valueFen)}`), h('p', {}, each.items.join('、')),
      each.addOns.length > 0 && h('ul', {},
        each.addOns.map((more) => h('li', {}, `${names.get(more.workerKind) ?? more.workerKind}：${more.items.join('、')}`)))))) : null;
  }, {signal, lines: 3, empty: t('checkup.packages.none')});
  return section(t('checkup.packages'), body, may('checkups.write') && one.state === 'draft'
    && doing(t('checkup.packages.add'), async () => {
    const key = requestID();
    ask(t('checkup.packages.add'), {
      action: t('action.save'), fields: [
        field('name', t('checkup.package.name'), {required: true, maxlength: 100}),
        field('items', t('checkup.package.items'), {type: 'textarea', required: true, hint: t('checkup.package.items.hint')}),
        field('valueYuan', t('checkup.package.value'), {type: 'number', min: 0, step: '0.01', required: true}),
      ],
      submit: async (values) => {
        await post(path, {name: values.name, items: lines(values.items), valueFen: Math.round(values.valueYuan * 100), addOns: []}, {key});
        body.reload();
      },
    });
  }));
}

const lines = (text) => text.split(/[\n、,，]+/).map((line) => line.trim()).filter(Boolean);

/** Saying whose reports are ready. */
export function reportsPart(one) {
  if (!may('checkups.write') || !['published', 'ended'].includes(one.state)) return null;
  let key = requestID();
  return section(t('checkup.reports'), h('p', {class: 'soft'}, t('checkup.reports.text')), form({
    action: t('checkup.reports.send'), fields: [
      field('members', t('checkup.reports.members'), {type: 'textarea', required: true, hint: t('checkup.reports.members.hint')}),
      h('div', {class: 'fields'},
        field('state', t('checkup.reports.state'), {
          type: 'select', options: ['ready', 'follow_up_needed', 'follow_up_done'].map((state) => [state, t(`checkup.report.${state}`)]),
        }),
        field('followUp', t('checkup.reports.followUp'), {
          type: 'select', options: [['', '—'], ...['collect_report', 'call_back', 'repeat_test', 'see_doctor']
            .map((way) => [way, t(`checkup.followUp.${way}`)])],
        }),
        field('until', t('checkup.reports.until'), {type: 'date'})),
    ],
    submit: async (values, element) => {
      const people = values.members.split(/[\s,，、]+/).map(Number).filter(Boolean);
      const answer = await post(`/v1/checkups/campaigns/${one.id}/reports`, {
        lines: people.map((memberId) => ({memberId, state: values.state, followUp: values.followUp, until: values.until})),
      }, {key});
      key = requestID();
      toast(t('checkup.reports.sent', {n: answer.recorded}));
      element.reset();
    },
  }));
}
