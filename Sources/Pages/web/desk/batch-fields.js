// The fields of a batch of insurance, and what the service takes of them.

import {h} from '../shared/dom.js';
import {field} from '../shared/form.js';
import {named, t} from '../shared/text.js';

/** Fields of a batch, filled with what is known. */
export function batchFields(batch, organizations, products) {
  return [
    field('title', t('editor.title'), {required: true, maxlength: 100, value: batch?.title}),
    field('organizationId', t('editor.organization'),
      {type: 'select', required: true, options: organizations, value: batch?.organizationId}),
    field('productId', t('batch.product'), {type: 'select', required: true,
      options: products.map((one) => [one.id, named(one.name, one.nameEn)]), value: batch?.productId}),
    field('kind', t('batch.kind'), {type: 'select', value: batch?.kind ?? 'gift',
      options: ['gift', 'mutual_aid'].map((one) => [one, t(`batch.kind.${one}`)])}),
    field('donor', t('batch.donor'), {required: true, maxlength: 100, value: batch?.donor}),
    h('div', {class: 'fields'},
      field('size', t('batch.size'), {type: 'number', min: 1, required: true, value: batch?.size}),
      field('premiumFen', t('batch.premium.yuan'), {type: 'number', min: 0, step: '0.01', required: true,
        value: batch && batch.premiumFen / 100}),
      field('contributionFen', t('batch.contribution.yuan'),
        {type: 'number', min: 0, step: '0.01', value: (batch?.contributionFen ?? 0) / 100}),
      field('coverFrom', t('batch.coverFrom'), {type: 'date', required: true, value: batch?.coverFrom}),
      field('coverTo', t('batch.coverTo'), {type: 'date', required: true, value: batch?.coverTo})),
  ];
}

/** The body of a batch from its fields. */
export function batchBody(values, rules) {
  return {
    ...values, organizationId: Number(values.organizationId), productId: Number(values.productId),
    premiumFen: Math.round(values.premiumFen * 100),
    contributionFen: Math.round((values.contributionFen ?? 0) * 100), rules,
  };
}
