// In a classroom: a code puts its member on the lesson's roll; the teacher's list stands beside it. Without network by the seats and keys
// that were given before.

import {h, put} from '../shared/dom.js';
import {clock, day, t} from '../shared/text.js';
import {act, sheet, toast} from '../shared/view.js';
import {pinFault, pinPad} from './keypad.js';
import {keepTelling} from './questions.js';
import {reader} from './reader.js';
import {redraw} from './redraw.js';
import {showResult} from './result.js';
import {LessonDesk} from './lesson-desk.js';

const looks = {attended: 'good', late: 'warn', excused: 'note', absent: 'bad'};

export default async function classroom({device, signal}) {
  const desk = new LessonDesk();
  await desk.open();
  const title = h('div', {});
  const lessons = h('div', {class: 'segments', role: 'group', 'aria-label': t('class.lessons')});
  const figures = h('p', {class: 'large-number'});
  const list = h('ul', {class: 'people', 'aria-label': t('class.roll')});
  const fault = h('div', {});
  let chosen;

  const keyOf = (lesson) => `${lesson.classId} ${lesson.number}`;
  const lesson = () => desk.lessons.find((one) => keyOf(one) === chosen) ?? desk.present();
  const codes = reader({signal, read: (code) => scan(code), hint: t('class.hint'), numbers: t('reader.card')});

  async function scan(code, pin) {
    const at = lesson();
    if (!at) {
      showResult({kind: 'bad', title: t('class.refused'), lines: [t('class.no_lesson')]});
      return;
    }
    const {answer, alone} = await desk.scan(at, code, pin);
    draw();
    if (alone) {
      tellAlone(alone);
      return;
    }
    const name = answer.member?.maskedName;
    if (answer.outcome === 'recorded') {
      showResult({kind: 'good', title: t(`class.${answer.state}`), lines: [name, answer.isGuest && t('class.guest'), at.title]});
      return;
    }
    const fault = pinFault(answer.reasons.map((reason) => reason.code));
    const isMarked = answer.reasons.some((reason) => reason.code === 'school.already_marked');
    showResult({
      kind: isMarked || fault === 'missing' ? 'note' : 'bad',
      title: t(isMarked ? 'class.already' : fault ? 'reader.pin.asked' : 'class.refused'),
      lines: [...answer.reasons.map((reason) => reason.text), name], body: fault && pinPad((typed) => scan(code, typed)),
    });
  }

  function tellAlone(alone) {
    if (alone.reason === 'alone.already_marked') showResult({kind: 'note', title: t('class.already'), lines: [alone.name]});
    else if (alone.reason) showResult({kind: 'bad', title: t('class.refused'), lines: [t(alone.reason), alone.name, t('class.alone')]});
    else showResult({kind: 'good', title: t(`class.${alone.state}`), lines: [alone.name, t('class.alone.later')]});
  }

  function markByHand(line, button) {
    const at = lesson();
    const dialog = sheet(line.maskedName ?? t('class.somebody'), h('p', {}, t('class.mark.text')),
      h('div', {class: 'actions'}, ['attended', 'late', 'excused', 'absent'].map((state) => h('button', {
        type: 'button', class: 'large', onclick: () => {
          dialog.close();
          mark(at, line, state, button);
        },
      }, t(`class.${state}`)))));
  }

  async function mark(at, line, state, button) {
    await act(button, async () => {
      try {
        const isTold = await desk.mark(at, line, state);
        toast(t(isTold ? 'class.mark.done' : 'class.alone.later'));
      } catch (error) {
        if (desk.mayMark) throw error;
        toast(t('class.mark.refused'), {kind: 'bad'});
      }
    });
    draw();
  }

  function draw() {
    const at = lesson();
    put(fault, desk.fault && h('p', {class: 'banner warn', role: 'status'}, desk.fault));
    put(title, h('h1', {}, at ? at.title : device.name),
      at && h('p', {class: 'soft'}, [at.label, day(at.startsAt), `${clock(at.startsAt)}–${clock(at.endsAt)}`].join(' · ')),
      at?.state === 'cancelled' && h('p', {class: 'banner bad'}, t('class.cancelled')));
    lessons.hidden = desk.lessons.length < 2;
    redraw(lessons, desk.lessons.map((one) => h('button', {
      type: 'button', 'data-key': keyOf(one), 'aria-pressed': String(one === at), onclick: () => {
        chosen = keyOf(one);
        draw();
      },
    }, `${clock(one.startsAt)} ${one.title}`)));
    const lines = at?.lines ?? [];
    const came = lines.filter((line) => line.state === 'attended' || line.state === 'late').length;
    put(figures, at ? t('class.figures', {came, all: lines.length}) : t(desk.isKnown ? 'class.no_lesson' : 'class.unknown'));
    redraw(list, at && lines.length === 0 ? h('li', {class: 'soft'}, t('class.nobody')) : lines.map((line) => h('li', {},
      h('span', {class: 'grow'}, line.maskedName ?? t('class.somebody')),
      line.isGuest && h('span', {class: 'tag'}, t('class.guest')), line.isLent && h('span', {class: 'tag'}, t('class.lent')),
      line.isWaiting && h('span', {class: 'tag note'}, t('list.waits')),
      line.state && h('span', {class: `tag ${looks[line.state]}`}, t(`class.${line.state}`)),
      desk.mayMark && h('button', {
        type: 'button', 'data-key': line.memberIds[0], 'aria-label': t('list.mark.label', {name: line.maskedName ?? t('class.somebody')}),
        onclick: (event) => markByHand(line, event.target),
      }, t('list.mark')))));
  }

  draw();
  desk.keepFresh(signal, draw);
  keepTelling(() => desk.flush((results) => {
    for (const one of results) {
      if (one.outcome !== 'recorded' && !one.reasons.every((reason) => reason.code === 'school.already_marked')) {
        toast([one.member?.maskedName, one.reasons[0]?.text ?? t('class.refused')].filter(Boolean).join(' · '), {kind: 'bad'});
      }
    }
    draw();
  }), signal);
  return h('div', {class: 'work'}, h('div', {class: 'head'}, title, lessons), h('div', {}, fault, codes),
    h('section', {class: 'card', 'aria-label': t('class.roll')}, h('h2', {}, t('class.roll')), figures, list));
}
