// Opening a door with the code that it shows: scanned by the camera, by a scanner that types, or pasted. A request that got no answer is
// sent again as the very same request, so that nobody is counted twice.

import {h, put, announce} from '../shared/dom.js';
import {post, requestID, within} from '../shared/api.js';
import {offset, serverNow} from '../shared/clock.js';
import {t} from '../shared/text.js';
import {field, form} from '../shared/form.js';
import {cameraScanner, hasCamera, listenToScanner} from '../shared/scan.js';
import {failure} from '../shared/view.js';

/** A door's text: its number, then what only the service can check. A blank at the end is lost in some pastes. */
const doorText = /WSD1:([1-9]\d{0,17}):([0-9A-Z $%*+\-./:]{18,20})/;

/** Who stands before a door in the rain is told soon that there is no network. */
const longest = 8000;

function isClockFast(answer) { return answer.reasons.some((reason) => reason.code === 'door.occurred_in_future'); }

function momentOfAsking() { return {requestId: requestID(serverNow()), occurredAt: new Date(serverNow()).toISOString()}; }

export default function open({query, signal}) {
  const result = h('div', {});
  const ask = h('div', {class: 'stack'});
  let direction = query.direction === 'out' ? 'out' : 'in';
  let pending;
  let answered = {at: 0};

  function drawAsk() {
    const choice = (value) => h('button', {type: 'button', class: 'large', 'aria-pressed': String(direction === value), onclick: () => {
      direction = value;
      drawAsk();
      ask.querySelector('[aria-pressed="true"]').focus();
    }}, t(`open.${value}`));
    const typed = form({
      action: t('open.send'),
      fields: field('code', t('open.text'), {
        required: true, autocomplete: 'off', autocapitalize: 'characters', spellcheck: 'false', maxlength: 300, hint: t('open.text.hint'),
        // An address may bring a code along; only a hand opens a door with it, for whoever sends addresses may stand there.
        value: query.code,
      }),
      submit: async (values) => { await found(values.code); },
    });
    put(ask, h('div', {class: 'choice', role: 'group', 'aria-label': t('open.direction')}, choice('in'), choice('out')),
      hasCamera() && cameraScanner(found, {signal}),
      h('details', {class: 'card', open: Boolean(query.code) || !hasCamera()}, h('summary', {}, t('open.typed')), typed),
      h('a', {class: 'button wide large', href: '#/'}, t('open.other')));
  }

  async function found(text) {
    const code = text.toUpperCase().match(doorText);
    if (!code) return strange(text);
    const doorCode = `WSD1:${code[1]}:${code[2].padEnd(20)}`;
    // A scanner that reads twice means it once.
    if (answered.doorCode === doorCode && answered.direction === direction && Date.now() - answered.at < 5000) return undefined;
    // The same code and direction as what had no answer: the same request.
    if (pending?.body.doorCode !== doorCode || pending.body.direction !== direction) {
      pending = {door: code[1], body: {doorCode, direction, ...momentOfAsking()}};
    }
    return send();
  }

  async function send() {
    put(ask);
    put(result, h('p', {class: 'waiting', role: 'status'}, t('open.asking')));
    try {
      const answer = await post(`/v1/access-points/${pending.door}/open`, pending.body, {signal: within(signal, longest)});
      // The first answer tells the true time to a phone whose clock is wrong: the same wish once more, as of now.
      if (isClockFast(answer) && !pending.isCorrected && offset() < 0) {
        pending = {...pending, isCorrected: true, body: {...pending.body, ...momentOfAsking()}};
        return send();
      }
      answered = {...pending.body, at: Date.now()};
      pending = undefined;
      return show(answer);
    } catch (error) {
      if (error.name === 'AbortError') return undefined;
      const mayRepeat = !error.isFinal;
      if (!mayRepeat) pending = undefined;
      put(result, failure(error, mayRepeat ? send : undefined), !error.isOffline && again());
      result.querySelector('button')?.focus();
      if (error.isOffline) {
        put(ask, h('a', {class: 'button wide', href: '#/'}, t('open.own_code')),
          h('button', {type: 'button', class: 'wide quiet', onclick: begin}, t('open.again')));
      }
      return undefined;
    }
  }

  function show(answer) {
    const isOut = direction === 'out';
    const words = answer.open ? t(isOut ? 'open.opened_out' : 'open.opened_in') : t('open.shut');
    put(result, h('section', {class: answer.open ? 'verdict good' : 'verdict bad', tabindex: '-1'},
      h('p', {class: 'sign', 'aria-hidden': 'true'}, answer.open ? '✓' : '✕'), h('h2', {}, words),
      answer.reasons.length > 0 && h('ul', {class: 'plain'}, answer.reasons.map((reason) => h('li', {}, reason.text))),
      answer.open && answer.peopleInside >= 0 && h('p', {}, t('open.inside', {n: answer.peopleInside}))), again());
    result.firstChild.focus();
    navigator.vibrate?.(answer.open ? 120 : [90, 80, 90]);
    announce(`${words} ${answer.reasons.map((reason) => reason.text).join(' ')}`, {urgent: true});
  }

  function strange(text) {
    const isJoin = /^\s*WSJ1:/i.test(text);
    put(result, h('section', {class: 'banner warn', role: 'alert'}, h('p', {}, t(isJoin ? 'open.join_code' : 'open.no_door')),
      isJoin && h('p', {}, h('a', {href: '#/me/organization'}, t('organization.title')))));
  }

  function again() {
    return h('button', {type: 'button', class: 'wide large', onclick: begin}, t('open.again'));
  }

  function begin() {
    pending = undefined;
    put(result);
    drawAsk();
    ask.querySelector('button').focus();
  }

  drawAsk();
  listenToScanner(found, signal);
  return h('div', {class: 'stack'}, h('h1', {}, t('open.title')), result, ask);
}
