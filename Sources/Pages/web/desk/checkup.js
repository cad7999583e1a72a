// One campaign of checkups: who applied, got a place and came; packages, the van's visits with their sessions, and reports that are ready.

import {h} from '../shared/dom.js';
import {get} from '../shared/api.js';
import {bars, grouped} from '../shared/charts.js';
import {field} from '../shared/form.js';
import {place} from '../shared/router.js';
import {t} from '../shared/text.js';
import {pane} from '../shared/view.js';
import {facts, headed, section, stateTag, trail} from './service-parts.js';
import {packagesPart, reportsPart} from './checkup-packages.js';
import {visitsPart} from './checkup-visits.js';

const breakdowns = ['class', 'floor', 'organization', 'session'];

/** The view. */
export default function checkup({params, signal, title}) {
  const path = `/v1/checkups/campaigns/${params.id}`;
  return pane(async (own) => {
    const one = await get(path, {}, {signal: own});
    title(one.title);
    return h('div', {class: 'stack'}, trail(['/checkups', t('checkups.title')]),
      headed(one.title, stateTag('program', one.state), h('a', {class: 'button', href: `#/programs/${one.id}`}, t('checkup.program')),
        h('a', {class: 'button', href: `#/programs/${one.id}/people`}, t('people.title'))),
      facts([[t('checkup.early'), one.earlyMinutes], [t('checkup.grace'), one.graceMinutes]]),
      figuresPart(path, signal), visitsPart(one, signal), packagesPart(one, signal), reportsPart(one));
  }, {signal, lines: 12});
}

function figuresPart(path, signal) {
  let by = breakdowns.includes(place().query.by) ? place().query.by : 'class';
  const body = pane(async (own) => {
    const report = await get(`${path}/figures`, {by}, {signal: own});
    const kinds = ['applied', 'placed', 'confirmed', 'attended', 'noShow'];
    const rows = [...report.items].sort((one, other) => other.applied - one.applied).slice(0, 12);
    return h('div', {class: 'halves'},
      bars({title: t('checkup.total'), rows: kinds.map((kind) => ({label: t(`checkup.${kind}`), value: report.total[kind]}))}),
      grouped({
        title: t(report.items.length > rows.length ? 'checkup.largest' : `checkup.by.${by}`, {n: rows.length}),
        series: ['applied', 'placed', 'attended'].map((kind) => t(`checkup.${kind}`)),
        groups: rows.map((row) => row.name), values: rows.map((row) => [row.applied, row.placed, row.attended]),
      }));
  }, {signal, lines: {narrow: 26, wide: 12}});
  const choice = field('', t('checkup.by'), {
    type: 'select', value: by, options: breakdowns.map((one) => [one, t(`checkup.by.${one}`)]),
    onchange: (event) => { by = event.target.value; body.reload(); },
  });
  return section(t('program.figures'), choice, body);
}
