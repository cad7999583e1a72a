// Alarms of stations, the newest first: what is the matter, whether it still is, and who is on it.

import {h} from '../shared/dom.js';
import {get, post} from '../shared/api.js';
import {table} from '../shared/table.js';
import {field} from '../shared/form.js';
import {count, hasText, moment, span, t} from '../shared/text.js';
import {ask, at, headed, who, word} from './service-parts.js';
import {stationNames} from './station-parts.js';
import {may} from './rights.js';

const colours = {raised: 'bad', acknowledged: 'warn', closed: 'good'};

/** The list, with what can be done about each. */
export default async function alarms({signal}) {
  const names = await stationNames(signal);
  const list = table({
    label: t('alarms.title'), csvName: 'alarms', signal, empty: t('alarms.empty'),
    filters: [
      {name: 'state', label: t('alarms.state'), type: 'select', options: ['open', 'closed', 'all'].map((one) => [one, t(`alarms.state.${one}`)])},
      {name: 'stationId', label: t('alarms.station'), type: 'select', options: [['', t('part.all')], ...names]},
    ],
    columns: [
      {key: 'kind', title: t('alarms.kind'), show: (row) => word('alarm.kind', row.kind)},
      {key: 'state', title: t('alarms.state'), csv: (row) => t(`alarm.state.${row.state}`),
        show: (row) => h('span', {class: `tag ${colours[row.state]}`}, t(`alarm.state.${row.state}`))},
      {key: 'stationId', title: t('alarms.station'), csv: (row) => names.get(row.stationId),
        show: (row) => h('a', {href: `#/stations/${row.stationId}`}, names.get(row.stationId) ?? `#${row.stationId}`)},
      {key: 'raisedAt', title: t('alarms.raised'), sort: true, show: (row) => moment(row.raisedAt)},
      {key: 'cause', title: t('alarms.cause'),
        show: (row) => [causes(row.cause), t(row.causeLasts ? 'alarms.lasts' : 'alarms.over')].filter(Boolean).join(' · ')},
      {key: 'handled', title: t('alarms.handled'), show: handled},
    ],
    load: (after, query, own) => get('/v1/alarms', {limit: 50, after, ...query}, {signal: own}),
    actions: (row, host) => may('stations.operate') && row.state !== 'closed' && [
      row.state === 'raised' && step(row, host, 'acknowledge'), step(row, host, 'close'),
    ],
  });
  return h('div', {class: 'stack'}, headed(t('alarms.title')), h('p', {class: 'soft'}, t('alarms.text')), list);
}

function causes(cause) {
  return Object.entries(cause ?? {}).filter(([name]) => hasText(`alarm.cause.${name}`)).map(([name, value]) =>
    t(`alarm.cause.${name}`, {value: name.endsWith('Seconds') ? span(value) : name === 'since' ? moment(value) : count(value)})).join(', ');
}

function handled(row) {
  const lines = [
    row.acknowledgedAt && [t('alarm.by.acknowledged', {who: who(row.acknowledgedBy), at: at(row.acknowledgedAt)}), row.acknowledgeNote],
    row.closedAt && [t('alarm.by.closed', {who: who(row.closedBy), at: at(row.closedAt)}), row.closeNote],
  ];
  return lines.filter(Boolean).flat().filter(Boolean).join(' · ') || '—';
}

function step(row, host, name) {
  return h('button', {type: 'button', onclick: () => ask(t(`alarms.${name}`), {
    text: word('alarm.kind', row.kind), action: t(`alarms.${name}`), fields: field('note', t(`alarms.${name}.note`), {maxlength: 500}),
    submit: async (values) => {
      await post(`/v1/alarms/${row.id}/${name}`, values);
      await host.reload();
    },
  })}, t(`alarms.${name}`));
}
