// What is said of a class wherever it stands: its title, when and where it is, what it costs, whether there is room.

import {h} from '../shared/dom.js';
import {serverNow} from '../shared/clock.js';
import {clock, currentLanguage, day, hasText, money, moment, named, t} from '../shared/text.js';

/** Where the catalogue was left, with its filters: the way back from a class. */
export const listed = {path: '/school'};

/** Title and label. */
export function classTitle(one) {
  return [named(one.title, one.titleEn), one.label].filter(Boolean).join(currentLanguage() === 'zh' ? ' ' : ' · ');
}

/** What its category is called. */
export function categoryName(code) { return hasText(`school.category.${code}`) ? t(`school.category.${code}`) : code; }

/** The weekdays of its lessons, as numbers. */
export function weekdays(one) {
  return one.pattern.weekdays ?? [...new Set((one.pattern.extras ?? []).map((extra) => new Date(extra.on).getUTCDay() || 7))];
}

/** Mon 19:00–20:30, where it is. */
export function briefly(one) {
  const days = weekdays(one).map((number) => t(`weekday.${number}`)).join(' ');
  return `${days} ${one.pattern.from}–${one.pattern.to} · ${where(one)}`;
}

/** Mondays 19:00–20:30, from 7 December, 8 lessons. */
export function when(one) {
  const days = weekdays(one).map((number) => t(`weekday.${number}`)).join(currentLanguage() === 'zh' ? '、' : ', ');
  return t('school.when', {days, from: one.pattern.from, to: one.pattern.to, day: day(one.firstAt), n: one.lessonCount});
}

/** The room, or online. */
export function where(one) { return one.room ? [one.room.site, one.room.name].join(' ') : t('school.online'); }

/** What it costs. */
export function fee(one) {
  if (one.feeFen > 0) return money(one.feeFen);
  return t('school.free_of_charge');
}

/** Free seats, who waits, or how many applied, as a tag. */
export function seats(one) {
  const isDraw = one.drawId && one.seated === 0;
  if (one.state === 'cancelled') return h('span', {class: 'tag bad'}, t('school.state.cancelled'));
  if (isDraw) return h('span', {class: 'tag note'}, t('school.applied', {n: one.applied, of: one.capacity}));
  if (one.free > 0) return h('span', {class: 'tag good'}, t('school.free', {n: one.free}));
  return h('span', {class: 'tag warn'}, one.waiting > 0 ? t('school.waiting', {n: one.waiting}) : t('school.full'));
}

/** Whether one may ask for a seat now, and if not, from when or since when. */
export function enrolmentTime(one) {
  const now = serverNow();
  if (one.opensAt && Date.parse(one.opensAt) > now) return {isOpen: false, text: t('school.opens', {time: moment(one.opensAt)})};
  if (one.closesAt && Date.parse(one.closesAt) <= now) return {isOpen: false, text: t('school.closed', {time: moment(one.closesAt)})};
  const isOpen = one.state === 'published' || one.state === 'running';
  return {isOpen, text: one.closesAt ? t('school.closes', {time: moment(one.closesAt)}) : ''};
}

/** A lesson's day and time: Mon 7 Dec 19:00–20:30. */
export function lessonTime(lesson) {
  // The joiners keep the two times on one line.
  return `${day(lesson.startsAt)} ${clock(lesson.startsAt)}\u2060–\u2060${clock(lesson.endsAt)}`;
}

/** The file from which anybody works a draw out again. */
export function auditLink(draw) {
  return h('a', {href: `/v1/public/school-draws/${draw}/audit-file`, download: `school-draw-${draw}`}, t('class.draw.audit'));
}
