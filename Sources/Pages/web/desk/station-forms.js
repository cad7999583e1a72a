// What is said of a station, asked for in a dialog: to make one, or to change it. What is emptied is taken away.

import {h} from '../shared/dom.js';
import {call, post, requestID, withQuery} from '../shared/api.js';
import {field} from '../shared/form.js';
import {t} from '../shared/text.js';
import {confirm, reasonList} from '../shared/view.js';
import {ask, fromInput, organizationOptions, toInput, versionOf} from './service-parts.js';
import {hoursFields} from './hours-editor.js';
import {tickBoxes} from './row-list.js';

const kinds = ['plain', 'smart', 'day_labour_market'];
const statuses = ['open', 'closed_temporarily', 'decommissioned'];
const amenities = ['water', 'microwave', 'charging', 'heating', 'cooling', 'first_aid', 'toilet', 'reading_corner', 'cold_locker',
  'mothers_room',
  'wifi', 'rest_seats', 'umbrella', 'medicine', 'television', 'printing'];
const mayBeEmpty = ['nameEn', 'address', 'latitude', 'longitude', 'capacity', 'statusReason', 'closedUntil'];

/** Sends a change; where it would let nobody in at all, that is asked about first. Gives undefined where it was called off. */
export async function sendUnlessGrave(method, path, options) {
  try {
    return await call(method, path, options);
  } catch (error) {
    if (!['station.hours_lock_everyone_out', 'access.policy_locks_everyone_out'].includes(error.code)) throw error;
    const text = h('div', {}, h('p', {}, t('station.grave')), reasonList(error));
    if (await confirm({title: t('station.grave.title'), text, action: t('station.grave.do'), danger: true}) === null) return undefined;
    return call(method, withQuery(path, {confirm: true}), options);
  }
}

/** Asks for a new station; `after(station)` runs once it is kept. */
export async function askNewStation(after) {
  const key = requestID();
  const organizations = await organizationOptions();
  const hours = hoursFields({});
  const offers = tickBoxes(t('station.amenities'), amenities.map((one) => [one, t(`amenity.${one}`)]), []);
  ask(t('stations.add'), {
    action: t('action.save'), fields: [
      field('organizationId', t('stations.organization'), {type: 'select', required: true, options: organizations}), named(), placed(),
        room(), offers, hours,
    ],
    submit: async (values) => after(await post('/v1/stations',
      {...values, organizationId: Number(values.organizationId), amenities: offers.read(), ...hours.read()}, {key})),
  });
}

/** Asks for all facts of a station. */
export function askStation(one, after) {
  const hours = hoursFields(one);
  const offers = tickBoxes(t('station.amenities'), amenities.map((each) => [each, t(`amenity.${each}`)]), one.amenities);
  ask(t('station.edit'), {
    action: t('action.save'), fields: [
      named(one), placed(one), room(one), offers, hours,
      h('h3', {}, t('station.status')),
      h('div', {class: 'fields'},
        field('status', t('station.status'), {type: 'select', value: one.status,
          options: statuses.map((each) => [each, t(`station.status.${each}`)])}),
        field('closedUntil', t('station.closedUntil'), {type: 'datetime-local', value: toInput(one.closedUntil) ?? '',
          hint: t('station.closedUntil.hint')})),
      field('statusReason', t('station.status.reason'), {maxlength: 200, value: one.statusReason ?? '',
        hint: t('station.status.reason.hint')}),
    ],
    submit: async (values) => {
      const emptied = Object.fromEntries(mayBeEmpty.map((name) => [name, values[name] ?? null]));
      const json = {...values, ...emptied, closedUntil: fromInput(values.closedUntil) ?? null, amenities: offers.read(), ...hours.read()};
      const changed = await sendUnlessGrave('PATCH', `/v1/stations/${one.id}`, {json, version: versionOf(one)});
      if (!changed) return false;
      after(changed);
      return true;
    },
  });
}

function named(one) {
  return [field('nameZh', t('stations.name.zh'), {required: true, maxlength: 100, value: one?.nameZh}),
    field('nameEn', t('stations.name.en'), {maxlength: 100, value: one?.nameEn ?? ''}),
    field('kind', t('stations.kind'), {type: 'select', value: one?.kind,
      options: kinds.map((each) => [each, t(`stations.kind.${each}`)])})];
}

function placed(one) {
  const degrees = (name, most) => field(name, t(`part.${name}`), {type: 'number', min: -most, max: most, step: 'any',
    value: one?.[name] ?? '',
    hint: t('part.degrees.hint')});
  return [field('address', t('stations.address'), {maxlength: 200, value: one?.address ?? ''}),
    h('div', {class: 'fields'}, degrees('latitude', 90), degrees('longitude', 180))];
}

function room(one) {
  return [
    field('capacity', t('station.capacity'), {type: 'number', min: 1, max: 100000, value: one?.capacity ?? '',
      hint: t('station.capacity.hint')}),
    field('capacityEnforced', t('station.capacityEnforced'), {type: 'checkbox', value: one?.capacityEnforced}),
    field('promisedOpen', t('station.promised'), {type: 'checkbox', value: one?.promisedOpen}),
  ];
}
