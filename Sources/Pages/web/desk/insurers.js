// Insurers with how their files are written, and their products: what a policy covers, and for whom.

import {h} from '../shared/dom.js';
import {all, get} from '../shared/api.js';
import {table} from '../shared/table.js';
import {count, money, named, t} from '../shared/text.js';
import {act} from '../shared/view.js';
import {doing, headed, section, trail, word, workerKinds} from './service-parts.js';
import {organizationNames} from './people-parts.js';
import {askInsurer, askProduct} from './insurer-forms.js';
import {may} from './rights.js';

/** The view. */
export default async function insurers({signal}) {
  const [known, kinds, names] = await Promise.all([all('/v1/insurers', {}, {signal}), workerKinds(signal),
    may('organizations.read') ? organizationNames(signal) : String]);
  return h('div', {class: 'stack'}, trail(['/insurance', t('insurance.title')]), headed(t('insurers.title')),
    h('p', {class: 'soft'}, t('insurers.text')), insurersPart(names, signal), productsPart(known, new Map(kinds), signal));
}

function editButton(action) {
  return h('button', {type: 'button', class: 'quiet', onclick: (event) => act(event.target, action)}, t('part.edit'));
}

function insurersPart(names, signal) {
  const list = table({
    label: t('insurer.list'), csvName: 'insurers', signal, lines: {narrow: 12, wide: 3}, empty: t('insurer.none'),
    columns: [
      {key: 'name', title: t('insurer.name'), sort: true}, {key: 'hotline', title: t('insurer.hotline')},
      {key: 'organizationId', title: t('editor.organization'), show: (row) => names(row.organizationId)},
      {key: 'encoding', title: t('insurer.files'), show: (row) => t('insurer.files.said', {encoding: row.fileForm.encoding.toUpperCase(),
        roster: row.fileForm.roster.length, result: row.fileForm.result.length})},
    ],
    load: (after, query, own) => get('/v1/insurers', {limit: 50, after}, {signal: own}),
    actions: may('insurance.write') ? (row) => editButton(() => askInsurer(row.id, () => list.reload())) : undefined,
  });
  return section(t('insurer.list'), list, may('insurance.write') && doing(t('insurer.add'),
    () => askInsurer(undefined, () => list.reload())));
}

function productsPart(known, kinds, signal) {
  const insurer = new Map(known.map((one) => [one.id, one.name]));
  const list = table({
    label: t('product.list'), csvName: 'insurance-products', signal, lines: 3, empty: t('product.none'),
    filters: known.length > 1 ? [{name: 'insurer', label: t('insurer.name'), type: 'select', options: [['', t('part.all')], ...insurer]}]
      : [],
    columns: [
      {key: 'name', title: t('programs.name'), sort: true, show: (row) => named(row.name, row.nameEn)},
      {key: 'insurerId', title: t('insurer.name'), show: (row) => insurer.get(row.insurerId) ?? `#${row.insurerId}`},
      {key: 'family', title: t('product.family'), sort: true, show: (row) => word('product.family', row.family)},
      {key: 'sumInsuredFen', title: t('batch.sum'), number: true, sort: true, show: (row) => money(row.sumInsuredFen)},
      {key: 'ages', title: t('product.ages'), number: true, show: (row) => `${count(row.ageMin)}–${count(row.ageMax)}`},
      {key: 'workerKinds', title: t('product.workerKinds'),
        show: (row) => (row.workerKinds?.length ? row.workerKinds.map((kind) => kinds.get(kind) ?? kind).join('、') : t('rule.everybody'))},
      {key: 'covers', title: t('product.covers'),
        show: (row) => h('ul', {class: 'plain'}, (row.covers ?? []).map((one) => h('li', {},
          `${named(one.name, one.nameEn)} ${money(one.fen)}`)))},
    ],
    load: (after, query, own) => get('/v1/insurance-products', {limit: 50, after, ...query}, {signal: own}),
    actions: may('insurance.write') ? (row) => editButton(async () => askProduct(row.id, await insurersNow(), () => list.reload()))
      : undefined,
  });
  const insurersNow = () => all('/v1/insurers', {}, {signal});
  return section(t('product.list'), list, may('insurance.write')
    && doing(t('product.add'), async () => askProduct(undefined, await insurersNow(), () => list.reload())));
}
