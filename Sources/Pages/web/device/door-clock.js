// True time without trusting the tablet's clock: the server's time heard once, carried on by the time since the page was opened, which
// nobody can set. Where that cannot be (a new page, a tablet that slept), the wall clock moved by its last known error is taken, never
// earlier than any time known before; such moments are uncertain, and are put right once the server is heard. Microseconds since 1970.

const driftPerMillion = 100;
const sleepMicroseconds = 2000000;

/** What the machine's clocks say now. */
export function readClock() {
  return {wall: Date.now() * 1000, boot: Math.round(performance.now() * 1000), bootID: performance.timeOrigin};
}

/** The clock of one page; `anchor` and `floor` are what was kept of earlier ones. */
export class DoorClock {
  constructor(anchor, floor = 0) {
    this.anchor = anchor;
    this.floor = Math.max(floor, anchor?.true ?? 0);
  }

  /** The best estimate of the moment of a reading. */
  moment(reading) {
    const {anchor} = this;
    const isCertain = anchor !== undefined && anchor.bootID === reading.bootID && this.#isAwake(reading);
    const estimate = isCertain
      ? anchor.true + (reading.boot - anchor.boot)
      : Math.max(reading.wall + (anchor?.wallError ?? 0), this.floor);
    return {microseconds: Math.max(0, estimate), isCertain, ...reading};
  }

  /** The server said its time between two readings: taken if it is the first of this page, or closer than drift has made the one before. */
  hear(server, asked, answered, resolution = 0) {
    const delay = (answered.boot - asked.boot) / 2;
    const uncertainty = delay + resolution;
    const now = this.moment(answered);
    if (now.isCertain) {
      const drifted = this.anchor.uncertainty + ((answered.boot - this.anchor.boot) / 1000000) * driftPerMillion;
      const difference = Math.abs(now.microseconds - delay - server);
      if (uncertainty >= drifted && difference <= drifted + uncertainty) return false;
    }
    this.anchor = {
      bootID: answered.bootID, boot: answered.boot, true: server + delay, uncertainty, wallError: server + delay - answered.wall,
    };
    this.floor = this.anchor.true;
    return true;
  }

  /** What an authentic code or an entry of the journal proves: it was no earlier than this. */
  know(atLeast) { this.floor = Math.max(this.floor, atLeast); }

  /** The true time of a moment of before that was uncertain then: exact for one of this page, unless the tablet slept in between. */
  corrected(moment) {
    const {anchor} = this;
    if (moment.isCertain || anchor === undefined) return moment;
    if (anchor.bootID !== moment.bootID) return {...moment, microseconds: Math.min(moment.microseconds, anchor.true - anchor.boot)};
    if (!this.#isAwake(moment)) return {...moment, microseconds: Math.min(moment.wall + anchor.wallError, anchor.true)};
    return {...moment, microseconds: Math.max(0, anchor.true + (moment.boot - anchor.boot)), isCertain: true};
  }

  /** Whether wall clock and page ran alike between the anchor and a reading: nobody set the one, no sleep stopped the other. */
  #isAwake({wall, boot}) {
    return Math.abs(wall - boot - (this.anchor.true - this.anchor.wallError - this.anchor.boot)) <= sleepMicroseconds;
  }
}
