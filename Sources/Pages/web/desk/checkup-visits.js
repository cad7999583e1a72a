// The van's visits: how full each session is by day and time, a day's list to print, and laying out sessions in bulk.

import {h} from '../shared/dom.js';
import {get, post, requestID} from '../shared/api.js';
import {heatmap} from '../shared/charts.js';
import {field} from '../shared/form.js';
import {clock, count, day, percent, t} from '../shared/text.js';
import {pane} from '../shared/view.js';
import {ask, doing, organizationOptions, section} from './service-parts.js';
import {may} from './rights.js';

/** The visits of a campaign. */
export function visitsPart(one, signal) {
  const path = `/v1/checkups/campaigns/${one.id}`;
  const body = pane(async (own) => {
    const {items} = await get(`${path}/visits`, {limit: 200}, {signal: own});
    return items.length ? h('div', {class: 'stack'}, items.map((visit) => visitPart(visit, one, signal))) : null;
  }, {signal, lines: 24, empty: t('checkup.visits.none')});
  return section(t('checkup.visits'), body,
    may('checkups.write') && doing(t('checkup.visits.add'), () => addVisit(path, signal, body)));
}

function visitPart(visit, one, signal) {
  const path = `/v1/checkups/visits/${visit.id}`;
  const body = pane(async (own) => {
    const {items} = await get(`${path}/sessions`, {}, {signal: own});
    return items.length ? fill(visit, items) : null;
  }, {signal, lines: 12, empty: t('checkup.sessions.none')});
  return h('article', {class: 'part'}, h('h3', {}, visit.site),
    h('p', {class: 'soft'}, `${visit.address} · ${day(visit.firstOn)}${visit.lastOn === visit.firstOn ? '' : ` – ${day(visit.lastOn)}`}`),
    body,
    h('div', {class: 'actions'}, h('span', {}, t('checkup.lists')), daysOf(visit).map((date) => h('a', {
      class: 'button quiet', href: `${path}/days/${date}/list`, target: '_blank', rel: 'noopener',
    }, day(date, {weekday: false}))),
    may('checkups.write') && doing(t('checkup.sessions.add'), () => addSessions(path, visit, body))));
}

function daysOf(visit) {
  const found = [];
  for (let date = Date.parse(visit.firstOn); date <= Date.parse(visit.lastOn)
    && found.length < 31; date += 86400000) found.push(new Date(date).toISOString().slice(0, 10));
  return found;
}

/** Seats taken by day and time. */
function fill(visit, sessions) {
  const days = [...new Set(sessions.map((one) => day(one.startsAt)))];
  const times = [...new Set(sessions.map((one) => clock(one.startsAt)))].sort();
  const at = (date, time) => sessions.find((one) => day(one.startsAt) === date && clock(one.startsAt) === time);
  const taken = sessions.reduce((sum, one) => sum + one.taken, 0);
  const seats = sessions.reduce((sum, one) => sum + one.capacity, 0);
  return h('div', {}, h('p', {class: 'number'}, t('checkup.seats', {taken, seats, share: percent(seats ? taken / seats : 0)})),
    heatmap({
      title: t('checkup.fill'), rows: days, columns: times, values: days.map((date) => times.map((time) => {
        const one = at(date, time);
        return one ? one.taken : null;
      })), format: count,
      hrefs: days.map((date) => times.map((time) => {
        const one = at(date, time);
        return one && `#/programs/${visit.campaignId}/people?show=awards&number=${one.number}`;
      })),
    }));
}

async function addVisit(path, signal, body) {
  const [packages, organizations] = await Promise.all([get(`${path}/packages`, {}, {signal}), organizationOptions(signal)]);
  const key = requestID();
  ask(t('checkup.visits.add'), {
    action: t('action.save'), fields: [
      field('packageId', t('checkup.packages'), {type: 'select', required: true, options: packages.items.map((one) => [one.id, one.name])}),
      field('hostOrganizationId', t('checkup.host'), {type: 'select', required: true, options: organizations}),
      field('forOrganizationId', t('checkup.for'), {type: 'select', options: [['', t('checkup.for.all')], ...organizations]}),
      field('site', t('checkup.site'), {required: true, maxlength: 100}),
      field('address', t('checkup.address'), {required: true, maxlength: 200}),
      field('firstOn', t('checkup.firstOn'), {type: 'date', required: true}),
      field('lastOn', t('checkup.lastOn'), {type: 'date', required: true}),
    ],
    submit: async (values) => {
      await post(`${path}/visits`, {
        ...values, packageId: Number(values.packageId), hostOrganizationId: Number(values.hostOrganizationId),
        forOrganizationId: values.forOrganizationId && Number(values.forOrganizationId),
      }, {key});
      body.reload();
    },
  });
}

function addSessions(path, visit, body) {
  const key = requestID();
  ask(t('checkup.sessions.add'), {
    action: t('action.save'), text: t('checkup.sessions.text', {from: day(visit.firstOn), to: day(visit.lastOn)}),
    fields: h('div', {class: 'fields'},
      field('from', t('checkup.from'), {type: 'time', required: true, value: '08:00'}),
      field('to', t('checkup.to'), {type: 'time', required: true, value: '11:30'}),
      field('everyMinutes', t('checkup.every'), {type: 'number', min: 1, required: true, value: 30}),
      field('capacity', t('session.capacity'), {type: 'number', min: 1, required: true, value: 36}),
      field('walkInPercent', t('checkup.walkIn'), {type: 'number', min: 0, max: 100, value: 10})),
    submit: async (values) => {
      await post(`${path}/sessions`, values, {key});
      body.reload();
    },
  });
}
