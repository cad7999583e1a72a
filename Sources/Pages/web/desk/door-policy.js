// The fields of a door's policy: when it is open, whom it lets in, how often, and what it does without network.

import {h} from '../shared/dom.js';
import {field} from '../shared/form.js';
import {named, t} from '../shared/text.js';
import {section} from './service-parts.js';
import {hoursFields} from './hours-editor.js';
import {tickBoxes} from './row-list.js';
import {organizationPicker} from './rule-editor.js';

const numbers = {entryIntervalMinutes: [0, 10080], reentryMinutes: [0, 1440], resetHours: [1, 168], exitAfterHours: [1, 168],
  relayMilliseconds: [100, 60000], offlineLimitHours: [1, 720]};

/** The fields, filled with a policy; `read()` gives the policy. `tools` are those of rules. */
export function policyFields(policy, tools) {
  const hours = hoursFields(policy);
  const organizations = organizationPicker(policy.organizationIds ?? [], tools.organizations);
  const choices = attributeChoices(tools).map(([attribute, heading, options]) => [attribute,
    tickBoxes(heading, options, policy.attributes?.find((one) => one.attribute === attribute)?.oneOf ?? [])]);
  const boxOf = (name, label) => field('', t(label), {type: 'checkbox', value: policy[name]});
  const isOpen = boxOf('isOpen', 'door.isOpen');
  const provisional = boxOf('admitsProvisional', 'door.provisional');
  const choice = (name, label, values) => field('', t(label), {type: 'select', value: policy[name],
    options: values.map((one) => [one, t(`${label}.${one}`)])});
  const picks = {
    directions: choice('directions', 'door.directions', ['both', 'in', 'out']),
    antiPassback: choice('antiPassback', 'door.passback', ['none', 'soft', 'hard']),
    whenOfflineTooLong: choice('whenOfflineTooLong', 'door.whenOfflineTooLong', ['stay_shut', 'open_for_valid_codes']),
  };
  const amounts = Object.fromEntries(Object.entries(numbers).map(([name, [min, max]]) => [name, field('', t(`door.${name}`),
    {type: 'number', min, max, required: true, value: policy[name], hint: t(`door.${name}.hint`), 'data-pointer': name})]));
  const node = h('div', {class: 'stack'},
    section(t('door.part.when'), isOpen, h('div', {class: 'fields'}, picks.directions), hours),
    section(t('door.part.who'), h('h3', {}, t('door.organizations')), h('p', {class: 'hint'}, t('door.organizations.hint')), organizations,
      h('h3', {}, t('door.attributes')), h('p', {class: 'hint'}, t('door.attributes.hint')), choices.map(([, boxes]) => boxes),
        provisional),
    section(t('door.part.often'), h('div', {class: 'fields'}, amounts.entryIntervalMinutes, amounts.reentryMinutes, picks.antiPassback,
      amounts.resetHours, amounts.exitAfterHours)),
    section(t('door.part.machine'), h('div', {class: 'fields'}, amounts.relayMilliseconds, amounts.offlineLimitHours,
      picks.whenOfflineTooLong)));
  const ticked = (one) => one.querySelector('input').checked;
  node.read = () => {
    const {hours: weekly, exceptions} = hours.read();
    return {
      isOpen: ticked(isOpen), admitsProvisional: ticked(provisional), ...(weekly && {hours: weekly}), exceptions,
        organizationIds: organizations.read(),
      attributes: choices.map(([attribute, boxes]) => ({attribute, oneOf: boxes.read()})).filter((one) => one.oneOf.length),
      ...Object.fromEntries(Object.entries(picks).map(([name, one]) => [name, one.querySelector('select').value])),
      ...Object.fromEntries(Object.entries(amounts).map(([name, one]) => [name, Number(one.querySelector('input').value)])),
    };
  };
  return node;
}

function attributeChoices(tools) {
  const known = (code) => (tools.attributes.find((one) => one.attribute === code)?.options ?? []).map((one) => [one.code,
    named(one.zh, one.en)]);
  return [
    ['workerKind', t('member.workerKind'), known('worker_kind')], ['employmentForm', t('member.employmentForm'), known('employment_form')],
    ['sex', t('member.sex'), ['female', 'male'].map((one) => [one, t(`rule.sex.${one}`)])],
    ['hardshipPost', t('member.hardshipPost'), [['true', t('action.yes')], ['false', t('action.no')]]],
  ];
}
