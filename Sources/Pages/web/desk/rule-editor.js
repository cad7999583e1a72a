// Rules built by choosing: conditions of kinds, with attributes and organizations picked from what the service knows. Never JSON by hand.

import {h, put, freshID} from '../shared/dom.js';
import {get} from '../shared/api.js';
import {field} from '../shared/form.js';
import {named, t} from '../shared/text.js';
import {organizationOptions} from './service-parts.js';

/** What conditions are picked from: {attributes, organizations}. */
export async function ruleTools(signal) {
  const [attributes, organizations] = await Promise.all([get('/v1/member-attributes', {}, {signal}), organizationOptions(signal)]);
  return {attributes: attributes.items, organizations};
}

const kinds = ['attribute', 'organization', 'age', 'sex', 'memberSince', 'benefit', 'any', 'all', 'not'];

const fresh = {
  attribute: {name: 'worker_kind', in: [], evidence: 'self_declared'}, organization: [], age: {}, sex: ['female'], memberSince: '',
  benefit: {family: ''},
  any: [], all: [], not: {sex: ['male']},
};

/** A list of conditions; its `read()` gives them as the service takes them. */
export function conditionList(conditions, tools, {addText = t('rule.add')} = {}) {
  const rows = h('ul', {class: 'plain'});
  const add = (condition) => {
    const row = conditionRow(condition, tools, () => row.remove());
    rows.append(row);
    return row;
  };
  conditions.forEach(add);
  const node = h('div', {class: 'conditions'}, rows, h('button', {type: 'button', class: 'quiet', 'data-add': 'condition', onclick: () => {
    add({attribute: {...fresh.attribute}}).querySelector('select').focus();
  }}, `＋ ${addText}`));
  node.read = () => [...rows.children].map((row) => row.read());
  return node;
}

function conditionRow(condition, tools, remove) {
  const [first, value] = Object.entries(condition)[0];
  const body = h('div', {});
  let inner;
  const show = (kind, held) => {
    inner = editors[kind](held, tools);
    put(body, inner);
  };
  const kind = field('', t('rule.kind'), {
    type: 'select', value: first, options: kinds.map((one) => [one, t(`rule.kind.${one}`)]),
    onchange: (event) => show(event.target.value, structuredClone(fresh[event.target.value])),
  });
  show(first, value);
  const row = h('li', {class: 'condition'}, kind, body,
    h('button', {type: 'button', class: 'quiet', onclick: remove}, t('rule.remove')));
  row.read = () => ({[kind.querySelector('select').value]: inner.read()});
  return row;
}

/** A node with a way to read it. */
function readable(node, read) {
  node.read = read;
  return node;
}

const inputOf = (node) => node.querySelector('input, select');

/** Organizations picked one by one from [[id, name], …]; its `read()` gives their numbers. */
export function organizationPicker(value, organizations) {
  const chosen = new Set(value);
  const list = h('ul', {class: 'plain chips'});
  const nameOf = (id) => (organizations.find(([one]) => one === id)?.[1] ?? `#${id}`).trim();
  const draw = () => put(list, [...chosen].map((id) => h('li', {class: 'tag'}, nameOf(id), h('button', {type: 'button', class: 'icon',
    'aria-label': t('rule.remove.named', {name: nameOf(id)}), onclick: () => {
      chosen.delete(id);
      draw();
      pick.querySelector('select').focus();
    }}, '✕'))));
  const pick = field('', t('rule.organization'), {
    type: 'select', value: '', options: [['', t('rule.choose')], ...organizations], onchange: (event) => {
      if (event.target.value) chosen.add(Number(event.target.value));
      event.target.value = '';
      draw();
    },
  });
  draw();
  return readable(h('div', {}, list, pick), () => [...chosen]);
}

