// What an applicant fills in: fields and consents as the organization's code asks for them.

import {h} from '../shared/dom.js';
import {t} from '../shared/text.js';
import {field, values} from '../shared/form.js';
import {draft, keepDraft} from './draft.js';

/** What a person may agree to, each by itself. */
export const purposes = ['registry', 'checkup', 'insurance', 'marketing', 'whereabouts'];

const kinds = [
  'courier', 'food_rider', 'ride_hailing_driver', 'truck_driver', 'housekeeper', 'online_marketer', 'sanitation_worker', 'factory_worker',
  'other',
];
const forms = ['platform', 'self_employed', 'contract', 'dispatch', 'other'];

const inputs = {
  name: () => field('name', t('join.name'), {required: true, autocomplete: 'name', maxlength: 100}),
  nationalId: () => field('nationalId', t('join.national_id'), {
    required: true, autocomplete: 'off', autocapitalize: 'characters', maxlength: 40, hint: t('join.national_id.hint'),
  }),
  phone: () => field('phone', t('join.phone'), {
    type: 'tel', inputmode: 'tel', required: true, autocomplete: 'tel-national', maxlength: 40, hint: t('join.phone.hint'),
  }),
  workerKind: () => field('workerKind', t('join.worker_kind'), {type: 'select', required: true, options: choices('kind', kinds)}),
  employmentForm: () => field('employmentForm', t('join.employment_form'), {
    type: 'select', required: true, options: choices('form', forms),
  }),
};

function choices(prefix, codes) { return [['', t('join.choose')], ...codes.map((code) => [code, t(`${prefix}.${code}`)])]; }

/** The fields of a code's form. */
export function joinFields({fields, consents}) {
  const asked = fields?.map((one) => one.name) ?? Object.keys(inputs);
  return [asked.filter((name) => name in inputs).map((name) => inputs[name]()),
    h('fieldset', {}, h('legend', {}, t('join.consents')), consents.map(({purpose, isRequired}) =>
      field(`consent-${purpose}`, t(`purpose.${purpose}`), {type: 'checkbox', required: isRequired, hint: t(`purpose.${purpose}.text`)})))];
}

/** The form as it was when this tab was last closed over it; the number of the identity card is never kept, nor what was agreed to. */
export function drafted(form) {
  const names = ['name', 'phone', 'workerKind', 'employmentForm'];
  const typed = draft('join') ?? {};
  for (const name of names) {
    const input = form.elements[name];
    if (input && typed[name]) input.value = typed[name];
  }
  form.addEventListener('input', () => {
    const {name, phone, workerKind, employmentForm} = values(form);
    keepDraft('join', {name, phone, workerKind, employmentForm});
  });
  return form;
}

/** The body of an application from the form's values. */
export function joinValues(values) {
  const {name, nationalId, phone, workerKind, employmentForm} = values;
  const agreed = Object.keys(values).filter((key) => key.startsWith('consent-') && values[key]);
  const consents = agreed.map((key) => key.slice('consent-'.length));
  return {name, nationalId, phone, workerKind, employmentForm, consents};
}
