// The server's clock, as well as its answers tell: each has a Date of whole seconds, so the true time of sending it lies in that second and
// between asking and hearing. Bounds of many answers, cut together, come down to the time of a round trip.

let low = -Infinity;
let high = Infinity;

/**
 * Learns from an answer: its Date field, and when it was asked for and heard, by this machine's clock in milliseconds. A time that tells more
 * than seconds has a finer `resolution`.
 */
export function learnTime(dateField, asked, heard, {resolution = 1000} = {}) {
  const second = Date.parse(dateField ?? '');
  if (Number.isNaN(second)) return;
  const [from, to] = [second - heard, second + resolution - asked];
  if (to < low || from > high || to - from > 20000) {
    // This machine's clock was set, or the answer took long: begin anew with what is narrow enough.
    if (to - from <= 5000) [low, high] = [from, to];
    return;
  }
  low = Math.max(low, from);
  high = Math.min(high, to);
}

/** What to add to this machine's clock, in milliseconds. */
export function offset() { return Number.isFinite(low) && Number.isFinite(high) ? (low + high) / 2 : 0; }

/** The server's time in milliseconds since 1970. */
export function serverNow() { return Date.now() + offset(); }

/** A calendar day in the services' time zone, which has no summer time, some days from today: 2026-11-22. */
export function calendarDay(daysFromToday = 0) {
  return new Date(serverNow() + 8 * 3600000 + daysFromToday * 86400000).toISOString().slice(0, 10);
}
