// What is known of a member, how sure it is, and what somebody else told differently.

import {h} from '../shared/dom.js';
import {call, get} from '../shared/api.js';
import {field} from '../shared/form.js';
import {table} from '../shared/table.js';
import {date, named, t} from '../shared/text.js';
import {pane} from '../shared/view.js';
import {ask, at, doing, who} from './service-parts.js';
import {may} from './rights.js';

/** The tab. */
export function attributesPart({path, catalogue, signal}) {
  const list = pane(async (own) => {
    const {items} = await get(`${path}/attributes`, {}, {signal: own});
    const known = new Map(items.map((one) => [one.attribute, one]));
    const rows = [...catalogue.values()].map((one) => ({one, found: known.get(one.attribute)}));
    const ordered = [...rows.filter((row) => row.found), ...rows.filter((row) => !row.found)];
    return table({
      label: t('member.tab.attributes'), csvName: 'member-attributes', signal, lines: 6, columns: columns(),
      load: async () => ({items: ordered}),
      actions: may('members.write') ? ({one, found}) => doing(t('attribute.change'), () => change(path, one, found, list), {kind: 'quiet'})
        : undefined,
    });
  }, {signal, lines: 10});
  return list;
}

const columns = () => [
  {key: 'name', title: t('attribute.name'), show: ({one}) => named(one.zh, one.en)},
  {key: 'value', title: t('attribute.value'), show: ({one, found}) => found?.current && valueText(one, found.current.value)},
  {key: 'evidence', title: t('attribute.evidence'), show: ({found}) => found?.current && h('span',
    {class: found.current.evidence === 'self_declared' ? 'tag' : 'tag good'}, t(`attribute.evidence.${found.current.evidence}`))},
  {key: 'on', title: t('attribute.on'), show: ({found}) => found?.current && date(found.current.evidencedOn)},
  {key: 'by', title: t('attribute.by'), show: ({found}) => found?.current && [who(found.current.recordedBy), ' · ',
    at(found.current.recordedAt)]},
  {key: 'differing', title: t('attribute.differing'), show: ({one, found}) => found?.differing.map((other) => h('div', {},
    `${valueText(one, other.value)}（${t(`attribute.evidence.${other.evidence}`)}）`))},
];

function valueText(one, value) {
  if (one.form === 'yes_or_no') return t(value === 'true' ? 'action.yes' : 'action.no');
  if (one.form === 'date') return date(value);
  const option = one.options.find(({code}) => code === value);
  return option ? named(option.zh, option.en) : value;
}

function change(path, one, found, list) {
  const value = found?.current?.value;
  const label = named(one.zh, one.en);
  const options = one.form === 'yes_or_no' ? [['true', t('action.yes')], ['false', t('action.no')]]
    : one.form === 'choice' ? one.options.map((option) => [option.code, named(option.zh, option.en)]) : undefined;
  const hints = {region: t('attribute.hint.region'), occupation: t('attribute.hint.occupation')};
  const today = new Date().toISOString().slice(0, 10);
  ask(label, {
    action: t('action.save'), text: t('attribute.change.text'), fields: [
      options ? field('value', label, {type: 'select', required: true, value, options})
      : one.form === 'date' ? field('value', label, {type: 'date', required: true, value})
      : field('value', label, {required: true, value, maxlength: 20, hint: hints[one.form]}),
      field('evidencedOn', t('attribute.on'), {type: 'date', value: today, max: today}),
    ],
    submit: async (values) => {
      await call('PUT', `${path}/attributes/${one.attribute}`, {json: values});
      list.reload();
    },
  });
}
