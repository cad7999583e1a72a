// One door: who is let in and when, tried on the entries of the last days before it is set, and the machines that serve it.

import {h} from '../shared/dom.js';
import {all, call, get, post} from '../shared/api.js';
import {field, form} from '../shared/form.js';
import {named, t} from '../shared/text.js';
import {act, confirm, pane, toast} from '../shared/view.js';
import {ask, doing, headed, section, trail} from './service-parts.js';
import {ruleTools} from './rule-editor.js';
import {policyFields} from './door-policy.js';
import {printPart} from './door-print.js';
import {trialPart} from './door-trial.js';
import {sendUnlessGrave} from './station-forms.js';
import {may} from './rights.js';

/** The view. */
export default function door({params, signal, title}) {
  const path = `/v1/access-points/${params.id}`;
  const view = pane(async (own) => {
    const one = await get(path, {}, {signal: own});
    const [station, tools, devices] = await Promise.all([get(`/v1/stations/${one.stationId}`, {}, {signal: own}), ruleTools(own),
      may('devices.read') ? all('/v1/devices', {}, {signal: own}) : []]);
    const stationName = named(station.nameZh, station.nameEn);
    title(`${one.name} · ${stationName}`);
    const again = () => view.reload({quiet: true});
    const fields = policyFields(one.policy, tools);
    const trial = trialPart(path, station, () => fields.read());
    return h('div', {class: 'stack'}, trail(['/stations', t('stations.title')], [`/stations/${station.id}`, stationName]), headed(one.name),
      h('p', {class: 'soft'}, t('door.text')),
      form({
        action: t('door.save'), fields: [fields, trial], submit: async () => {
          const changed = await sendUnlessGrave('PUT', `${path}/policy`, {json: fields.read(), version: one.version});
          if (!changed) return;
          toast(t('door.saved'));
          again();
        },
      }), h('div', {class: 'halves'}, devicesPart(path, one, devices, again), printPart(path, one, signal)));
  }, {signal, lines: 14});
  return view;
}

/** The machines that serve the door, put there and taken away. */
function devicesPart(path, one, devices, again) {
  const mayWrite = may('stations.write');
  const free = devices.filter((each) => ['door', 'guard'].includes(each.profile) && !each.revokedAt && !one.deviceIds.includes(each.id));
  return section(t('door.devices'), one.deviceIds.length ? h('ul', {class: 'plain'}, one.deviceIds.map((id) => h('li', {class: 'spread'},
    h('span', {}, `${devices.find((each) => each.id === id)?.name ?? t('part.device')} #${id}`),
    mayWrite && h('button', {type: 'button', class: 'quiet', onclick: (event) => act(event.target, async () => {
      if (await confirm({title: t('door.device.remove'), text: t('door.device.remove.text'), action: t('door.device.remove'),
        danger: true}) === null) return;
      await call('DELETE', `${path}/devices/${id}`);
      again();
    })}, t('door.device.remove'))))) : h('p', {class: 'soft'}, t('door.devices.none')),
  mayWrite && (free.length ? doing(t('door.device.add'), () => ask(t('door.device.add'), {
    action: t('door.device.add'),
    fields: field('deviceId', t('part.device'), {type: 'select', required: true,
      options: free.map((each) => [each.id, `${each.name} #${each.id}`])}),
    submit: async ({deviceId}) => { await post(`${path}/devices`, {deviceId: Number(deviceId)}); again(); },
  })) : h('p', {class: 'soft'}, t('door.device.pair'), ' ', h('a', {href: '#/devices'}, t('devices.title')))));
}
