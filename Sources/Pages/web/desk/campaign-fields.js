// The fields of a campaign of coupons and of one of its rounds, and what the service takes of them. People write yuan, the service counts fen.

import {h} from '../shared/dom.js';
import {field} from '../shared/form.js';
import {t} from '../shared/text.js';
import {fromInput, toInput} from './service-parts.js';

const yuan = (fen) => (fen === undefined ? undefined : fen / 100);
const fen = (amount) => (amount === undefined ? undefined : Math.round(amount * 100));

/** Fields of a campaign, filled with what is known. */
export function campaignFields(campaign, organizations) {
  return [
    field('title', t('editor.title'), {required: true, maxlength: 100, value: campaign?.title}),
    field('organizationId', t('editor.organization'),
      {type: 'select', required: true, options: organizations, value: campaign?.organizationId}),
    h('div', {class: 'fields'},
      field('budgetFen', t('campaign.budget.yuan'), {type: 'number', min: 0, step: '0.01', required: true,
        value: yuan(campaign?.budgetFen)}),
      field('faceFen', t('campaign.face.yuan'), {type: 'number', min: 0, step: '0.01', required: true, value: yuan(campaign?.faceFen)}),
      field('minimumSpendFen', t('campaign.minimum.yuan'),
        {type: 'number', min: 0, step: '0.01', value: yuan(campaign?.minimumSpendFen) ?? 0}),
      field('cap', t('campaign.cap'), {type: 'number', min: 1, value: campaign?.cap ?? 1})),
    field('goods', t('campaign.goods'), {maxlength: 100, value: campaign?.goods ?? '', hint: t('campaign.goods.hint')}),
    h('div', {class: 'fields'},
      field('firstOn', t('campaign.firstOn'), {type: 'date', required: true, value: campaign?.firstOn}),
      field('lastOn', t('campaign.lastOn'), {type: 'date', required: true, value: campaign?.lastOn})),
  ];
}

/** The body of a campaign from its fields; `present` keeps what the fields do not show. */
export function campaignBody(values, present = {}) {
  const {weekdays, from, until, timeZone, offlineMax, offlineCharge} = present;
  return {
    weekdays, from, until, timeZone, offlineMax, offlineCharge, ...values,
    organizationId: Number(values.organizationId ?? present.organizationId),
    budgetFen: fen(values.budgetFen), faceFen: fen(values.faceFen), minimumSpendFen: fen(values.minimumSpendFen),
  };
}

/** Fields of a round. */
export function roundFields(round) {
  return [
    field('mode', t('round.mode'), {type: 'select', value: round?.mode ?? 'race',
      options: ['race', 'equal_start', 'draw'].map((one) => [one, t(`round.mode.${one}`)])}),
    h('div', {class: 'fields'},
      field('opensAt', t('round.opensAt'), {type: 'datetime-local', required: true, value: toInput(round?.opensAt)}),
      field('closesAt', t('round.closesAt'), {type: 'datetime-local', required: true, value: toInput(round?.closesAt)}),
      field('stock', t('round.stock'), {type: 'number', min: 1, required: true, value: round?.stock}),
      field('cap', t('round.cap'), {type: 'number', min: 1, value: round?.cap ?? 1}),
      field('equalStartSeconds', t('round.equalStart'),
        {type: 'number', min: 1, value: round?.equalStartSeconds, hint: t('round.equalStart.hint')}),
      field('leftover', t('round.leftover'), {type: 'select', value: round?.leftover ?? 'return',
        options: ['return', 'carry'].map((one) => [one, t(`round.leftover.${one}`)])})),
  ];
}

/** The body of a round from its fields. */
export function roundBody(values, rules) {
  return {
    ...values, opensAt: fromInput(values.opensAt), closesAt: fromInput(values.closesAt), rules,
    equalStartSeconds: values.mode === 'equal_start' ? values.equalStartSeconds ?? 60 : undefined,
  };
}
