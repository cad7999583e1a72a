// Claiming a coupon so that it happens once: the request's id is made and kept on the phone before anything is sent, and the same request
// is sent again until an answer came. A lost answer, a reload, an empty battery: whoever comes back asks again under the same id.

import {get, pause, post, requestID, within} from '../shared/api.js';
import {serverNow} from '../shared/clock.js';
import {forget, keep, kept} from '../shared/store.js';

const name = (round) => `claim-${round}`;

/** The claim that this phone sent to a round and has no final answer of yet; undefined when there is none. */
export async function openClaim(round) { return (await kept(name(round)))?.request; }

/** What became of a claim that waits; undefined when nothing is known of it. */
export async function outcome(round, requestId, signal) {
  try {
    return await get(`/v1/coupon-rounds/${round}/claims/${requestId}`, {}, {signal});
  } catch (error) {
    if (error.status === 404) return undefined;
    throw error;
  }
}

/** The claim has its final answer: the next one is another request. */
export function settle(round) { return forget(name(round)); }

/**
 * Sends a claim until it is answered, and gives the answer.
 *
 * - venueId: of goods, where they are picked up
 * - opensAt: a claim that comes early by the difference of two clocks is sent again
 * - tell: hears {attempt, seconds, isOffline} before each pause
 */
export async function claim(round, {venueId, opensAt, signal, tell}) {
  const open = await openClaim(round);
  const request = open ?? {requestId: requestID(serverNow()), venueId};
  if (!open) await keep(name(round), {request});
  let backoff = 600;
  for (let attempt = 1; ; attempt += 1) {
    try {
      const answer = await post(`/v1/coupon-rounds/${round}/claims`, request, {signal: within(signal, 8000)});
      const isEarly = answer.result === 'not_open' && Math.abs(Date.parse(opensAt) - serverNow()) < 3000;
      if (!isEarly) {
        if (answer.result !== 'pending') await settle(round);
        return answer;
      }
      await pause(150 + Math.random() * 200, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      // An answer that broke off may have been a coupon: only the service's own refusal ends the request.
      if (error.isFinal) {
        await settle(round);
        throw error;
      }
      const wait = Math.max((error.retryAfterSeconds ?? 0) * 1000, backoff) * (1 + Math.random() * 0.5);
      backoff = Math.min(backoff * 2, 15000);
      tell({attempt, seconds: Math.ceil(wait / 1000), isOffline: !error.status});
      await Promise.race([pause(wait, signal), !error.status ? online(signal) : new Promise(() => undefined)]);
    }
    if (signal.aborted) throw new DOMException('', 'AbortError');
  }
}

function online(signal) {
  return new Promise((resolve) => { addEventListener('online', resolve, {once: true, signal}); });
}
