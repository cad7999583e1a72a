// My timetable: the lessons of a week, seats lent for an evening, excuses, links, and the calendar on the phone.

import {h, put} from '../shared/dom.js';
import {call, download, get, post} from '../shared/api.js';
import {serverNow} from '../shared/clock.js';
import {pane, sheet, toast} from '../shared/view.js';
import {day, moment, named, t} from '../shared/text.js';
import {classTitle, lessonTime} from './class-words.js';
import {doing} from './doing.js';
import {early} from './early.js';
import {enrolmentCard} from './enrolment-card.js';
import {offer} from './offer.js';
import {standings} from './standings.js';

const dayLength = 86400000;

/** A calendar date some days after another. */
function shifted(date, days) { return new Date(Date.parse(`${date}T00:00:00Z`) + days * dayLength).toISOString().slice(0, 10); }

/** Monday of this week in China. */
function monday() {
  const today = new Date(serverNow() + 8 * 3600000);
  return shifted(today.toISOString().slice(0, 10), -((today.getUTCDay() + 6) % 7));
}

/** The view of the timetable. */
export default async function lessons({query, signal}) {
  let from = /^20\d\d-\d\d-\d\d$/.test(query.from ?? '') && !Number.isNaN(Date.parse(query.from)) ? query.from : monday();
  const heading = h('h2', {});
  const [ofWeek, ofLent, ofEnrolments, ofStandings] = await early(signal, [showWeek, showLent, enrolments, standings]);
  const week = pane(ofWeek, {lines: 6, signal, empty: t('lessons.none')});
  const lent = pane(ofLent, {lines: 0, signal, isAside: true});
  function turn(days) {
    from = shifted(from, days);
    history.replaceState(null, '', `#/school/mine?from=${from}`);
    week.reload();
  }
  async function showWeek(one) {
    put(heading, `${day(from, {weekday: false})} – ${day(shifted(from, 6), {weekday: false})}`);
    const {items} = await get('/v1/me/lessons', {from, to: shifted(from, 6)}, {signal: one});
    const excused = await excusedOf(items, one);
    if (items.length) return h('ul', {class: 'plain'}, items.map((item) => h('li', {}, lesson(item, excused, () => week.reload()))));
    const next = await firstAfter(shifted(from, 7), one);
    return next ? h('div', {class: 'state empty'}, h('p', {}, t('lessons.none')),
      h('button', {type: 'button', onclick: () => turn(Math.floor((Date.parse(next) - Date.parse(from)) / dayLength / 7) * 7)},
        t('lessons.next_is', {day: day(next)}))) : null;
  }
  async function showLent(one) {
    const {items} = await get('/v1/me/lent-seats', {}, {signal: one});
    const waiting = items.filter((item) => item.outcome === 'waiting');
    return h('div', {}, waiting.map((item) => lentSeat(item, signal, () => { lent.reload(); week.reload(); })));
  }
  return h('div', {class: 'stack'},
    h('div', {}, h('a', {class: 'back', href: '#/school'}, '‹ ', t('school.title')), h('h1', {}, t('lessons.title'))), lent,
    h('div', {class: 'week'},
      h('button', {type: 'button', class: 'icon', 'aria-label': t('lessons.before'), onclick: () => turn(-7)}, '‹'), heading,
      h('button', {type: 'button', class: 'icon', 'aria-label': t('lessons.after'), onclick: () => turn(7)}, '›')),
    week, h('h2', {}, t('lessons.enrolments')), pane(ofEnrolments, {lines: 3, signal, empty: t('lessons.enrolments.none')}),
    calendar(), pane(ofStandings, {lines: 0, signal, isAside: true}));
}

/** Lessons to which somebody said that they will not come, as 'class number'. */
async function excusedOf(items, signal) {
  if (!items.length) return new Set();
  const own = await get('/v1/me/enrolments', {}, {signal});
  const seats = own.items.filter((one) => one.state === 'seated' && items.some((item) => item.classId === one.classId));
  const marks = await Promise.all(seats.map((one) => get(`/v1/me/enrolments/${one.id}/attendance`, {}, {signal})));
  return new Set(marks.flatMap((answer, index) => answer.marks.filter((one) => one.state === 'excused')
    .map((one) => `${seats[index].classId} ${one.number}`)));
}

async function firstAfter(from, signal) {
  const {items} = await get('/v1/me/lessons', {from, to: shifted(from, 150)}, {signal});
  const first = items.find((one) => one.lesson.state !== 'cancelled');
  return first && new Date(Date.parse(first.lesson.startsAt) + 8 * 3600000).toISOString().slice(0, 10);
}

