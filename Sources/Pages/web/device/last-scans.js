// Who came last, for a guard: masked, only while the page is open. An entry through which nobody went is taken back within 15 minutes.

import {h} from '../shared/dom.js';
import {clock, t} from '../shared/text.js';
import {act, confirm} from '../shared/view.js';
import {redraw} from './redraw.js';

const kept = 30;
const annulWithin = 15 * 60000;
let scans = [];

/** The list: {node, add(scan)}; `annul(scan)` takes one back. */
export function lastScans(annul) {
  const list = h('ul', {class: 'people', 'aria-label': t('scans.title')});
  const node = h('div', {class: 'card'}, h('h2', {}, t('scans.title')), list);

  function draw() {
    redraw(list, scans.length === 0 ? h('li', {class: 'soft'}, t('scans.none')) : scans.map(line));
  }
  function line(scan) {
    const isEntry = scan.isOpen && scan.direction === 'in' && scan.decider === 'server';
    const mayAnnul = isEntry && !scan.isAnnulled && Date.now() - scan.at < annulWithin;
    const state = scan.isAnnulled ? 'scans.annulled' : scan.isOpen ? `scans.${scan.direction}` : 'scans.refused';
    return h('li', {}, h('span', {class: 'number'}, clock(new Date(scan.at).toISOString(), {seconds: true})),
      h('span', {class: 'grow'}, scan.member?.maskedName ?? t('scans.somebody'), ' ',
        scan.member && h('span', {class: 'soft'}, t(`kind.${scan.member.workerKind}`))),
      h('span', {class: `tag ${scan.isOpen && !scan.isAnnulled ? 'good' : 'bad'}`}, t(state)),
      mayAnnul && h('button', {
        type: 'button', class: 'quiet', 'data-key': scan.requestID, onclick: (event) => takeBack(scan, event.currentTarget),
      }, t('scans.annul')));
  }
  async function takeBack(scan, button) {
    const answer = await confirm({title: t('scans.annul'), text: t('scans.annul.text'), action: t('scans.annul')});
    if (answer === null) return;
    await act(button, async () => {
      await annul(scan);
      scan.isAnnulled = true;
    }, {done: t('scans.annul.done')});
    draw();
  }
  draw();
  return {
    node,
    add(scan) {
      scans = [scan, ...scans].slice(0, kept);
      draw();
    },
  };
}
