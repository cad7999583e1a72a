// Campaigns of coupons with what their budgets are planned for.

import {h} from '../shared/dom.js';
import {get, post, requestID} from '../shared/api.js';
import {table} from '../shared/table.js';
import {go} from '../shared/router.js';
import {day, money, percent, t} from '../shared/text.js';
import {form} from '../shared/form.js';
import {sheet} from '../shared/view.js';
import {doing, headed, organizationOptions, stateTag} from './service-parts.js';
import {campaignFields} from './campaign-fields.js';
import {may} from './rights.js';

/** The list. */
export default function coupons({signal}) {
  return h('div', {class: 'stack'},
    headed(t('coupons.title'), h('a', {class: 'button', href: '#/venues'}, t('venue.list')),
      may('coupons.write') && doing(t('coupons.add'), () => add(signal), {kind: 'primary'})),
    h('p', {class: 'soft'}, t('coupons.text')),
    table({
      label: t('coupons.title'), csvName: 'coupon-campaigns', signal, empty: t('coupons.empty'), rowHref: (row) => `#/coupons/${row.id}`,
      columns: [
        {key: 'title', title: t('programs.name'), sort: true},
        {key: 'state', title: t('programs.state'), show: (row) => stateTag('campaign', row.pausedAt ? 'paused' : 'running')},
        {key: 'budgetFen', title: t('campaign.budget'), number: true, sort: true, show: (row) => money(row.budgetFen)},
        {key: 'plannedFen', title: t('campaign.planned'), number: true, sort: true, show: (row) => money(row.plannedFen)},
        {key: 'share', title: t('campaign.plannedShare'), number: true, sort: (row) => row.plannedFen / row.budgetFen,
          show: (row) => percent(row.plannedFen / row.budgetFen)},
        {key: 'faceFen', title: t('campaign.face'), number: true, sort: true, show: (row) => row.goods ?? money(row.faceFen)},
        {key: 'lastOn', title: t('campaign.validity'), sort: true,
          show: (row) => `${day(row.firstOn, {weekday: false})} – ${day(row.lastOn, {weekday: false})}`},
      ],
      load: (after, query, own) => get('/v1/coupon-campaigns', {limit: 50, after}, {signal: own}),
    }));
}

async function add(signal) {
  const organizations = await organizationOptions(signal);
  const key = requestID();
  const fields = campaignFields(undefined, organizations);
  const dialog = sheet(t('coupons.add'), form({
    action: t('action.save'), fields, submit: async (values) => {
      const made = await post('/v1/coupon-campaigns', fields.read(values), {key});
      dialog.close();
      go(`/coupons/${made.id}`);
    },
  }));
}