function lesson(item, excused, reload) {
  const isExcused = excused.has(`${item.classId} ${item.lesson.number}`);
  const {lesson: about, classId} = item;
  const isToCome = ['planned', 'moved'].includes(about.state) && Date.parse(about.startsAt) > serverNow();
  const isUsable = about.state !== 'cancelled' && Date.parse(about.endsAt) > serverNow();
  const place = about.room ? [about.room.site, about.room.name].join(' ') : about.isOnline && t('school.online');
  const path = `/v1/me/classes/${classId}/lessons/${about.number}`;
  return h('div', {class: 'card'},
    h('div', {class: 'spread'}, h('strong', {}, lessonTime(about)),
      ['cancelled', 'moved', 'held'].includes(about.state)
        && h('span', {class: `tag ${{cancelled: 'bad', moved: 'warn'}[about.state] ?? ''}`}, t(`class.lesson.${about.state}`)),
      isExcused && h('span', {class: 'tag note'}, t('lessons.is_excused')),
      item.isGuest && h('span', {class: 'tag note'}, t('lessons.guest'))),
    h('p', {}, h('a', {href: `#/school/classes/${classId}`}, classTitle(item)), ' · ', t('class.lesson', {n: about.number})),
    h('p', {class: 'soft'}, [place, about.room?.address, about.teacher?.name].filter(Boolean).join(' · ')),
    about.reason && h('p', {}, named(about.reason, about.reasonEn)),
    h('div', {class: 'actions'},
      about.isOnline && isUsable && doing(t('lessons.link'), () => showLink(path), {kind: 'primary'}),
      isToCome && !item.isGuest && !isExcused && doing(t('lessons.excuse'), () => post(`${path}/excuse`), {
        ask: {text: t('lessons.excuse.text', {time: lessonTime(about)})}, done: t('lessons.excused'), after: reload,
      })));
}

async function showLink(path) {
  const {link} = await get(`${path}/link`);
  sheet(t('lessons.link'), h('p', {}, t('lessons.link.text')),
    h('p', {}, h('a', {class: 'button primary wide', href: link, target: '_blank', rel: 'noopener noreferrer'}, t('lessons.link.open'))),
    h('p', {class: 'soft'}, link));
}

function lentSeat(item, signal, changed) {
  const path = `/v1/me/classes/${item.classId}/lessons/${item.number}/lent-seat`;
  return h('section', {class: 'card'}, h('h2', {}, t('lessons.lent')), h('p', {}, classTitle(item), ' · ', lessonTime(item)),
    h('p', {class: 'soft'}, t('lessons.lent.text')),
    offer({
      until: item.offeredUntil, what: `${classTitle(item)} ${moment(item.startsAt)}`, signal, changed,
      take: () => post(`${path}/take`), leave: () => post(`${path}/decline`),
    }));
}

async function enrolments(signal) {
  const {items} = await get('/v1/me/enrolments', {}, {signal});
  return items.length ? h('ul', {class: 'plain'}, items.map((item) => h('li', {}, enrolmentCard(item)))) : null;
}

function calendar() {
  const shown = h('div', {role: 'status'});
  const make = async () => {
    const {path} = await post('/v1/me/lessons/calendar-address', undefined, {key: true});
    const address = new URL(path, location.origin).href;
    const box = h('input', {readonly: true, value: address, 'aria-label': t('lessons.address'), onfocus: (one) => one.target.select()});
    put(shown, h('div', {class: 'field'}, box), h('p', {class: 'soft'}, t('lessons.address.once')), h('div', {class: 'actions'},
      h('button', {type: 'button', class: 'primary', onclick: () => copy(box)}, t('action.copy')),
      doing(t('lessons.address.end'), () => call('DELETE', '/v1/me/lessons/calendar-address'), {
        done: t('lessons.address.ended'), after: () => put(shown),
      })));
  };
  return h('section', {class: 'card'}, h('h2', {}, t('lessons.calendar')), h('p', {}, t('lessons.calendar.text')), shown,
    h('div', {class: 'actions'}, doing(t('lessons.address.make'), make),
      doing(t('lessons.file'), () => download('/v1/me/lessons/calendar.ics', 'lessons.ics'), {kind: 'quiet'})));
}

async function copy(box) {
  try {
    await navigator.clipboard.writeText(box.value);
    toast(t('action.copied'));
  } catch {
    // Where the clipboard is not given, the address is selected for copying by hand.
    box.focus();
  }
}
