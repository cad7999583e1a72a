// Rules in sentences: what a program's conditions say, for who reads them rather than writes them.

import {h} from '../shared/dom.js';
import {day, named, t} from '../shared/text.js';

/** One condition as a sentence. `tools` are {attributes, organizations}, as `ruleTools` gives them. */
export function conditionText(condition, tools) {
  const [kind, value] = Object.entries(condition)[0] ?? ['', undefined];
  if (kind === 'attribute') return attributeText(value, tools);
  if (kind === 'organization') return t('rule.say.organization',
    {names: value.map((id) => organizationName(id, tools)).join(t('rule.or'))});
  if (kind === 'age') return ageText(value);
  if (kind === 'sex') return t('rule.say.sex', {names: value.map((one) => t(`rule.sex.${one}`)).join(t('rule.or'))});
  if (kind === 'memberSince') return t('rule.say.memberSince', {day: day(value, {year: true, weekday: false})});
  if (kind === 'benefit') return t('rule.say.benefit', {family: value.family, period: value.period ?? t('rule.any_period')});
  if (kind === 'any') return value.map((one) => conditionText(one, tools)).join(t('rule.or'));
  if (kind === 'all') return value.map((one) => conditionText(one, tools)).join(t('rule.and'));
  if (kind === 'not') return t('rule.say.not', {text: conditionText(value, tools)});
  return JSON.stringify(condition);
}

function attributeText(value, tools) {
  const known = tools.attributes.find((one) => one.attribute === value.name);
  const name = known ? named(known.zh, known.en) : value.name;
  const evidence = value.evidence && value.evidence !== 'self_declared'
    ? t('rule.say.evidence', {evidence: t(`rule.evidence.${value.evidence}`)}) : '';
  if (value.in) return t('rule.say.attribute', {name,
    values: value.in.map((code) => valueText(known, code)).join(t('rule.or'))}) + evidence;
  return t('rule.say.between', {name, from: value.from ?? '…', to: value.to ?? '…'}) + evidence;
}

/** A value of an attribute in words. */
export function valueText(attribute, code) {
  const option = attribute?.options?.find((one) => one.code === code);
  if (option) return named(option.zh, option.en);
  return code === 'true' ? t('action.yes') : code === 'false' ? t('action.no') : code;
}

function organizationName(id, tools) { return (tools.organizations.find(([one]) => one === id)?.[1] ?? `#${id}`).trim(); }

function ageText({atLeast, atMost, on}) {
  const limits = [atLeast && t('rule.say.atLeast', {n: atLeast}),
    atMost && t('rule.say.atMost', {n: atMost})].filter(Boolean).join(t('rule.and'));
  return t('rule.say.age', {limits, day: on ? day(on, {year: true, weekday: false}) : '…'});
}

/** All rules as a list that can be read out at a meeting. */
export function rulesText(rules, tools) {
  const list = (conditions) => (conditions?.length ? h('ul', {}, conditions.map((one) => h('li', {}, conditionText(one, tools))))
    : h('p', {}, t('rule.everybody')));
  const classes = rules.classes ?? [];
  return h('div', {class: 'rules stack'},
    h('h3', {}, t('rule.eligibility')), list(rules.eligibility),
    classes.length > 0 && [h('h3', {}, t('rule.classes')), h('ol', {},
      classes.map((one) => h('li', {}, h('b', {}, one.name), list(one.conditions))), h('li', {}, t('rule.others')))],
    rules.points?.length > 0 && [h('h3', {}, t('rule.points')), h('ul', {}, rules.points.map((one) =>
      h('li', {}, h('b', {}, t('rule.say.points', {n: one.points})), list(one.conditions))))],
    rules.groups?.length > 0 && [h('h3', {}, t('rule.groups')), h('ul', {}, rules.groups.map((one) => {
      const floor = rules.floors?.find((each) => each.group === one.name);
      return h('li', {}, h('b', {}, one.name),
        floor && ` · ${t('rule.say.floor', {n: floor.size, kind: t(`rule.floor.${floor.kind ?? 'strict'}`)})}`,
        list(one.conditions));
    }))]);
}
