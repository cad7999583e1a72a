// A decision that a door took alone, as the service is told of it: with its time put right by what is known of the clock since.

import {corrected, timeText} from './true-time.js';

/** The entry of the journal as `POST /v1/access/journal` takes it. */
export function toldEntry({id, direction, code, decision, moment}) {
  const better = corrected(moment);
  return {
    requestId: id, direction, occurredAt: timeText(better), code, open: decision.isOpen, reasons: decision.reasons,
    relayMilliseconds: decision.relayMilliseconds, isTimeUncertain: !better.isCertain,
  };
}
