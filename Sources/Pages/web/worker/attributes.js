// What is known of me: each with what stands for it and what differs; what I declare myself can be changed.

import {h} from '../shared/dom.js';
import {call, get} from '../shared/api.js';
import {date, named, t} from '../shared/text.js';
import {pane, sheet, toast} from '../shared/view.js';
import {field, form} from '../shared/form.js';

/** The list; each entry opens a sheet in which a value is declared. */
export function attributes(signal) {
  const list = pane(async (inner) => {
    const [{items: known}, {items: catalogue}] = await Promise.all([
      get('/v1/me/attributes', {}, {signal: inner}), get('/v1/member-attributes', {}, {signal: inner}),
    ]);
    const told = new Map(known.map((one) => [one.attribute, one]));
    const open = catalogue.filter((one) => !told.has(one.attribute));
    const lines = (some) => h('ul', {class: 'plain lines'}, some.map((one) => h('li', {}, entry(one, told.get(one.attribute)))));
    return h('div', {}, lines(catalogue.filter((one) => told.has(one.attribute))),
      open.length > 0 && h('details', {}, h('summary', {}, t('attributes.more', {n: open.length})), lines(open)));
  }, {signal, lines: 14});

  function entry(one, found) {
    const current = found?.current;
    return h('div', {class: 'row'}, h('div', {class: 'grow'},
      h('span', {class: 'small'}, name(one)),
      h('div', {}, h('strong', {}, current ? shown(one, current.value) : t('attributes.unknown'))),
      current && h('div', {class: 'small'},
        h('span', {class: current.evidence === 'self_declared' ? 'tag' : 'tag good'}, t(`attributes.evidence.${current.evidence}`)),
        ' ', date(current.evidencedOn)),
      found?.differing.map((other) => h('p', {class: 'small'}, t('attributes.differs', {
        value: shown(one, other.value), evidence: t(`attributes.evidence.${other.evidence}`),
      })))),
    h('button', {
      type: 'button', class: 'quiet', 'aria-label': `${t('attributes.change')} ${name(one)}`, onclick: () => change(one, current),
    }, t('attributes.change')));
  }

  function change(one, current) {
    const isCertified = current && current.evidence !== 'self_declared';
    const dialog = sheet(name(one), isCertified && h('p', {class: 'banner warn'}, t('attributes.certified')), form({
      action: t('action.save'), fields: input(one, current?.value),
      submit: async ({value}) => {
        await call('PUT', `/v1/me/attributes/${one.attribute}`, {json: {value}});
        dialog.close();
        toast(t('attributes.saved'));
        list.reload();
      },
    }));
  }

  return list;
}

function name(one) { return named(one.zh, one.en); }

function shown(one, value) {
  if (one.form === 'yes_or_no') return t(value === 'true' ? 'action.yes' : 'action.no');
  if (one.form === 'date') return date(value);
  const option = one.options.find(({code}) => code === value);
  return option ? named(option.zh, option.en) : value;
}

function input(one, value) {
  const options = one.form === 'yes_or_no' ? [['true', t('action.yes')], ['false', t('action.no')]]
    : one.form === 'choice' ? one.options.map((option) => [option.code, named(option.zh, option.en)]) : undefined;
  if (options) return field('value', name(one), {type: 'select', required: true, value, options: [['', t('join.choose')], ...options]});
  const today = new Date().toISOString().slice(0, 10);
  if (one.form === 'date') return field('value', name(one), {type: 'date', required: true, value, max: today});
  return field('value', name(one), {required: true, value, maxlength: 20, inputmode: 'numeric', hint: t(`attributes.hint.${one.form}`)});
}
