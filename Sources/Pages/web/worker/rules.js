// Rules of a program, a round or a batch in plain words: who may take part, who goes first, what is promised to whom.

import {h} from '../shared/dom.js';
import {get} from '../shared/api.js';
import {currentLanguage, day, named, t} from '../shared/text.js';

let known;

/** What attributes and their values are called; without network the rules still show what needs no names. */
export function attributeNames() {
  known ??= get('/v1/member-attributes').then((answer) => new Map(answer.items.map((one) => [one.attribute, one])), () => {
    known = undefined;
    return new Map();
  });
  return known;
}

function date(text) { return day(text, {year: true, weekday: false}); }

function valueName(entry, value) {
  const option = entry?.options.find((one) => one.code === value);
  if (option) return named(option.zh, option.en);
  return value === 'true' ? t('action.yes') : value === 'false' ? t('action.no') : value;
}

function attributeText({name, in: values, from, to, evidence}, names) {
  const entry = names.get(name);
  const called = entry ? named(entry.zh, entry.en) : t('rules.other');
  const proof = evidence && evidence !== 'self_declared' ? t(`rules.evidence.${evidence}`) : '';
  if (!values) {
    const limits = [from && t('rules.from', {day: date(from)}), to && t('rules.to', {day: date(to)})];
    return t('rules.is', {name: called, value: limits.filter(Boolean).join(t('rules.and'))}) + proof;
  }
  return t('rules.is', {name: called, value: values.map((value) => valueName(entry, value)).join(t('rules.or'))}) + proof;
}

/** A condition in words. */
export function conditionText(condition, names) {
  const [kind] = Object.keys(condition);
  const value = condition[kind];
  const inner = (parts) => parts.map((one) => conditionText(one, names)).join(t('rules.between'));
  if (kind === 'attribute') return attributeText(value, names);
  if (kind === 'age') {
    const on = date(value.on);
    if (value.atLeast && value.atMost) return t('rules.age_between', {from: value.atLeast, to: value.atMost, day: on});
    return value.atLeast ? t('rules.age_from', {from: value.atLeast, day: on}) : t('rules.age_to', {to: value.atMost, day: on});
  }
  if (kind === 'sex') return value.map((one) => t(`rules.sex.${one}`)).join(t('rules.or'));
  if (kind === 'memberSince') return t('rules.member_since', {day: date(value)});
  if (kind === 'organization') return t('rules.organization');
  if (kind === 'benefit') return t('rules.benefit', {period: value.period});
  if (kind === 'any') return t('rules.any', {parts: inner(value)});
  if (kind === 'all') return t('rules.all', {parts: inner(value)});
  if (kind === 'not' && value.benefit) return t('rules.no_benefit', {period: value.benefit.period});
  return t('rules.not', {part: conditionText(value, names)});
}

/** The rules as sections with headings of the third level. */
export function rulesInWords(rules, names, {shares = 'place'} = {}) {
  const text = (conditions) => conditions.map((one) => conditionText(one, names)).join(t('rules.between'));
  const groups = new Map((rules.groups ?? []).map((one) => [one.name, one]));
  const part = (title, items, tag = 'ul') => items.length > 0 && [h('h3', {}, title), h(tag, {}, items.map((one) => h('li', {}, one)))];
  const classes = rules.classes ?? [];
  const isNameEnough = currentLanguage() === 'zh';
  return h('div', {class: 'rules'},
    part(t('rules.who'), rules.eligibility.length ? rules.eligibility.map((one) => conditionText(one, names)) : [t('rules.everybody')]),
    part(t('rules.first'), [
      ...classes.map((one) => (isNameEnough && one.name ? one.name : text(one.conditions))),
      ...(classes.length ? [t('rules.others')] : []),
    ], 'ol'),
    part(t('rules.points'), (rules.points ?? []).map((one) => t('rules.point', {what: text(one.conditions), n: one.points}))),
    h('p', {}, t(classes.length || rules.points?.length ? 'rules.lottery_within' : 'rules.lottery')),
    part(t('rules.promised'), (rules.floors ?? []).map((one) => {
      const group = groups.get(one.group);
      return t(`rules.floor.${shares}`, {
        n: one.size, group: isNameEnough || !group ? one.group : `${one.group} (${text(group.conditions)})`,
      });
    })),
    rules.organizationCap && h('p', {}, t('rules.cap', {n: rules.organizationCap})),
    rules.mode === 'local' && h('p', {}, t('rules.local')));
}
