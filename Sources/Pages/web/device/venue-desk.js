// What a counter knows for the time without network, and what it took then.

import {call} from '../shared/api.js';
import {t} from '../shared/text.js';
import {acknowledge, change, keepValue, keptValue, waiting} from './journal.js';
import {getWithin, isUnanswered, keepAsking, noteLink, noteReach, postWithin} from './link.js';
import {learningTime, microsecondsOf} from './true-time.js';
import {resting} from './questions.js';
import {OwnCodes} from './own-codes.js';

// What is older says too little of pauses and of what was taken today.
const goodFor = 24 * 3600 * 1000000;
const pageSize = 100;

/** The venue's desk. */
export class VenueDesk {
  #codes = new OwnCodes();
  #known;

  /** A sentence while the service says that this device stands at no venue, or the like. */
  fault;

  /** Takes up what is kept; a question of before whose answer nobody saw is taken back as soon as there is a way. */
  async open() {
    await this.#codes.open();
    const kept = await keptValue('allowance');
    if (kept) await this.#take(kept);
    for (const entry of resting('redeem')) await change(entry, {kind: 'annul'});
  }

  get venue() { return this.#known?.venue; }

  get campaigns() { return this.#known?.campaigns ?? []; }

  /** How many more may be taken of a campaign today without network. */
  left(campaign) {
    const isToday = dayIn(campaign.timeZone, this.#known.asOf) === dayIn(campaign.timeZone, Date.now() * 1000);
    return Math.max(0, campaign.offlineMax - (isToday ? campaign.takenToday : 0) - waiting('taken').length);
  }

  async #take(known) {
    this.#known = known;
    await this.#codes.learn(known.publicKeys);
    noteLink({asOf: known.asOf / 1000});
  }

  /** Asks for news every minute; `changed()` after each. */
  async keepFresh(signal, changed) {
    const ask = async () => {
      try {
        const answer = await learningTime(() => getWithin(8000, '/v1/redemptions/allowance'));
        const known = {...answer, asOf: microsecondsOf(answer.serverTime)};
        await this.#take(known);
        await keepValue('allowance', known);
        this.fault = undefined;
      } catch (error) {
        this.fault = isUnanswered(error) ? undefined : error.message;
        if (error.status === 401) noteLink({fault: 'badge.shut_out'});
      }
      changed();
    };
    await keepAsking(ask, signal);
  }

  /** Decides alone about a question without answer: {entry, title} taken, or {reason}; what is not taken is taken back at the service. */
  async takeAlone(entry) {
    const {microseconds} = entry.moment;
    const judged = entry.hadPIN ? {reason: 'alone.needs_network'} : await this.#codes.judge(entry.body.code, entry.moment);
    const campaign = judged.reason ? undefined : this.#fitting(entry.body.spendFen, microseconds);
    const reason = judged.reason ?? (typeof campaign === 'string' ? campaign : undefined);
    if (reason) {
      await change(entry, {kind: 'annul'});
      return {reason};
    }
    const kept = await change(entry, {kind: 'taken'}, this.#codes.accept(judged.found, microseconds));
    const fitting = this.campaigns.filter((one) => one.offlineMax > 0 && hindrance(one, entry.body.spendFen, microseconds) === undefined);
    return {entry: kept, title: fitting.length === 1 ? fitting[0].title : t('venue.any_campaign')};
  }

  #fitting(spendFen, microseconds) {
    if (!this.#known || microseconds - this.#known.asOf > goodFor) return 'alone.needs_network';
    if (this.#known.venue.isClosed) return 'alone.venue_closed';
    const reasons = this.campaigns.map((one) =>
      hindrance(one, spendFen, microseconds) ?? (this.left(one) > 0 ? undefined : 'alone.allowance_used'));
    const index = reasons.indexOf(undefined);
    return index >= 0 ? this.campaigns[index] : reasons[0] ?? 'alone.no_campaign';
  }

  /** Tells what was taken, and takes back what was asked and not taken; `told(results)` hears what became of it. */
  async flush(told) {
    for (const entry of resting('annul')) {
      try {
        await call('POST', `/v1/redemptions/${entry.id}/annul`);
        noteReach(true);
      } catch (error) {
        if (isUnanswered(error)) throw error;
      }
      await acknowledge([entry]);
    }
    for (let page = resting('taken').slice(0, pageSize); page.length > 0; page = resting('taken').slice(0, pageSize)) {
      const {items} = await postWithin(20000, '/v1/redemptions/journal', {items: page.map((entry) => entry.body)});
      await acknowledge(page);
      told(items);
    }
  }
}

function dayIn(timeZone, microseconds) {
  return new Intl.DateTimeFormat('sv-SE', {timeZone, dateStyle: 'short'}).format(new Date(microseconds / 1000));
}

/** Why a campaign takes nothing at this time; undefined if it does. */
function hindrance(campaign, spendFen, microseconds) {
  const date = dayIn(campaign.timeZone, microseconds);
  const time = new Intl.DateTimeFormat('en-GB', {timeZone: campaign.timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23'})
    .format(new Date(microseconds / 1000));
  const minute = Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));
  const weekday = ((new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7) + 1;
  if (campaign.isPaused) return 'alone.paused';
  if (date < campaign.firstOn || date > campaign.lastOn) return 'alone.other_day';
  if (!campaign.weekdays.includes(weekday)) return 'alone.other_day';
  if (minute < campaign.fromMinute || minute >= campaign.toMinute) return 'alone.other_hour';
  if (!campaign.goods && spendFen < Math.max(campaign.minimumSpendFen, 1)) return 'alone.below_minimum';
  return undefined;
}
