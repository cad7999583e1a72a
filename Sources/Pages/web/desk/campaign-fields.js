// The fields of a campaign of coupons and of one of its rounds, and what the service takes of them. People write yuan, the service counts fen.

import {h} from '../shared/dom.js';
import {field} from '../shared/form.js';
import {t} from '../shared/text.js';
import {fromInput, toInput} from './service-parts.js';
import {tickBoxes} from './row-list.js';

const yuan = (fen) => (fen === undefined ? undefined : fen / 100);
const fen = (amount) => (amount === undefined ? undefined : Math.round(amount * 100));

const weekdays = [1, 2, 3, 4, 5, 6, 7];

/** Fields of a campaign, filled with what is known; `read(values)` gives its body. */
export function campaignFields(campaign, organizations) {
  const days = tickBoxes(t('campaign.weekdays'), weekdays.map((one) => [one, t(`weekday.${one}`)]), campaign?.weekdays ?? weekdays);
  const node = h('div', {},
    field('title', t('editor.title'), {required: true, maxlength: 100, value: campaign?.title}),
    field('organizationId', t('editor.organization'),
      {type: 'select', required: true, options: organizations, value: campaign?.organizationId}),
    h('div', {class: 'fields'},
      field('budgetFen', t('campaign.budget.yuan'), {type: 'number', min: 0, step: '0.01', required: true,
        value: yuan(campaign?.budgetFen)}),
      field('faceFen', t('campaign.face.yuan'), {type: 'number', min: 0, step: '0.01', required: true, value: yuan(campaign?.faceFen)}),
      field('minimumSpendFen', t('campaign.minimum.yuan'),
        {type: 'number', min: 0, step: '0.01', value: yuan(campaign?.minimumSpendFen) ?? 0}),
      field('cap', t('campaign.cap'), {type: 'number', min: 1, max: 100, value: campaign?.cap ?? 1})),
    field('goods', t('campaign.goods'), {maxlength: 100, value: campaign?.goods ?? '', hint: t('campaign.goods.hint')}),
    h('div', {class: 'fields'},
      field('firstOn', t('campaign.firstOn'), {type: 'date', required: true, value: campaign?.firstOn}),
      field('lastOn', t('campaign.lastOn'), {type: 'date', required: true, value: campaign?.lastOn}),
      field('from', t('campaign.from'), {type: 'time', value: campaign?.from ?? '00:00'}),
      field('until', t('campaign.until'), {type: 'time', value: campaign?.until === '24:00' ? '' : campaign?.until ?? '',
        hint: t('campaign.until.hint')})), days,
    h('div', {class: 'fields'},
      field('offlineMax', t('campaign.offlineMax'), {type: 'number', min: 0, max: 50, value: campaign?.offlineMax ?? 0,
        hint: t('campaign.offlineMax.hint')}),
      field('offlineCharge', t('campaign.offlineCharge'), {type: 'select', value: campaign?.offlineCharge ?? 'venue',
        options: ['venue', 'union'].map((one) => [one, t(`campaign.charge.${one}`)])})));
  node.read = (values) => ({
    ...values, organizationId: Number(values.organizationId), weekdays: days.read(), timeZone: campaign?.timeZone,
    budgetFen: fen(values.budgetFen), faceFen: fen(values.faceFen), minimumSpendFen: fen(values.minimumSpendFen),
  });
  return node;
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
