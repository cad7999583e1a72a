// One member, everything masked: what is known, where they belong, what opens doors for them, and what may be done, with a reason.

import {h} from '../shared/dom.js';
import {get, post, requestID} from '../shared/api.js';
import {field} from '../shared/form.js';
import {go, place} from '../shared/router.js';
import {t} from '../shared/text.js';
import {pane} from '../shared/view.js';
import {ask, doing, headed, organizationOptions, section, trail} from './service-parts.js';
import {askReason, attributeCatalogue, memberFacts, memberLink, organizationNames, tag} from './people-parts.js';
import {attributesPart} from './member-attributes.js';
import {credentialsPart} from './member-credentials.js';
import {consentsPart, historyPart, membershipsPart, visitsPart} from './member-life.js';
import {unmaskPart} from './member-unmask.js';
import {may} from './rights.js';

const tabs = {
  attributes: attributesPart, memberships: membershipsPart, credentials: credentialsPart, visits: visitsPart, consents: consentsPart,
  history: historyPart,
};
const changes = {provisional: [], active: ['suspend', 'leave'], suspended: ['rejoin', 'leave'], left: ['rejoin']};

/** The view. */
export default async function member({params, signal, title}) {
  const path = `/v1/members/${params.id}`;
  const [names, catalogue] = await Promise.all([organizationNames(signal), attributeCatalogue(signal)]);
  const shown = Object.hasOwn(tabs, place().query.tab ?? '') ? place().query.tab : 'attributes';
  const head = pane(async (own) => {
    const one = await get(path, {}, {signal: own});
    title(`${one.name ?? t('member.title')} #${one.id}`);
    return h('div', {class: 'stack'},
      headed(`${one.name ?? t('members.forgotten')} #${one.id}`, tag('member.status', one.status), actions(path, one, names, head)),
      one.mergedInto && h('p', {class: 'banner warn'}, t('member.merged'), ' ', memberLink(one.mergedInto)),
      one.erasedAt && h('p', {class: 'banner'}, t('member.erased')),
      section(t('member.who'), memberFacts(one, names, catalogue), !one.erasedAt && may('members.unmask') && unmaskPart(path, signal)));
  }, {signal, lines: {narrow: 19, wide: 9}});
  const way = (key) => h('a', {href: `#/members/${params.id}?tab=${key}`, 'aria-current': shown === key ? 'page' : null},
    t(`member.tab.${key}`));
  return h('div', {class: 'stack'}, trail(['/members', t('members.title')]), head,
    h('nav', {class: 'tabs', 'aria-label': t('member.tabs')}, Object.keys(tabs).map(way)),
    tabs[shown]({path, id: Number(params.id), names, catalogue, signal}));
}

function actions(path, one, names, head) {
  if (!may('members.write') || one.mergedInto || one.erasedAt) return null;
  return [
    changes[one.status].map((change) => doing(t(`member.do.${change}`), () => changeStatus(path, one, change, names, head),
      {kind: change === 'rejoin' ? 'primary' : ''})),
    one.status === 'active' && doing(t('member.do.transfer'), () => transfer(path, one)),
  ];
}

async function changeStatus(path, one, change, names, head) {
  const key = requestID();
  const options = change === 'rejoin' ? await organizationOptions() : undefined;
  askReason(t(`member.do.${change}`), {
    text: t(`member.do.${change}.text`), action: t(`member.do.${change}`), danger: change !== 'rejoin',
    fields: options && field('organizationId', t('member.rejoin.where'),
      {type: 'select', options: [['', t('member.rejoin.same', {name: names(one.organizationId)})], ...options]}),
    submit: async (reason, values) => {
      const where = values.organizationId ? {organizationId: Number(values.organizationId)} : {};
      await post(`${path}/${change}`, {reason, ...where}, {key, version: one.version});
      head.reload();
    },
  });
}

async function transfer(path, one) {
  const key = requestID();
  const options = (await organizationOptions()).filter(([id]) => id !== one.organizationId);
  ask(t('member.do.transfer'), {
    text: t('member.do.transfer.text'), action: t('member.transfer.ask'),
    fields: field('organizationId', t('member.transfer.to'), {type: 'select', required: true, options}),
    submit: async (values) => {
      await post(`${path}/transfers`, {organizationId: Number(values.organizationId)}, {key});
      go(`/transfers?memberId=${one.id}`);
    },
  });
}
