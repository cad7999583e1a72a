// A policy of one's own: its state in plain words, what can be done next, the certificate, and claims.

import {h} from '../shared/dom.js';
import {get, post} from '../shared/api.js';
import {sheet, toast} from '../shared/view.js';
import {field, form} from '../shared/form.js';
import {day, money, moment, t} from '../shared/text.js';
import {countdown} from './countdown.js';
import {doing} from './doing.js';
import {whole} from './early.js';
import {facts} from './explained.js';
import {claims} from './policy-claims.js';

const relations = ['spouse', 'child', 'parent', 'sibling', 'grandparent', 'grandchild', 'other'];
const refusals = ['not_needed', 'insured_elsewhere', 'data_wrong', 'other'];

/** A day with its year. */
function date(text) { return day(text, {year: true, weekday: false}); }

/** The view of one policy. */
export default async function policy({params, signal, title}) {
  const place = await whole(signal, async (one) => {
    const about = await get(`/v1/me/policies/${params.id}`, {}, {signal: one});
    title(about.product);
    const reload = () => place.reload();
    return h('div', {class: 'stack'},
      h('div', {class: 'spread'}, h('h1', {}, about.product),
        h('span', {class: about.covered ? 'tag good' : 'tag'},
          t(about.covered ? 'benefits.policy.covered' : `policy.state.${about.state}`))),
      h('section', {class: 'card'}, h('p', {}, h('strong', {}, about.text)), about.reason && h('p', {}, about.reason),
        about.actions.includes('accept') && about.acceptUntil
          && h('p', {class: 'banner warn'}, t('policy.accept_within'), ' ',
            h('strong', {}, countdown(about.acceptUntil, {signal: one, over: reload})),
            h('span', {class: 'below'}, t('offer.until', {time: moment(about.acceptUntil)}))),
        next(about, reload)),
      contract(about),
      (about.actions.includes('claim') || ['active', 'claimed', 'expired'].includes(about.state)) && claims(about, one));
  }, {lines: 8});
  return h('div', {}, h('a', {class: 'back', href: '#/benefits?tab=insurance'}, '‹ ', t('benefits.title')), place);
}

function next(about, reload) {
  const can = (action) => about.actions.includes(action);
  return h('div', {class: 'actions'},
    can('accept') && h('button', {type: 'button', class: 'primary', onclick: () => accept(about, reload)}, t('policy.accept')),
    can('certificate') && h('a', {class: 'button', href: `/v1/me/policies/${about.id}/certificate`, target: '_blank', rel: 'noopener'},
      t('policy.certificate')),
    can('refuse') && refuse(about, reload));
}

function accept(about, reload) {
  const person = h('details', {}, h('summary', {}, t('policy.beneficiary.name_one')),
    field('beneficiary/name', t('policy.beneficiary.name'), {maxlength: 60, autocomplete: 'off'}),
    field('beneficiary/relation', t('policy.beneficiary.relation'),
      {type: 'select', options: [['', '—'], ...relations.map((one) => [one, t(`policy.relation.${one}`)])]}),
    field('beneficiary/phone', t('policy.beneficiary.phone'), {type: 'tel', inputmode: 'numeric', autocomplete: 'off'}));
  const dialog = sheet(t('policy.accept'), form({
    action: t('policy.accept'), fields: [h('p', {}, t(about.kind === 'gift' ? 'policy.accept.gift' : 'policy.accept.aid')), person],
    submit: async (given) => {
      const [name, relation, phone] = ['name', 'relation', 'phone'].map((one) => given[`beneficiary/${one}`]);
      if ((name || phone) && !(name && relation)) person.open = true;
      const beneficiary = name || relation || phone ? {name: name ?? '', relation: relation ?? '', phone} : undefined;
      await post(`/v1/me/policies/${about.id}/accept`, {beneficiary});
      dialog.close();
      toast(t('policy.accepted'));
      reload();
    },
  }));
}

function refuse(about, reload) {
  const options = refusals.map((one) => [one, t(`policy.refusal.${one}`)]);
  const why = field('reason', t('policy.refuse.reason'), {type: 'select', options});
  const send = () => post(`/v1/me/policies/${about.id}/refuse`, {reason: why.querySelector('select').value});
  return doing(t('policy.refuse'), send, {
    kind: 'danger', ask: {title: t('policy.refuse.title'), text: t('policy.refuse.text'), fields: [why]}, done: t('policy.refused'),
    after: reload,
  });
}

function contract(about) {
  const person = about.beneficiary;
  return h('section', {class: 'card'}, h('h2', {}, t('policy.contract')),
    facts([
      [t('policy.cover'), `${date(about.coverFrom)} – ${date(about.coverTo)}`],
      [t('policy.sum'), money(about.sumInsuredFen)],
      [t('policy.number'), about.number && h('code', {}, about.number)],
      [t('policy.donor'), about.donor],
      [t('policy.insurer'), about.insurer],
      [t('policy.hotline'), h('a', {href: `tel:${about.hotline}`}, about.hotline)],
      [t('policy.beneficiary'), person ? `${person.name} · ${t(`policy.relation.${person.relation}`)}` : t('policy.statutory')],
      [t('policy.contribution'), about.contributionFen > 0
        && [money(about.contributionFen), about.contributionPaidAt ? t('policy.paid', {day: day(about.contributionPaidAt)})
          : t('policy.unpaid')].join(' · ')],
    ]),
    h('h3', {}, t('policy.covers')),
    h('ul', {}, about.covers.map((one) => h('li', {}, `${one.name} · ${money(one.fen)}`))),
    h('p', {class: 'soft'}, about.claimAdvice));
}
