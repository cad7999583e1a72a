// Settling a period: what each venue is owed as it stands now, then the settlement with its file. What was settled is not settled again.

import {h} from '../shared/dom.js';
import {download, get, post, requestID} from '../shared/api.js';
import {table} from '../shared/table.js';
import {field, form} from '../shared/form.js';
import {count, money, t} from '../shared/text.js';
import {act, confirm, sheet} from '../shared/view.js';
import {at, doing, section, who} from './service-parts.js';
import {may} from './rights.js';

/** The settlements of a campaign. */
export function settlementsPart(one, signal) {
  const path = `/v1/coupon-campaigns/${one.id}`;
  const list = table({
    label: t('settlement.list'), csvName: `campaign-${one.id}-settlements`, signal, empty: t('settlement.none'),
    columns: [
      {key: 'from', title: t('settlement.period'), sort: true, show: (row) => `${at(row.from)} – ${at(row.until)}`},
      {key: 'redemptions', title: t('settlement.redemptions'), number: true, sort: true, show: (row) => count(row.redemptions)},
      {key: 'owedFen', title: t('settlement.owed'), number: true, sort: true, show: (row) => money(row.owedFen)},
      {key: 'createdAt', title: t('settlement.made'), sort: true, show: (row) => `${at(row.createdAt)} · ${who(row.createdBy)}`},
    ],
    load: (after, query, own) => get(`${path}/settlements`, {limit: 20, after}, {signal: own}),
    actions: (row) => h('button', {type: 'button', class: 'quiet', onclick: (event) => act(event.target,
      () => download(`${path}/settlements/${row.id}/file`, `settlement-${row.id}.csv`))}, t('settlement.file')),
  });
  return section(t('settlement.list'), list, may('coupons.write') && doing(t('settlement.new'), () => begin(path, list)));
}

function begin(path, list) {
  const today = new Date().toISOString().slice(0, 10);
  const dialog = sheet(t('settlement.new'), h('p', {}, t('settlement.text')), form({
    action: t('settlement.preview'), fields: h('div', {class: 'fields'},
      field('from', t('settlement.from'), {type: 'date', required: true}),
      field('until', t('settlement.until'), {type: 'date', required: true, value: today, hint: t('settlement.until.hint')})),
    submit: async (values) => {
      const period = {from: midnight(values.from), until: midnight(values.until)};
      const preview = await get(`${path}/settlement-preview`, period);
      dialog.close();
      show(path, period, preview, list);
    },
  }));
}

const midnight = (date) => new Date(`${date}T00:00:00+08:00`).toISOString();

const kinds = ['redeemed', 'annulled', 'refunded', 'twiceByVenue', 'twiceByUnion', 'beyondAllowance', 'beyondAllowanceUndone'];

function show(path, period, preview, list) {
  const key = requestID();
  const dialog = sheet(t('settlement.preview'), h('p', {}, `${at(period.from)} – ${at(period.until)}`),
    h('div', {class: 'table-box', role: 'region', tabindex: '0', 'aria-label': t('settlement.preview')}, h('table', {class: 'rows'},
      h('thead', {}, h('tr', {}, [t('venue.name'), ...kinds.map((kind) => t(`settlement.${kind}`)),
        t('settlement.owed')].map((text) => h('th', {scope: 'col'}, text)))),
      h('tbody', {}, [...preview.lines, preview.sum].map((line) => h('tr', {},
        h('th', {scope: 'row', 'data-label': t('venue.name')}, line.venueName),
        kinds.map((kind) => h('td', {class: 'number', 'data-label': t(`settlement.${kind}`)}, count(line[kind].count))),
        h('td', {class: 'number', 'data-label': t('settlement.owed')}, h('b', {}, money(line.owedFen)))))))),
    h('div', {class: 'actions'}, doing(t('settlement.settle'), async () => {
      if (await confirm({title: t('settlement.settle'), text: t('settlement.settle.text', {sum: money(preview.sum.owedFen)}),
        action: t('settlement.settle')}) === null) return;
      await post(`${path}/settlements`, period, {key});
      dialog.close();
      list.reload();
    }, {kind: 'primary'})));
}
