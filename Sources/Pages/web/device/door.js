// At a door, and at a guard's post: a code comes, the whole screen says whether the way is free. The guard also sees who it is, masked, and
// who came last.

import {announce, h, put} from '../shared/dom.js';
import {post} from '../shared/api.js';
import {named, t} from '../shared/text.js';
import {choosePlace} from './own-device.js';
import {DoorStation} from './door-station.js';
import {doorCode} from './door-code.js';
import {pinFault, pinPad} from './keypad.js';
import {lastScans} from './last-scans.js';
import {reader} from './reader.js';
import {codeReasons} from './reasons.js';
import {showResult} from './result.js';

// The door goes on while somebody looks at the settings.
let running;

async function stationOf(id) {
  if (running?.id !== id) {
    running?.stop.abort();
    const stop = new AbortController();
    running = {id, stop, told: () => undefined};
    running.station = new DoorStation(id, stop.signal, (command) => running.told(command));
    running.ready = running.station.start();
  }
  await running.ready;
  return running.station;
}

export default async function door({device, place, signal}) {
  const isGuard = device.profile === 'guard';
  const station = await stationOf(place.id);
  const inside = h('p', {class: 'soft'});
  const scans = isGuard ? lastScans(annul) : null;
  let direction = place.direction ?? 'in';

  async function annul(scan) {
    const answer = await post('/v1/access/annulments', {requestId: scan.requestID, accessPointId: place.id, reason: 'nobody_entered'});
    tellInside(answer.peopleInside);
  }
  function tellInside(people) {
    if (people !== undefined && people !== null) put(inside, t('door.inside', {n: people}));
  }

  async function decideAbout(code, pin) {
    const decision = await station.scan(code, direction, pin);
    const {answer} = decision;
    tellInside(answer?.peopleInside);
    scans?.add({...decision, direction, at: Date.now(), member: answer?.member});
    if (decision.isOpen) {
      showResult({
        kind: 'good', title: t(direction === 'in' ? 'door.open' : 'door.out'), lines: [who(answer?.member), alone(decision)],
        body: isGuard && answer?.member && identity(answer.member),
      });
      return;
    }
    const fault = pinFault(decision.reasons);
    showResult({
      kind: fault === 'missing' ? 'note' : 'bad', title: t(fault ? 'reader.pin.asked' : direction === 'in' ? 'door.shut' : 'door.refused'),
      lines: [...codeReasons(decision.reasons, answer?.reasons), who(answer?.member), alone(decision)],
      body: fault && pinPad((typed) => decideAbout(code, typed)),
    });
  }

  const who = (member) => isGuard && member?.maskedName;
  const alone = (decision) => decision.decider === 'controller' && !decision.reasons.includes('door.code_replayed') && t('door.alone');

  running.told = (command) => {
    if (command.kind === 'open') showResult({kind: 'good', title: t('door.open'), lines: [t('door.by_command')]});
    else if (command.kind !== 'sync') tellState(station.policy?.state);
  };
  const state = h('div', {role: 'status'});
  function tellState(value) {
    put(state, value === 'locked_down' ? h('p', {class: 'banner bad'}, t('door.locked_down'))
      : value === 'unlocked' ? h('p', {class: 'banner warn'}, t('door.unlocked')) : null);
  }
  tellState(station.policy?.state);

  const codes = reader({signal, read: (code) => decideAbout(code), hint: t(`door.hint.${direction}`), numbers: t('reader.day_code')});
  const choices = place.directions === 'both' && h('div', {class: 'segments', role: 'group', 'aria-label': t('door.direction')},
    ['in', 'out'].map((way) => h('button', {
      type: 'button', 'aria-pressed': String(way === direction), 'data-way': way, onclick: () => turn(way),
    }, t(way === 'in' ? 'door.in' : 'door.out_way'))));
  async function turn(way) {
    direction = way;
    for (const one of choices.children) one.setAttribute('aria-pressed', String(one.dataset.way === way));
    codes.tell(t(`door.hint.${way}`));
    announce(t(`door.hint.${way}`));
    await choosePlace({...place, direction: way});
  }
  return h('div', {class: 'work'},
    h('div', {class: 'head'},
      h('div', {}, h('h1', {}, place.name), h('p', {class: 'soft'}, named(place.stationZh, place.stationEn))), choices),
    h('div', {}, state, codes),
    h('section', {'aria-label': t('door.aside')}, inside, scans?.node, place.directions !== 'out' && doorCode(place.id, signal)));
}

function identity(member) {
  const facts = [t(`kind.${member.workerKind}`), member.organizationName, member.maskedPhone, t(`status.${member.status}`)];
  return h('p', {class: 'reason'}, facts.filter(Boolean).join(' · '));
}
