// All programs by their state: what waits for a next step stands first.

import {h} from '../shared/dom.js';
import {get} from '../shared/api.js';
import {table} from '../shared/table.js';
import {count, t} from '../shared/text.js';
import {at, headed, stateTag, word} from './service-parts.js';
import {may} from './rights.js';

const states = ['draft', 'announced', 'open', 'closed', 'run', 'reviewed', 'published', 'ended', 'cancelled'];

/** The list. */
export default function programs({signal}) {
  return h('div', {class: 'stack'},
    headed(t('programs.title'), may('programs.write') && h('a', {class: 'button primary', href: '#/programs/new'}, t('program.new'))),
    h('p', {class: 'soft'}, t('programs.text')),
    table({
      label: t('programs.title'), csvName: 'programs', signal, empty: t('programs.empty'), rowHref: (row) => `#/programs/${row.id}`,
      filters: [{name: 'state', label: t('programs.state'), type: 'select',
        options: [['', t('part.all')], ...states.map((one) => [one, t(`program.state.${one}`)])]}],
      columns: [
        {key: 'title', title: t('programs.name'), sort: true},
        {key: 'state', title: t('programs.state'), show: (row) => stateTag('program', row.state), sort: (row) => states.indexOf(row.state)},
        {key: 'shares', title: t('programs.shares'), show: (row) => word('program.shares', row.shares)},
        {key: 'quota', title: t('programs.quota'), number: true, sort: true, show: (row) => count(row.quota)},
        {key: 'taken', title: t('programs.taken'), number: true, sort: true, show: (row) => count(row.taken)},
        {key: 'opensAt', title: t('programs.opens'), sort: true, show: (row) => at(row.opensAt)},
        {key: 'closesAt', title: t('programs.closes'), sort: true, show: (row) => at(row.closesAt)},
        {key: 'next', title: t('programs.next'), show: (row) => t(`program.next.${row.state}`)},
      ],
      load: (after, query, own) => get('/v1/programs', {limit: 50, after, ...query}, {signal: own}),
    }));
}
