// Night schools: each with its terms, how full they are and how many come.

import {h} from '../shared/dom.js';
import {all, get, post, requestID} from '../shared/api.js';
import {bars} from '../shared/charts.js';
import {field} from '../shared/form.js';
import {go} from '../shared/router.js';
import {day, percent, t} from '../shared/text.js';
import {pane} from '../shared/view.js';
import {ask, doing, headed, organizationOptions} from './service-parts.js';
import {may} from './rights.js';

/** The list. */
export default function schools({signal}) {
  const body = pane(async (own) => {
    const items = await all('/v1/schools', {}, {signal: own});
    return items.length ? h('div', {class: 'stack'}, items.map((one) => schoolCard(one, signal))) : null;
  }, {signal, lines: 6, empty: t('schools.empty')});
  return h('div', {class: 'stack'},
    headed(t('schools.title'), h('a', {class: 'button', href: '#/teachers'}, t('teachers.title')),
      may('schools.write') && doing(t('schools.add'), () => add(signal), {kind: 'primary'})),
    h('p', {class: 'soft'}, t('schools.text')), body);
}

function schoolCard(one, signal) {
  return h('section', {class: 'card'}, h('h2', {}, h('a', {href: `#/schools/${one.id}`}, one.name)), pane(async (own) => {
    const terms = await all(`/v1/schools/${one.id}/terms`, {}, {signal: own});
    const reports = await Promise.all(terms.map((term) => get(`/v1/school-terms/${term.id}/figures`, {by: 'category'}, {signal: own})));
    return terms.length ? h('div', {},
      bars({title: t('schools.fill'), full: 1, format: (value) => percent(value), rows: terms.map((term, index) => ({
        label: `${term.name}（${day(term.startsOn, {weekday: false})}）`, href: `#/terms/${term.id}`,
        value: share(reports[index].total.seated, reports[index].total.capacity),
      }))})) : null;
  }, {signal, lines: 3, empty: t('schools.no_terms')}));
}

const share = (part, whole) => (whole ? part / whole : null);

async function add(signal) {
  const organizations = await organizationOptions(signal);
  const key = requestID();
  ask(t('schools.add'), {
    action: t('action.save'), fields: [
      field('name', t('schools.name'), {required: true, maxlength: 100}),
      field('organizationId', t('editor.organization'), {type: 'select', options: organizations, required: true}),
    ],
    submit: async (values) => {
      const made = await post('/v1/schools', {...values, organizationId: Number(values.organizationId)}, {key});
      go(`/schools/${made.id}`);
    },
  });
}
