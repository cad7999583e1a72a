// Campaigns of checkups by a van that comes, and making a program one of them.

import {h} from '../shared/dom.js';
import {all, get, post, requestID} from '../shared/api.js';
import {table} from '../shared/table.js';
import {field} from '../shared/form.js';
import {go} from '../shared/router.js';
import {t} from '../shared/text.js';
import {ask, doing, headed, stateTag} from './service-parts.js';
import {may} from './rights.js';

/** The list. */
export default function checkups({signal}) {
  return h('div', {class: 'stack'},
    headed(t('checkups.title'), may('checkups.write') && doing(t('checkups.add'), () => add(signal), {kind: 'primary'})),
    h('p', {class: 'soft'}, t('checkups.text')),
    table({
      label: t('checkups.title'), csvName: 'checkups', signal, empty: t('checkups.empty'), rowHref: (row) => `#/checkups/${row.id}`,
      columns: [
        {key: 'title', title: t('programs.name'), sort: true},
        {key: 'state', title: t('programs.state'), sort: true, show: (row) => stateTag('program', row.state)},
        {key: 'earlyMinutes', title: t('checkup.early'), number: true, sort: true},
        {key: 'graceMinutes', title: t('checkup.grace'), number: true, sort: true},
        {key: 'program', title: t('program.title'), show: (row) => h('a', {href: `#/programs/${row.id}`}, t('checkup.program'))},
      ],
      load: (after, query, own) => get('/v1/checkups/campaigns', {limit: 50, after}, {signal: own}),
    }));
}

async function add(signal) {
  const programs = await all('/v1/programs', {state: 'draft'}, {signal});
  const key = requestID();
  ask(t('checkups.add'), {
    action: t('checkups.add'), text: t('checkups.add.text'), fields: [
      field('programId', t('program.title'), {type: 'select', required: true,
        options: programs.filter((one) => one.shares === 'place').map((one) => [one.id, one.title])}),
      field('earlyMinutes', t('checkup.early'), {type: 'number', min: 0, value: 60}),
      field('graceMinutes', t('checkup.grace'), {type: 'number', min: 0, value: 15}),
    ],
    submit: async (values) => {
      const made = await post('/v1/checkups/campaigns', {...values, programId: Number(values.programId)}, {key});
      go(`/checkups/${made.id}`);
    },
  });
}
