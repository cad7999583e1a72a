// What is said of a place where coupons are redeemed, asked for in a dialog: to add one, or to change it.

import {h} from '../shared/dom.js';
import {call, post, requestID} from '../shared/api.js';
import {field} from '../shared/form.js';
import {t} from '../shared/text.js';
import {ask, organizationOptions} from './service-parts.js';

/** Asks for a venue; `after(venue)` runs once it is kept. */
export async function askVenue(one, after) {
  const key = requestID();
  const organizations = await organizationOptions();
  const degrees = (name, most) => field(name, t(`part.${name}`), {type: 'number', min: -most, max: most, step: 'any',
    value: one?.[name] ?? '',
    hint: t('part.degrees.hint')});
  ask(t(one ? 'venue.edit' : 'venue.new'), {
    action: t('action.save'), fields: [
      field('name', t('venue.name'), {required: true, maxlength: 100, value: one?.name}),
      field('address', t('venue.address'), {required: true, maxlength: 200, value: one?.address}),
      field('organizationId', t('editor.organization'), {type: 'select', required: true, value: one?.organizationId, options: organizations,
        disabled: Boolean(one), hint: t('venue.organization.hint')}),
      h('div', {class: 'fields'}, degrees('latitude', 90), degrees('longitude', 180)),
    ],
    submit: async (values) => {
      const json = {...values, organizationId: one?.organizationId ?? Number(values.organizationId)};
      after(one ? await call('PUT', `/v1/venues/${one.id}`, {json}) : await post('/v1/venues', json, {key}));
    },
  });
}
