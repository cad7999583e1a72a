// At a checkup van: people check in by their code, wait without a place, and are called. Without network their code is checked by the keys
// that were kept, they are found in the day's list, and what was done is entered afterwards with its true time, as from paper.

import {h} from '../shared/dom.js';
import {requestID} from '../shared/api.js';
import {clock, day, t} from '../shared/text.js';
import {act, sheet, showRefusal, toast} from '../shared/view.js';
import {pinFault, pinPad} from './keypad.js';
import {ask, askAgain, keepTelling, resting} from './questions.js';
import {add, acknowledge} from './journal.js';
import {postWithin} from './link.js';
import {reader} from './reader.js';
import {showResult} from './result.js';
import {DayList, dayToday} from './day-list.js';
import {dayListView} from './day-list-view.js';
import {VanCodes} from './van-codes.js';
import {corrected, now, timeText} from './true-time.js';

export default async function van({place, signal}) {
  const base = `/v1/checkups/visits/${place.id}`;
  const list = new DayList(place.id);
  const known = new VanCodes();
  await Promise.all([list.open(), known.open()]);
  let way = 'check-ins';
  const people = dayListView(list, (line) => byHand(line));
  const codes = reader({signal, read: (code) => scan(code), hint: t('van.hint.check-ins'), numbers: t('reader.card')});

  async function scan(code, pin, target = way) {
    const {answer, entry} = await ask(target, `${base}/${target}`, {code}, {pin});
    if (answer) {
      tell(answer, code);
      list.refresh().then(people.draw).catch(() => undefined);
    } else await alone(entry, target);
  }

  const times = (session) => t('van.session', {from: clock(session.startsAt), to: clock(session.endsAt)});

  function tell(answer, code) {
    const who = [answer.member?.maskedName, answer.member && t(`kind.${answer.member.workerKind}`), answer.member?.organizationName]
      .filter(Boolean).join(' · ');
    if (answer.outcome === 'checked_in') {
      const {session, package: examined} = answer;
      const items = [...(examined?.items ?? []), ...(examined?.addOnItems ?? [])];
      showResult({
        kind: 'good', title: t('van.checked_in'), seconds: 8,
        lines: [who, session && times(session), examined?.name, items.join(' · ')],
      });
    } else if (answer.outcome === 'waiting') {
      showResult({kind: 'note', title: t('van.waiting'), lines: [t('van.ahead', {n: answer.ahead ?? 0}), who]});
    } else {
      const has = (...names) => answer.reasons.some((reason) => names.includes(reason.code));
      const fault = pinFault(answer.reasons.map((reason) => reason.code));
      showResult({
        kind: fault === 'missing' ? 'note' : 'bad', title: t(fault ? 'reader.pin.asked' : 'van.refused'),
        lines: [...answer.reasons.map((reason) => reason.text), who],
        actions: has('checkup.no_place', 'checkup.place_given_away', 'checkup.place_given_back')
          ? [[t('van.to_waiting'), () => scan(code, undefined, 'walk-ins').catch(showRefusal)]] : [],
        body: fault && pinPad((typed) => scan(code, typed)),
      });
    }
  }

  // Without network.

  async function alone(entry, target) {
    const {memberID, found, reason} = await known.judge(entry.body.code, entry.moment);
    const line = memberID !== undefined && list.find(memberID);
    if (reason === 'alone.time_unknown' && !entry.hadPIN) {
      await acknowledge([entry]);
      showResult({
        kind: 'note', title: t('van.alone.time'), lines: [t('van.alone.time.way'), line ? line.name : t('van.alone.not_listed')],
        actions: line ? [[t('van.alone.person'), () => byHand(line)]] : [],
      });
      return;
    }
    if (reason && reason !== 'alone.needs_network') {
      await acknowledge([entry]);
      showResult({kind: 'bad', title: t('van.refused'), lines: [t(reason), t('van.alone.checked')]});
      return;
    }
    if (memberID === undefined || entry.hadPIN) {
      if (entry.hadPIN) await acknowledge([entry]);
      showResult({
        kind: 'bad', title: t('van.alone'), lines: [t('van.alone.unreadable')],
        actions: entry.hadPIN ? [] : [[t('action.retry'), () => retry(entry)]],
      });
      return;
    }
    if (line?.state === 'attended') {
      await acknowledge([entry]);
      showResult({kind: 'note', title: t('van.alone.already'), lines: [line.name, line.time && t('van.session.at', {time: line.time})]});
      return;
    }
    if (!line && list.asOf === undefined) {
      await acknowledge([entry]);
      showResult({
        kind: 'note', title: t('van.alone.no_list'), lines: [t('van.alone.no_list.way')],
        actions: [[t('van.mark.attended'), () => enter({memberID: String(memberID), name: t('van.somebody')}, 'attended', entry.moment)]],
      });
      return;
    }
    if (target === 'walk-ins' || !line) {
      await acknowledge([entry]);
      showResult({
        kind: 'bad', title: t(line ? 'van.alone' : 'van.alone.not_listed'), lines: [t('van.alone.walk_in')],
        actions: line ? [] : [[t('van.alone.examined'), () => enter({memberID: String(memberID), name: t('van.somebody')}, 'walk_in')]],
      });
      return;
    }
    await acknowledge([entry], known.accept(found, entry.moment.microseconds));
    await enter(line, 'attended', entry.moment);
  }

  async function retry(entry) {
    try { tell(await askAgain(entry), entry.body.code); } catch (error) { showRefusal(error); }
  }

  /** Writes a line of the day down; it is entered at once, or when there is a way. */
  async function enter(line, state, moment = now()) {
    const {memberID, session} = line;
    await add({kind: 'attendance', id: requestID(), visitID: place.id, date: list.date, memberID, session, state, moment});
    line.state = state === 'no_show' ? 'no_show' : 'attended';
    line.isWaiting = true;
    people.draw();
    showResult({
      kind: state === 'no_show' ? 'note' : 'good', title: t(`van.entered.${state}`),
      lines: [line.name, line.time && t('van.session.at', {time: line.time}), t('van.entered.later')],
    });
    flush().catch(() => undefined);
  }

  function byHand(line) {
    const dialog = sheet(line.name, h('p', {}, t('van.by_hand', {number: line.memberID, digits: line.digits})),
      h('div', {class: 'actions'}, ['attended', 'no_show'].map((state) => h('button', {type: 'button', class: 'large', onclick: () => {
        dialog.close();
        enter(line, state).catch(showRefusal);
      }}, t(`van.mark.${state}`)))));
  }

  async function flush() {
    for (const entry of [...resting('check-ins'), ...resting('walk-ins'), ...resting('call')]) {
      const answer = await askAgain(entry).catch((error) => { if (!error.status || error.status >= 500) throw error; });
      if (answer && entry.kind === 'call') tellCalled(answer);
      else if (answer?.outcome === 'refused') toast(answer.reasons[0]?.text ?? t('van.refused'), {kind: 'bad'});
      else if (answer) toast(t('van.caught_up'));
    }
    for (let first = resting('attendance')[0]; first; first = resting('attendance')[0]) {
      const page = resting('attendance').filter((one) => one.visitID === first.visitID && one.date === first.date).slice(0, 100);
      const outcomes = await tellAttendance(first, page);
      await acknowledge(page);
      const conflicts = outcomes.flatMap((line, index) => {
        const {memberID} = page[index];
        const name = list.find(memberID)?.name ?? t('van.somebody');
        return line.outcome === 'conflict' ? [{name, memberID, reason: line.reason?.text ?? ''}] : [];
      });
      if (conflicts.length > 0) {
        await list.keepConflicts([...list.conflicts, ...conflicts]);
        toast(t('van.conflicts', {n: conflicts.length}), {kind: 'bad'});
      }
      await list.refresh();
      people.draw();
    }
  }

  /** Lines entered again change nothing, so that a lost answer is asked for anew. What is refused as a whole is refused of each line. */
  async function tellAttendance({visitID, date}, page) {
    const lines = page.map((one) => ({
      memberId: Number(one.memberID), state: one.state, occurredAt: timeText(corrected(one.moment)), ...(one.session && {session: one.session}),
    }));
    try {
      return (await postWithin(20000, `/v1/checkups/visits/${visitID}/days/${date}/attendance`, {lines})).lines;
    } catch (error) {
      if (!error.isFinal || error.status === 401) throw error;
      return page.map(() => ({outcome: 'conflict', reason: {text: error.message}}));
    }
  }

  // Calling who waits.

  async function callNext(button) {
    await act(button, async () => {
      const {answer} = await ask('call', `${base}/walk-ins/next`, {count: 1}, {isTimed: false});
      if (answer) tellCalled(answer);
      else showResult({kind: 'bad', title: t('van.alone'), lines: [t('van.call.alone')]});
    });
  }
  function tellCalled({items, waiting: left}) {
    if (items.length === 0) {
      const title = t(left > 0 ? 'van.call.full' : 'van.call.nobody');
      showResult({kind: 'note', title, lines: [left > 0 && t('van.call.left', {n: left})]});
      return;
    }
    showResult({
      kind: 'good', title: t('van.call.come', {name: items[0].member.maskedName}), seconds: 12,
      lines: [times(items[0].session), items[0].member.maskedPhone, t('van.call.left', {n: left})],
    });
  }

  const ways = h('div', {class: 'segments', role: 'group', 'aria-label': t('van.ways')}, ['check-ins', 'walk-ins'].map((one) =>
    h('button', {type: 'button', 'data-way': one, 'aria-pressed': String(one === way), onclick: () => {
      way = one;
      for (const button of ways.querySelectorAll('[data-way]')) button.setAttribute('aria-pressed', String(button.dataset.way === way));
      codes.tell(t(`van.hint.${way}`));
    }}, t(`van.way.${one}`))),
  h('button', {type: 'button', onclick: (event) => callNext(event.target)}, t('van.call')));
  keepTelling(flush, signal);
  list.keepFresh(signal, people.draw);
  known.keepFresh(signal);
  return h('div', {class: 'work'},
    h('div', {class: 'head'}, h('div', {}, h('h1', {}, place.name), h('p', {class: 'soft'}, `${place.title} · ${day(dayToday())}`)), ways),
    codes, people.node);
}

