// What is said of an insurer and of its products, asked for in dialogs: to add one, or to change it.

import {h} from '../shared/dom.js';
import {call, get, post, requestID} from '../shared/api.js';
import {field} from '../shared/form.js';
import {t} from '../shared/text.js';
import {ask, organizationOptions, workerKinds} from './service-parts.js';
import {rowList, tickBoxes} from './row-list.js';

const rosterFields = ['reference', 'name', 'nationalId', 'birthOn', 'sex', 'phone', 'workerKind', 'product', 'sumInsuredFen', 'premiumFen',
  'coverFrom', 'coverTo', 'number', 'beneficiary'];
const resultFields = ['reference', 'status', 'number', 'coverFrom', 'coverTo', 'reason'];

const yuan = (fen) => (fen === undefined ? undefined : fen / 100);
const fen = (amount) => (amount === undefined ? undefined : Math.round(amount * 100));
const words = (text) => (text ?? '').split(/[\s,，、]+/).filter(Boolean);

/** Asks for an insurer with the form of its files; a new one begins with the usual form. */
export async function askInsurer(id, after) {
  const key = requestID();
  const [one, organizations] = await Promise.all([id ? get(`/v1/insurers/${id}`) : undefined, organizationOptions()]);
  const form = one?.fileForm;
  const columns = (heading, items, names, area, pointer) => rowList(heading, items, (row) => [
    field('field', t('insurer.column.field'), {type: 'select', value: row.field,
      options: names.map((name) => [name, t(`${area}.${name}`)])}),
    field('title', t('insurer.column.title'), {required: true, maxlength: 40, value: row.title}),
  ], {pointer, add: t('insurer.column.add')});
  const roster = form && columns(t('insurer.roster'), form.roster, rosterFields, 'insurer.field', 'fileForm/roster');
  const result = form && columns(t('insurer.result'), form.result, resultFields, 'result.field', 'fileForm/result');
  ask(t(one ? 'insurer.edit' : 'insurer.add'), {
    action: t('action.save'), text: one ? undefined : t('insurer.add.text'), fields: [
      field('name', t('insurer.name'), {required: true, maxlength: 100, value: one?.name}),
      field('hotline', t('insurer.hotline'), {required: true, maxlength: 40, value: one?.hotline, hint: t('insurer.hotline.hint')}),
      field('organizationId', t('editor.organization'), {type: 'select', required: true, options: organizations,
        value: one?.organizationId}),
      form && h('details', {}, h('summary', {}, t('insurer.files')), h('p', {class: 'hint'}, t('insurer.files.hint')),
        field('encoding', t('insurer.encoding'), {type: 'select', value: form.encoding,
          options: [['utf-8', 'UTF-8'], ['gb18030', 'GB 18030']]}),
        roster, result,
        field('issuedWords', t('insurer.issuedWords'), {value: form.issuedWords.join(' '), hint: t('rule.codes.hint')}),
        field('rejectedWords', t('insurer.rejectedWords'), {value: form.rejectedWords.join(' '), hint: t('rule.codes.hint')})),
    ],
    submit: async ({encoding, issuedWords, rejectedWords, ...values}) => {
      const json = {...values, organizationId: Number(values.organizationId), fileForm: form && {
        encoding, roster: roster.read(), result: result.read(), issuedWords: words(issuedWords), rejectedWords: words(rejectedWords)}};
      after(one ? await call('PUT', `/v1/insurers/${one.id}`, {json, version: one.version}) : await post('/v1/insurers', json, {key}));
    },
  });
}

/** Asks for a product of one of the insurers. */
export async function askProduct(id, insurers, after) {
  const key = requestID();
  const [one, kinds] = await Promise.all([id ? get(`/v1/insurance-products/${id}`) : undefined, workerKinds()]);
  const choice = (name, label, values, usual) => field(name, t(label), {type: 'select', value: one?.[name] ?? usual,
    options: values.map((value) => [value, t(`${label}.${value}`)])});
  const covers = rowList(t('product.covers'), one?.covers ?? [], (row) => [
    field('name', t('programs.name'), {required: true, maxlength: 100, value: row.name}),
    field('nameEn', t('school.titleEn'), {maxlength: 100, value: row.nameEn ?? ''}),
    field('fen', t('product.cover.yuan'), {type: 'number', min: 0, step: '0.01', required: true, value: yuan(row.fen)}),
  ], {pointer: 'covers', add: t('product.covers.add')});
  const who = tickBoxes(t('product.workerKinds'), kinds, one?.workerKinds ?? [], {hint: t('product.workerKinds.hint')});
  ask(t(one ? 'product.edit' : 'product.add'), {
    action: t('action.save'), text: t('product.text'), fields: [
      field('insurerId', t('insurer.name'), {type: 'select', required: true, value: one?.insurerId,
        options: insurers.map((each) => [each.id, each.name])}),
      field('name', t('programs.name'), {required: true, maxlength: 100, value: one?.name}),
      field('nameEn', t('school.titleEn'), {maxlength: 100, value: one?.nameEn ?? ''}),
      h('div', {class: 'fields'},
        field('family', t('product.family'), {required: true, maxlength: 40, pattern: '[a-z][a-z0-9_]*', value: one?.family,
          hint: t('product.family.hint')}),
        field('sumInsuredFen', t('product.sum.yuan'), {type: 'number', min: 0.01, step: '0.01', required: true,
          value: yuan(one?.sumInsuredFen)}),
        field('ageMin', t('product.ageMin'), {type: 'number', min: 0, max: 120, required: true, value: one?.ageMin ?? 16}),
        field('ageMax', t('product.ageMax'), {type: 'number', min: 0, max: 120, required: true, value: one?.ageMax ?? 65}),
        field('sex', t('rule.kind.sex'), {type: 'select', value: one?.sex ?? '',
          options: [['', t('rule.everybody')], ...['female', 'male'].map((sex) => [sex, t(`rule.sex.${sex}`)])]}),
        field('acceptDays', t('product.acceptDays'), {type: 'number', min: 1, max: 366, value: one?.acceptDays ?? '',
          hint: t('product.acceptDays.hint')})),
      who, covers,
      h('div', {class: 'fields'}, choice('beneficiary', 'product.beneficiary', ['statutory', 'named'], 'statutory'),
        choice('onLeaving', 'product.onLeaving', ['keeps', 'ends'], 'keeps'),
          choice('onTransfer', 'product.onTransfer', ['keeps', 'ends'], 'keeps')),
      field('claimAdvice', t('product.claimAdvice'), {type: 'textarea', required: true, maxlength: 2000, value: one?.claimAdvice ?? ''}),
      field('claimAdviceEn', t('product.claimAdviceEn'), {type: 'textarea', maxlength: 2000, value: one?.claimAdviceEn ?? ''}),
    ],
    submit: async (values) => {
      const json = {...values, insurerId: Number(values.insurerId), sumInsuredFen: fen(values.sumInsuredFen), workerKinds: who.read(),
        covers: covers.read().map((row) => ({...row, fen: fen(row.fen)}))};
      after(one ? await call('PUT', `/v1/insurance-products/${one.id}`, {json, version: one.version})
        : await post('/v1/insurance-products', json, {key}));
    },
  });
}
