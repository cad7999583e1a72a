// Entries of the audit as a table; one in full, with its place in the chain and the seal over it, in a sheet.

import {h} from '../shared/dom.js';
import {get} from '../shared/api.js';
import {table} from '../shared/table.js';
import {clock, day, hasText, t} from '../shared/text.js';
import {act, sheet} from '../shared/view.js';
import {facts, hash, who} from './service-parts.js';

/** What was done, in words: 'member.created' is told by what it was done to and what was done. */
export function actionText(action) {
  if (hasText(`audit.action.${action}`)) return t(`audit.action.${action}`);
  const [subject, done] = action.split('.');
  const what = hasText(`audit.what.${subject}`) ? t(`audit.what.${subject}`) : subject;
  return hasText(`audit.did.${done}`) ? t('audit.phrase', {what, did: t(`audit.did.${done}`)}) : h('code', {}, action);
}

/** What it was done to: a link where the desk has a page for it. */
export function subjectText(text) {
  const [kind, number] = text.split(':');
  const name = hasText(`audit.what.${kind}`) ? `${t(`audit.what.${kind}`)}${number ? ` #${number}` : ''}` : text;
  const pages = {member: 'members', organization: 'organizations', station: 'stations', program: 'programs', coupon_campaign: 'coupons',
    coupon_round: 'rounds', insurance_batch: 'insurance', school: 'schools', school_term: 'terms', school_class: 'classes',
    venue: 'venues', access_point: 'doors'};
  return pages[kind] && number ? h('a', {href: `#/${pages[kind]}/${number}`}, name) : name;
}

/** A detail that names a thing is told as its subject would be. */
function detailText(value) { return /^[a-z_]+:\d+$/.test(value) ? subjectText(value) : value; }

function when(text) { return `${day(text)} ${clock(text, {seconds: true})}`; }

/** The table; `fixed` is a query that always holds, `filters` as of a table. */
export function auditTable({signal, names, fixed = {}, filters = [], read = (query) => query}) {
  return table({
    label: t('audit.title'), csvName: 'audit', signal, filters, empty: t('audit.none'),
    columns: [
      {key: 'occurredAt', title: t('audit.at'), show: (row) => when(row.occurredAt)},
      {key: 'action', title: t('audit.done'), show: (row) => actionText(row.action)},
      {key: 'actor', title: t('audit.actor'), show: (row) => who(row.actor)},
      {key: 'subject', title: t('audit.subject'), show: (row) => subjectText(row.subject)},
      {key: 'organizationId', title: t('member.organization'), show: (row) => names(row.organizationId)},
      {key: 'reason', title: t('part.reason'), show: (row) => row.details.reason},
    ],
    load: (after, query, own) => get('/v1/audit-entries', {limit: 50, after, ...read(query), ...fixed}, {signal: own}),
    actions: (row) => h('button', {type: 'button', class: 'quiet', 'aria-label': t('audit.open', {number: String(row.id)}),
      onclick: (event) => act(event.target, () => open(row.id, names))}, t('audit.look')),
  });
}

async function open(id, names) {
  const one = await get(`/v1/audit-entries/${id}`);
  const details = Object.entries(one.details ?? {});
  sheet(t('audit.entry', {number: String(id)}),
    facts([
      [t('audit.at'), when(one.occurredAt)], [t('audit.done'), actionText(one.action)], [t('audit.code'), h('code', {}, one.action)],
      [t('audit.actor'), who(one.actor)], [t('audit.subject'), subjectText(one.subject)],
      [t('member.organization'), names(one.organizationId)], [t('audit.request'), one.requestId && h('code', {}, one.requestId)],
      ...details.map(([name, value]) => [hasText(`audit.detail.${name}`) ? t(`audit.detail.${name}`) : name,
        typeof value === 'string' ? detailText(value) : JSON.stringify(value)]),
    ]),
    h('h3', {}, t('audit.chain')),
    one.position ? facts([[t('audit.position'), String(one.position)], [t('audit.hash'), hash(one.hash)]])
      : h('p', {class: 'soft'}, t('audit.waiting')),
    h('h3', {}, t('audit.seal')),
    one.seal ? facts([
      [t('audit.seal.at'), when(one.seal.sealedAt)],
      [t('audit.seal.range'), t('audit.seal.of', {first: String(one.seal.firstPosition), last: String(one.seal.lastPosition)})],
      [t('audit.seal.hash'), hash(one.seal.lastHash)], [t('audit.seal.signature'), hash(one.seal.signature)],
      [t('audit.seal.line'), hash(one.seal.line)],
    ]) : h('p', {class: 'soft'}, t('audit.seal.none')),
    h('p', {class: 'soft'}, t('audit.chain.text')));
}
