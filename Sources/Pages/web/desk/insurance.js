// Batches of insurance that is given or joined, and insurer by insurer what was sent, issued, rejected, awaited and paid.

import {h} from '../shared/dom.js';
import {all, download, get, post, requestID} from '../shared/api.js';
import {table} from '../shared/table.js';
import {go} from '../shared/router.js';
import {form} from '../shared/form.js';
import {count, day, money, percent, t} from '../shared/text.js';
import {act, pane, sheet} from '../shared/view.js';
import {at, doing, headed, organizationOptions, section, stateTag} from './service-parts.js';
import {batchBody, batchFields} from './batch-fields.js';
import {ruleTools} from './rule-editor.js';
import {whoFields} from './program-who.js';
import {may} from './rights.js';

const states = ['draft', 'announced', 'run', 'confirmed', 'closed', 'cancelled'];

/** The list. */
export default function insurance({signal}) {
  return h('div', {class: 'stack'},
    headed(t('insurance.title'), h('a', {class: 'button', href: '#/insurance/insurers'}, t('insurers.title')),
      may('insurance.write') && doing(t('insurance.add'), () => add(signal), {kind: 'primary'})),
    h('p', {class: 'soft'}, t('insurance.text')),
    table({
      label: t('insurance.batches'), csvName: 'insurance-batches', signal, lines: {narrow: 24, wide: 8}, empty: t('insurance.empty'),
      rowHref: (row) => `#/insurance/${row.id}`,
      filters: [{name: 'state', label: t('programs.state'), type: 'select',
        options: [['', t('part.all')], ...states.map((one) => [one, t(`batch.state.${one}`)])]}],
      columns: [
        {key: 'title', title: t('programs.name'), sort: true},
        {key: 'state', title: t('programs.state'), sort: true, show: (row) => stateTag('batch', row.state)},
        {key: 'kind', title: t('batch.kind'), show: (row) => t(`batch.kind.${row.kind}`)},
        {key: 'size', title: t('batch.size'), number: true, sort: true, show: (row) => count(row.size)},
        {key: 'issued', title: t('batch.covered'), number: true, sort: covered, show: (row) => percent(covered(row) / row.size)},
        {key: 'rejected', title: t('policy.state.rejected'), number: true, sort: (row) => row.places.rejected,
          show: (row) => count(row.places.rejected)},
        {key: 'coverFrom', title: t('batch.cover'), sort: true,
          show: (row) => `${day(row.coverFrom, {weekday: false, year: true})} – ${day(row.coverTo, {weekday: false, year: true})}`},
      ],
      load: (after, query, own) => get('/v1/insurance-batches', {limit: 50, after, ...query}, {signal: own}),
    }),
    reconciliation(signal));
}

const covered = (row) => row.places.issued + row.places.accepted + row.places.active + row.places.claimed + row.places.expired;

function reconciliation(signal) {
  return section(t('insurance.reconciliation'), h('p', {class: 'soft'}, t('insurance.reconciliation.text')), pane(async (own) => {
    const insurers = await all('/v1/insurers', {}, {signal: own});
    return insurers.length ? h('div', {class: 'stack'},
      insurers.map((one) => h('article', {}, h('h3', {}, `${one.name} · ${one.hotline}`), insurerTable(one, signal),
      h('button', {type: 'button', class: 'quiet', onclick: (event) => act(event.target,
        () => download(`/v1/insurers/${one.id}/reconciliation`, `reconciliation-${one.id}.csv`, {accept: 'text/csv'}))},
        t('insurance.reconciliation.file'))))) : null;
  }, {signal, lines: 4}));
}

function insurerTable(one, signal) {
  const number = (key) => ({key, title: t(`reconciliation.${key}`), number: true, sort: true, show: (row) => count(row[key])});
  return table({
    label: one.name, signal, lines: 3, empty: t('insurance.empty'), rowHref: (row) => `#/insurance/${row.batchId}`,
    columns: [
      {key: 'title', title: t('programs.name'), sort: true},
      ...['size', 'sent', 'issued', 'rejected', 'outstanding', 'givenBack'].map(number),
      {key: 'outstandingSince', title: t('reconciliation.since'), show: (row) => (row.outstandingSince ? at(row.outstandingSince) : '')},
      {key: 'premiumsFen', title: t('reconciliation.premiums'), number: true, sort: true, show: (row) => money(row.premiumsFen)},
      {key: 'claimsPaidFen', title: t('reconciliation.paid'), number: true, sort: true,
        show: (row) => `${money(row.claimsPaidFen)} (${count(row.claimsPaid)})`},
    ],
    load: (after, query, own) => get(`/v1/insurers/${one.id}/reconciliation`, {}, {signal: own}),
  });
}

async function add(signal) {
  const [organizations, products, tools] = await Promise.all([organizationOptions(signal), all('/v1/insurance-products', {}, {signal}),
    ruleTools(signal)]);
  const key = requestID();
  const rules = whoFields({eligibility: []}, tools);
  const dialog = sheet(t('insurance.add'), form({
    action: t('action.save'), fields: [batchFields(undefined, organizations, products),
      h('details', {}, h('summary', {}, t('program.rules')), rules)],
    submit: async (values) => {
      const made = await post('/v1/insurance-batches', batchBody(values, rules.read()), {key});
      dialog.close();
      go(`/insurance/${made.id}`);
    },
  }));
}
