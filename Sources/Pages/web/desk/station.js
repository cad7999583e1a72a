// A station: its facts and hours, its doors and what they ask for, the doors' emergency states, who came and who was refused.

import {h} from '../shared/dom.js';
import {get, post, requestID, withQuery} from '../shared/api.js';
import {bars} from '../shared/charts.js';
import {field} from '../shared/form.js';
import {go} from '../shared/router.js';
import {count, named, span, t} from '../shared/text.js';
import {confirm, pane, toast} from '../shared/view.js';
import {ask, at, doing, facts, headed, section, trail, word} from './service-parts.js';
import {openingHours} from './station-hours.js';
import {scanTable} from './station-scans.js';
import {askStation} from './station-forms.js';
import {inside} from './station-parts.js';
import {may} from './rights.js';

/** The station. */
export default function station({params, signal, title}) {
  const path = `/v1/stations/${params.id}`;
  const view = pane(async (own) => {
    const [one, doors] = await Promise.all([get(path, {}, {signal: own}), get(`${path}/access-points`, {limit: 200}, {signal: own})]);
    const name = named(one.nameZh, one.nameEn);
    title(name);
    const doorNames = new Map(doors.items.map((door) => [door.id, door.name]));
    const mayWrite = may('stations.write');
    const again = (changed) => {
      if (changed?.warnings?.length) toast(changed.warnings.map((each) => each.text).join(' '), {kind: 'warn'});
      view.reload({quiet: true});
    };
    return h('div', {class: 'stack'}, trail(['/stations', t('stations.title')]), headed(name,
      mayWrite && doing(t('part.edit'), () => askStation(one, again)),
      h('a', {class: 'button', href: `#/alarms?stationId=${one.id}&state=all`}, t('alarms.title')),
      h('a', {class: 'button', href: `#/visitors?stationId=${one.id}`}, t('visitors.title'))),
    statePart(path, signal),
    h('div', {class: 'halves'}, section(t('station.facts'), stationFacts(one)), section(t('station.hours'), openingHours(one))),
    section(t('station.doors'), doors.items.length ? h('div', {class: 'grid'}, doors.items.map(doorPart))
      : h('p', {}, t('station.doors.none')),
      mayWrite && doing(t('door.add'), () => addDoor(path))),
    section(t('station.visitors'), pane(async (mine) => {
      const found = await get(`${path}/visitors`, {by: 'hour'}, {signal: mine});
      return found.items.length ? bars({title: t('station.visitors.title', {n: found.total.entries}),
        rows: found.items.map((row) => ({label: `${row.key}:00`, value: row.entries,
          href: `#${withQuery(`/stations/${one.id}/scans`, {from: found.from, to: found.to, hour: Number(row.key), result: 'entered'})}`}))}) : null;
    }, {signal, lines: 8, label: t('station.visitors'), empty: t('visitors.none')})),
    section(t('station.scans'), scanTable(one, doorNames, signal),
      h('p', {}, h('a', {href: `#/stations/${one.id}/scans`}, t('station.scans.all')))));
  }, {signal, lines: 14});
  return view;
}

function addDoor(path) {
  const key = requestID();
  ask(t('door.add'), {
    action: t('action.save'), text: t('door.add.text'), fields: field('name', t('door.name'),
      {required: true, maxlength: 100, hint: t('door.name.hint')}),
    submit: async (values) => go(`/doors/${(await post(`${path}/access-points`, values, {key})).id}`),
  });
}

function stationFacts(one) {
  return facts([
    [t('stations.kind'), word('stations.kind', one.kind)], [t('stations.address'), one.address],
    [t('station.position'), Number.isFinite(one.latitude) && h('span', {class: 'number'}, `${one.latitude}, ${one.longitude}`)],
    [t('station.status'), word('station.status', one.status)], [t('station.status.reason'), one.statusReason],
    [t('station.closedUntil'), one.closedUntil && at(one.closedUntil)],
    [t('station.capacity'), one.capacity && t(one.capacityEnforced ? 'station.capacity.kept' : 'station.capacity.told', {n: one.capacity})],
    [t('station.promised'), t(one.promisedOpen ? 'action.yes' : 'action.no')],
    [t('station.amenities'), one.amenities.map((amenity) => word('amenity', amenity)).join(t('station.comma'))],
    [t('station.warnings'), one.warnings?.length > 0 && h('ul', {}, one.warnings.map((warning) => h('li', {}, warning.text)))],
  ]);
}

/** How the doors stand as a whole, and what is done in an emergency: never by one touch alone. */
function statePart(path, signal) {
  const part = pane(async (own) => {
    const {doorState, ...one} = await get(path, {}, {signal: own});
    const tone = {normal: 'good', locked_down: 'bad', unlocked: 'bad'}[doorState];
    return h('div', {class: `banner ${tone}`},
      h('p', {}, h('b', {}, t(`station.state.${doorState}`)), ' ', t(`station.state.${doorState}.text`), ' ',
        t('station.inside', {text: inside(one)})),
      may('stations.operate') && h('div', {class: 'actions'},
        doorState !== 'normal' && change('normal'), doorState !== 'locked_down' && change('lock-down'),
          doorState !== 'unlocked' && change('unlock')));
  }, {signal, lines: 3, label: t('station.state')});

  function change(way) {
    return doing(t(`station.${way}`), async () => {
      const reason = field('reason', t('part.reason'), {required: true, maxlength: 500});
      const isGrave = way !== 'normal';
      const said = await confirm({title: t(`station.${way}`), text: t(`station.${way}.text`), action: t(`station.${way}`), danger: isGrave,
        fields: [reason], word: isGrave ? t(`station.${way}.word`) : undefined});
      if (said === null) return;
      await post(`${path}/${way}`, {reason: reason.querySelector('input').value.trim()});
      await part.reload();
    }, {kind: way === 'normal' ? 'primary' : 'danger'});
  }
  return part;
}

function doorPart({id, name, policy, deviceIds, warnings}) {
  const number = (list) => (list?.length ? list.length : 0);
  return h('article', {class: 'part'}, h('h3', {}, may('stations.write') ? h('a', {href: `#/doors/${id}`}, name) : name),
    h('p', {class: 'chips'}, h('span', {class: `tag ${policy.isOpen ? 'good' : 'bad'}`}, t(policy.isOpen ? 'door.open' : 'door.closed')),
      h('span', {class: 'tag'}, t(`door.directions.${policy.directions}`)),
      deviceIds.length === 0 && h('span', {class: 'tag warn'}, t('door.devices.none'))),
    openingHours(policy),
    facts([
      [t('door.organizations'), number(policy.organizationIds) ? t('door.organizations.some', {n: number(policy.organizationIds)})
        : t('door.everybody')],
      [t('door.attributes'), number(policy.attributes) ? t('door.attributes.some', {n: number(policy.attributes)}) : t('door.nothing')],
      [t('door.provisional'), t(policy.admitsProvisional ? 'action.yes' : 'action.no')],
      [t('door.passback'), word('door.passback', policy.antiPassback ?? 'none')],
      [t('door.interval'), policy.entryIntervalMinutes > 0 && span(policy.entryIntervalMinutes * 60)],
      [t('door.reentry'), policy.reentryMinutes > 0 && span(policy.reentryMinutes * 60)],
      [t('door.offline'), policy.offlineLimitHours && span(policy.offlineLimitHours * 3600)],
      [t('door.devices'), deviceIds.length > 0 && count(deviceIds.length)],
      [t('station.warnings'), warnings?.length > 0 && h('ul', {}, warnings.map((warning) => h('li', {}, warning.text)))],
    ]));
}