const editors = {
  attribute(value, tools) {
    const body = h('div', {});
    let values;
    const name = field('', t('rule.attribute'), {
      type: 'select', value: value.name, options: tools.attributes.map((one) => [one.attribute, named(one.zh, one.en)]),
      onchange: () => show({}),
    });
    const evidence = field('', t('rule.evidence'), {
      type: 'select', value: value.evidence ?? 'self_declared',
      options: ['self_declared', 'certified', 'verified'].map((one) => [one, t(`rule.evidence.${one}`)]),
    });
    function show(held) {
      const attribute = tools.attributes.find((one) => one.attribute === inputOf(name).value) ?? tools.attributes[0];
      values = attribute.form === 'date' ? range(held) : choices(attribute, held.in ?? []);
      put(body, values);
    }
    show(value);
    return readable(h('div', {class: 'fields'}, name, body, evidence),
      () => ({name: inputOf(name).value, ...values.read(), evidence: inputOf(evidence).value}));
  },
  organization: (value, tools) => organizationPicker(value, tools.organizations),
  age(value) {
    const least = field('', t('rule.atLeast'), {type: 'number', min: 0, max: 150, value: value.atLeast ?? ''});
    const most = field('', t('rule.atMost'), {type: 'number', min: 0, max: 150, value: value.atMost ?? ''});
    const on = field('', t('rule.on'), {type: 'date', value: value.on ?? new Date().toISOString().slice(0, 10)});
    return readable(h('div', {class: 'fields'}, least, most, on), () => ({
      ...(inputOf(least).value && {atLeast: Number(inputOf(least).value)}),
      ...(inputOf(most).value && {atMost: Number(inputOf(most).value)}), on: inputOf(on).value,
    }));
  },
  sex(value) {
    const choice = field('', t('rule.kind.sex'), {type: 'select', value: value[0],
      options: ['female', 'male'].map((one) => [one, t(`rule.sex.${one}`)])});
    return readable(choice, () => [inputOf(choice).value]);
  },
  memberSince(value) {
    const on = field('', t('rule.since'), {type: 'date', value});
    return readable(on, () => inputOf(on).value);
  },
  benefit(value) {
    const family = field('', t('rule.family'), {value: value.family ?? '', hint: t('rule.family.hint')});
    const period = field('', t('rule.period'), {value: value.period ?? ''});
    return readable(h('div', {class: 'fields'}, family, period),
      () => ({family: inputOf(family).value, ...(inputOf(period).value && {period: inputOf(period).value})}));
  },
  any: (value, tools) => conditionList(value, tools),
  all: (value, tools) => conditionList(value, tools),
  not(value, tools) {
    const list = conditionList([value], tools);
    return readable(list, ((read) => () => read()[0])(list.read));
  },
};

function range(value) {
  const from = field('', t('rule.from'), {type: 'date', value: value.from ?? ''});
  const to = field('', t('rule.to'), {type: 'date', value: value.to ?? ''});
  return readable(h('div', {class: 'fields'}, from, to), () => ({
    ...(inputOf(from).value && {from: inputOf(from).value}), ...(inputOf(to).value && {to: inputOf(to).value}),
  }));
}

function choices(attribute, chosen) {
  const options = attribute.form === 'yes_or_no' ? [['true', t('action.yes')], ['false', t('action.no')]]
    : attribute.options.map((one) => [one.code, named(one.zh, one.en)]);
  if (!options.length) {
    const text = field('', t('rule.codes'), {value: chosen.join(' '), hint: t('rule.codes.hint')});
    return readable(text, () => ({in: inputOf(text).value.split(/[\s,，、]+/).filter(Boolean)}));
  }
  const boxes = options.map(([code, text]) => {
    const id = freshID('v');
    return h('span', {class: 'line'}, h('input', {type: 'checkbox', id, value: code, checked: chosen.includes(code)}),
      h('label', {for: id}, text));
  });
  return readable(h('fieldset', {class: 'choices'}, h('legend', {}, t('rule.one_of')), boxes),
    () => ({in: boxes.map((box) => box.querySelector('input')).filter((box) => box.checked).map((box) => box.value)}));
}
