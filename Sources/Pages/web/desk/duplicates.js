// Two records that may be one person, side by side: a person decides, nothing is merged by itself.

import {h, put} from '../shared/dom.js';
import {get, post, requestID} from '../shared/api.js';
import {place} from '../shared/router.js';
import {date, t} from '../shared/text.js';
import {act, pane} from '../shared/view.js';
import {at, doing, headed, who} from './service-parts.js';
import {askReason, attributeCatalogue, memberLink, optionName, organizationNames, tag, yesNo} from './people-parts.js';
import {may} from './rights.js';

const states = ['suspected', 'dismissed', 'merged', 'gone'];

/** The list. */
export default async function duplicates({signal}) {
  const state = states.includes(place().query.state) ? place().query.state : 'suspected';
  const [names, catalogue] = await Promise.all([organizationNames(signal), attributeCatalogue(signal)]);
  const rows = factsOf(names, catalogue);
  const list = pane(async (own) => {
    const load = (after) => get('/v1/duplicates', {limit: 20, state, after}, {signal: own});
    const first = await load();
    if (!first.items.length) return null;
    let next = first.next;
    const pairs = h('div', {class: 'stack'}, first.items.map((one) => pairCard(one, rows, list)));
    const more = h('button', {type: 'button', hidden: !next, onclick: () => act(more, async () => {
      const page = await load(next);
      next = page.next;
      pairs.append(...page.items.map((one) => pairCard(one, rows, list)));
      more.hidden = !next;
    })}, t('action.more'));
    return h('div', {class: 'stack'}, pairs, more);
  }, {signal, lines: 12, empty: t('duplicates.none')});
  return h('div', {class: 'stack'}, headed(t('duplicates.title')), h('p', {class: 'soft'}, t('duplicates.text')),
    h('nav', {class: 'tabs', 'aria-label': t('duplicates.states')}, states.map((one) => h('a', {
      href: `#/duplicates?state=${one}`, 'aria-current': one === state ? 'page' : null}, t(`duplicates.state.${one}`)))), list);
}

function factsOf(names, catalogue) {
  return [
    [t('member.organization'), (one) => names(one.organizationId)], [t('member.nationalId'), (one) => one.nationalId],
    [t('member.phone'), (one) => one.phone], [t('member.sex'), (one) => t(`member.sex.${one.sex}`)],
    [t('member.birthYear'), (one) => String(one.birthYear)],
    [t('member.workerKind'), (one) => optionName(catalogue, 'worker_kind', one.workerKind)],
    [t('member.employmentForm'), (one) => optionName(catalogue, 'employment_form', one.employmentForm)],
    [t('member.hardshipPost'), (one) => yesNo(one.hardshipPost)], [t('members.since'), (one) => date(one.createdAt)],
  ];
}

function pairCard(pair, rows, list) {
  const [left, right] = pair.members;
  const isOpen = pair.state === 'suspected';
  const half = (one, other) => one && h('div', {class: 'card'},
    h('h3', {}, memberLink(one.id, one.name), ' ', tag('member.status', one.status)),
    h('dl', {class: 'facts'}, rows.map(([name, value]) => [h('dt', {}, name),
      h('dd', {class: other && value(one) !== value(other) ? 'differs' : null}, value(one) || '–',
        other && value(one) !== value(other) && h('span', {class: 'unseen'}, ` ${t('duplicates.differs')}`))])),
    isOpen && other && may('members.write') && doing(t('duplicates.keep', {number: String(one.id)}), () => merge(one, other, list)));
  const card = h('section', {class: 'card pair'},
    h('h2', {}, t('duplicates.pair', {number: String(pair.id)}), ' ', tag('duplicates.state', pair.state)),
    h('p', {class: 'soft'}, pair.reasons.map((one) => t(`duplicates.reason.${one}`)).join(' · '), ' · ',
      t('duplicates.found', {at: at(pair.foundAt)})),
    h('div', {class: 'halves'}, half(left, right), half(right, left)));
  if (isOpen && may('members.write')) card.append(h('div', {class: 'actions'}, doing(t('duplicates.dismiss'), () => dismiss(pair, list))));
  if (pair.decidedAt) {
    card.append(put(h('p', {class: 'soft'}), `${at(pair.decidedAt)} · ${who(pair.decidedBy)}`, pair.decisionReason && ` · ${pair.decisionReason}`));
  }
  return card;
}

function merge(kept, ended, list) {
  const key = requestID();
  askReason(t('duplicates.merge'), {
    text: t('duplicates.merge.text', {kept: `${kept.name ?? ''} #${kept.id}`, ended: `${ended.name ?? ''} #${ended.id}`}),
    action: t('duplicates.merge'), danger: true, maxlength: 200,
    submit: async (reason) => { await post(`/v1/members/${kept.id}/merge`, {duplicateId: ended.id, reason}, {key}); list.reload(); },
  });
}

function dismiss(pair, list) {
  const key = requestID();
  askReason(t('duplicates.dismiss'), {
    text: t('duplicates.dismiss.text'), action: t('duplicates.dismiss'), maxlength: 200,
    submit: async (reason) => { await post(`/v1/duplicates/${pair.id}/dismiss`, {reason}, {key}); list.reload(); },
  });
}
