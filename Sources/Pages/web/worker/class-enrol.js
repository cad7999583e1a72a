// Asking for a seat in a course: one class, or several of the same course in the order of one's wishes. One request, one id: a repeat after
// a lost answer is the same request.

import {h, put} from '../shared/dom.js';
import {call, post, requestID} from '../shared/api.js';
import {serverNow} from '../shared/clock.js';
import {act, toast} from '../shared/view.js';
import {go, refresh} from '../shared/router.js';
import {t} from '../shared/text.js';
import {briefly, enrolmentTime} from './class-words.js';
import {countdown} from './countdown.js';
import {rankedList} from './ranked.js';

const most = 8;

/** The card for asking; for who is on the list already, the way there. */
export function enrolling(about, siblings, enrolment, signal) {
  if (enrolment) {
    return h('section', {class: 'card'}, h('p', {}, t(`class.have.${enrolment.state}`)),
      h('a', {class: 'button primary wide', href: `#/school/enrolments/${enrolment.id}`}, t('class.see')));
  }
  const time = enrolmentTime(about);
  if (!time.isOpen) {
    const isEarly = about.opensAt && Date.parse(about.opensAt) > serverNow();
    return h('section', {class: 'card'}, h('p', {}, time.text),
      isEarly && h('p', {}, t('program.opens_in'), ' ', h('strong', {}, countdown(about.opensAt, {signal, over: refresh}))));
  }
  return h('section', {class: 'card'}, h('h2', {}, t('class.enrol')), wishForm(about, siblings, [about.id], {
    action: wording(about), send: (json) => post('/v1/me/enrolments', json),
  }));
}

function wording(about) {
  if (about.drawId && about.seated === 0) return t('class.apply');
  return about.free > 0 ? t('class.take') : t('class.wait');
}

/** A form for wishes among the classes of one course. `send` gives an EnrolmentAnswer. */
export function wishForm(about, siblings, first, {action, send, done}) {
  const open = siblings.filter((one) => enrolmentTime(one).isOpen || first.includes(one.id));
  const byID = new Map(open.map((one) => [one.id, one]));
  const said = h('div', {role: 'alert'});
  const others = h('div', {});
  // The id belongs to these wishes: other wishes are another request.
  let requestId = requestID(serverNow());
  const entry = (one) => ({key: one.id, text: one.label, small: briefly(one)});
  const list = rankedList({
    max: most, label: t('class.wishes'), empty: t('class.wishes.empty'),
    items: first.filter((id) => byID.has(id)).map((id) => entry(byID.get(id))),
    changed: () => { requestId = requestID(serverNow()); drawOthers(); },
  });
  function drawOthers() {
    const rest = open.filter((one) => !list.has(one.id));
    put(others, rest.length > 0 && [h('h3', {}, t('class.others')), h('ul', {class: 'plain'}, rest.map((one) => h('li', {}, h('button', {
      type: 'button', class: 'wide', onclick: () => list.add(entry(one)),
    }, h('span', {class: 'grow'}, '＋ ', one.label, h('small', {class: 'below'}, briefly(one)))))))]);
  }
  drawOthers();
  const button = h('button', {
    type: 'button', class: 'primary wide large', onclick: (event) => act(event.currentTarget, async () => {
      put(said);
      const answer = await send({requestId, wishes: list.items.map((one) => one.key)});
      if (answer.result === 'refused') {
        put(said, h('div', {class: 'banner bad'}, h('p', {}, t('class.refused')),
          h('ul', {}, answer.reasons.map((one) => h('li', {'data-code': one.code}, reasonText(one, list, byID))))));
        requestId = requestID(serverNow());
        return;
      }
      toast(t(`class.result.${answer.result}`, {n: answer.place ?? 0}));
      if (done) done(answer);
      else go(`/school/enrolments/${answer.enrolmentId}`);
    }),
  }, action);
  return h('div', {}, open.length > 1 && [h('p', {class: 'soft'}, t('class.enrol.text')), list.node, others], said, button);
}

function reasonText(reason, list, byID) {
  const index = Number(reason.pointer?.match(/^\/wishes\/(\d+)/)?.[1]);
  const wish = list.items[index];
  return wish && list.items.length > 1 ? `${byID.get(wish.key).label}: ${reason.text}` : reason.text;
}

/** Other wishes in place of those of an application. */
export function replaceWishes(id, json) { return call('PUT', `/v1/me/enrolments/${id}/wishes`, {json}); }
