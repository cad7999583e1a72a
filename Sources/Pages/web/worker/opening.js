// When a station is open: its week with the dates that have hours of their own, until when it stays open, when it opens next. Hours are
// read on the station's clock; closing at or before the opening is the next day's.

import {serverNow} from '../shared/clock.js';
import {day, t} from '../shared/text.js';

const dayMinutes = 1440;

function minutes(text) { return Number(text.slice(0, 2)) * 60 + Number(text.slice(3)); }

function clockText(minute) {
  const within = ((minute % dayMinutes) + dayMinutes) % dayMinutes;
  return `${String(Math.floor(within / 60)).padStart(2, '0')}:${String(within % 60).padStart(2, '0')}`;
}

/** The date and the minute of the day on the station's clock. */
function local(station, at) {
  const parts = new Intl.DateTimeFormat('en-CA', {
    timeZone: station.timeZone || 'Asia/Shanghai', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(new Date(at));
  const part = (type) => parts.find((one) => one.type === type).value;
  return {date: `${part('year')}-${part('month')}-${part('day')}`, minute: Number(part('hour')) * 60 + Number(part('minute'))};
}

function later(date, days) {
  const at = new Date(`${date}T00:00:00Z`);
  at.setUTCDate(at.getUTCDate() + days);
  return at.toISOString().slice(0, 10);
}

/** A day's hours: [{from, to}] in minutes from its midnight, and whether the date has hours of its own. */
function hoursOf(station, date) {
  const own = station.exceptions?.find((one) => one.on === date);
  const weekday = new Date(`${date}T00:00:00Z`).getUTCDay() || 7;
  const usual = station.hours?.filter((one) => one.weekday === weekday) ?? [{opensAt: '00:00', closesAt: '00:00'}];
  const lines = own ? own.hours : usual;
  const spans = lines.map(({opensAt, closesAt}) => {
    const [from, to] = [minutes(opensAt), minutes(closesAt)];
    return {from, to: to > from ? to : to + dayMinutes};
  });
  return {spans: spans.sort((one, other) => one.from - other.from), isOwn: Boolean(own)};
}

/** Whether it never closes by its hours. */
export function isRoundTheClock(station) { return !station.hours && !station.exceptions?.length; }

/** The seven days from today: [{date, text, isToday, isOwn}]; text says its hours in words. */
export function week(station, now = serverNow()) {
  const {date} = local(station, now);
  return Array.from({length: 7}, (_, offset) => {
    const on = later(date, offset);
    return {date: on, isToday: offset === 0, ...hoursInWords(station, on)};
  });
}

/** Dates from today on that have hours of their own: [{date, text}]. */
export function exceptions(station, now = serverNow()) {
  const {date} = local(station, now);
  return (station.exceptions ?? []).filter((one) => one.on >= date).sort((one, other) => (one.on < other.on ? -1 : 1))
    .map((one) => ({date: one.on, ...hoursInWords(station, one.on)}));
}

function hoursInWords(station, date) {
  const {spans, isOwn} = hoursOf(station, date);
  const isWhole = spans.some(({from, to}) => from === 0 && to === dayMinutes);
  const end = (to) => (to > dayMinutes ? t('opening.next_day', {time: clockText(to)}) : to === dayMinutes ? '24:00' : clockText(to));
  const text = !spans.length ? t('opening.closed_day') : isWhole ? t('opening.whole_day')
    : spans.map(({from, to}) => `${clockText(from)}–${end(to)}`).join('  ');
  return {text, isOwn};
}

/**
 * How it stands now: {isOpen, text}. `isFresh` says that the service judged just now; what was kept is judged by its hours.
 */
export function standing(station, {isFresh = true, now = serverNow()} = {}) {
  const {date, minute} = local(station, now);
  const spans = [];
  for (let offset = -1; offset <= 8; offset += 1) {
    for (const one of hoursOf(station, later(date, offset)).spans) {
      spans.push({from: one.from + offset * dayMinutes, to: one.to + offset * dayMinutes});
    }
  }
  const joined = [];
  for (const one of spans.sort((a, b) => a.from - b.from)) {
    const last = joined.at(-1);
    if (last && one.from <= last.to) last.to = Math.max(last.to, one.to);
    else joined.push({...one});
  }
  const present = joined.find((one) => one.from <= minute && minute < one.to);
  const isShut = Date.parse(station.closedUntil ?? '') > now || (isFresh && present && !station.isOpen);
  if (isShut) {
    if (!station.closedUntil) return {isOpen: false, text: t('opening.shut')};
    const until = local(station, Date.parse(station.closedUntil));
    return {isOpen: false, text: t('opening.shut_until', {time: `${dayName(until.date, date)} ${clockText(until.minute)}`.trim()})};
  }
  if (present) {
    if (present.to >= 7 * dayMinutes) return {isOpen: true, text: t('opening.round_the_clock')};
    return {isOpen: true, text: t('opening.until', {time: timeOf(present.to, date)})};
  }
  const next = joined.find((one) => one.from > minute);
  return {isOpen: false, text: next ? t('opening.opens', {time: timeOf(next.from, date)}) : t('opening.no_hours')};
}

function timeOf(minute, date) {
  return `${dayName(later(date, Math.floor(minute / dayMinutes)), date)} ${clockText(minute)}`.trim();
}

function dayName(date, today) {
  if (date === today) return '';
  return date === later(today, 1) ? t('opening.tomorrow') : day(date);
}
