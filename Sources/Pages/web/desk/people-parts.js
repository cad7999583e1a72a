// What the views of people and organizations are put together of: names of organizations, words for members, asking for a reason.

import {h} from '../shared/dom.js';
import {all, get} from '../shared/api.js';
import {field} from '../shared/form.js';
import {named, t} from '../shared/text.js';
import {ask, facts} from './service-parts.js';

export const statuses = ['provisional', 'active', 'suspended', 'left'];
export const employmentForms = ['contract', 'dispatch', 'self_employed', 'platform', 'other'];

const colours = {
  provisional: 'warn', active: 'good', suspended: 'bad', left: '', pending: 'warn', approved: 'good', rejected: 'bad', withdrawn: '',
  open: 'warn', completed: 'good', refused: 'bad', cancelled: '', suspected: 'warn', merged: 'good', dismissed: 'note', gone: '',
  current: 'good', due: 'warn', overdue: 'bad', none: '', closed: '', running: 'note', finished: 'good', failed: 'bad',
};

/** A state in words, coloured: `area` is the beginning of the text's key. */
export function tag(area, value) {
  const colour = area === 'organization.state' && value === 'open' ? 'good' : colours[value] ?? '';
  return h('span', {class: `tag ${colour}`}, t(`${area}.${value}`));
}

/** The choices of a filter: everything, then each value in words. */
export function choices(area, values) { return [['', t('part.all')], ...values.map((one) => [one, t(`${area}.${one}`)])]; }

/** What an organization is called, by its number: a function that gives the name. */
export async function organizationNames(signal) {
  const known = new Map((await all('/v1/organizations', {}, {signal, max: 5000})).map((one) => [one.id, one.name]));
  return (id) => (id ? known.get(id) ?? t('people.organization', {number: String(id)}) : '');
}

/** The catalogue of what may be known of a member, by attribute. */
export async function attributeCatalogue(signal) {
  const {items} = await get('/v1/member-attributes', {}, {signal});
  return new Map(items.map((one) => [one.attribute, one]));
}

/** The word for a value that is one of an attribute's choices. */
export function optionName(catalogue, attribute, value) {
  const found = catalogue.get(attribute)?.options.find((one) => one.code === value);
  return found ? named(found.zh, found.en) : value;
}

/** An attribute's choices as options of a field. */
export function optionsOf(catalogue, attribute) {
  return (catalogue.get(attribute)?.options ?? []).map((one) => [one.code, named(one.zh, one.en)]);
}

/** A member, masked, as a link. */
export function memberLink(id, name) { return h('a', {href: `#/members/${id}`}, `${name ?? ''} #${id}`.trim()); }

/** Yes or no in words. */
export function yesNo(value) { return t(value ? 'action.yes' : 'action.no'); }

/** What a member's list shows of one, masked. */
export function memberFacts(one, names, catalogue) {
  return facts([
    [t('member.organization'), h('a', {href: `#/organizations/${one.organizationId}`}, names(one.organizationId))],
    [t('member.nationalId'), one.nationalId], [t('member.phone'), one.phone], [t('member.sex'), t(`member.sex.${one.sex}`)],
    [t('member.birthYear'), String(one.birthYear)], [t('member.workerKind'), optionName(catalogue, 'worker_kind', one.workerKind)],
    [t('member.employmentForm'), optionName(catalogue, 'employment_form', one.employmentForm)],
    [t('member.hardshipPost'), yesNo(one.hardshipPost)], [t('member.employerCheckup'), yesNo(one.employerCheckup)],
  ]);
}

/** Asks why, then does it: `submit(reason, values)`; what is refused stands beside the field. */
export function askReason(title, {text, action, danger, submit, maxlength = 500, fields = []}) {
  return ask(title, {
    text, action, danger, fields: [fields, field('reason', t('part.reason'), {required: true, maxlength, autocomplete: 'off'})],
    submit: (values) => submit(values.reason, values),
  });
}
