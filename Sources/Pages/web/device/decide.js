// The door's rule as values: what it knows, what it has accepted, and what follows for a scan. Without DOM, network or clock of its own;
// the rules are those of the controller at a door (waystation door).
//
// Online the server decides and the door obeys, but for one thing: a code that this door has accepted opens it no second time, whoever says
// so. Alone: every failing condition is told. An exit asks only for an authentic code in its time: nobody is kept inside.

import {verifyCard, verifyCode} from './offline-code.js';

const codeReasons = {
  expired: 'door.code_expired', from_future: 'door.code_from_future', malformed: 'door.code_malformed',
  unknown_key: 'door.code_unknown_key', forged: 'door.code_forged',
};
const cardReasons = {...codeReasons, expired: 'door.card_expired', malformed: 'door.needs_network'};

/** The newest code accepted here of each member. Rows are {memberID, sequence (BigInt), expiresAtSeconds}. */
export class AcceptedCodes {
  #newest = new Map();
  #forgettingAt = 1024;

  /** Rows kept of before, and the second through which codes were forgotten. */
  constructor(rows = [], forgottenThroughSeconds = 0) {
    this.forgottenThroughSeconds = forgottenThroughSeconds;
    for (const row of rows) this.#newest.set(row.memberID, row);
    this.#forgettingAt = Math.max(1024, 2 * this.#newest.size);
  }

  get all() { return [...this.#newest.values()]; }

  hasSeen(code) {
    if (code.expiresAtSeconds <= this.forgottenThroughSeconds) return true;
    const last = this.#newest.get(code.memberID);
    return last !== undefined && code.sequence <= last.sequence;
  }

  /** Takes a code; gives the members who were forgotten by it. */
  accept({memberID, sequence, expiresAtSeconds}, nowSeconds) {
    const last = this.#newest.get(memberID);
    if (last !== undefined && last.sequence >= sequence) return [];
    this.#newest.set(memberID, {memberID, sequence, expiresAtSeconds});
    return this.#newest.size > this.#forgettingAt ? this.forget(nowSeconds) : [];
  }

  /** What ended a minute and more before is forgotten, and never accepted again. */
  forget(nowSeconds) {
    const gone = [...this.#newest.values()].filter((code) => code.expiresAtSeconds + 60 < nowSeconds);
    for (const code of gone) {
      this.forgottenThroughSeconds = Math.max(this.forgottenThroughSeconds, code.expiresAtSeconds);
      this.#newest.delete(code.memberID);
    }
    this.#forgettingAt = Math.max(1024, 2 * this.#newest.size);
    return gone.map((code) => code.memberID);
  }
}

/** What is authentic in a scan: {code: the verdict of a member code, card: the verdict of a card}; `keys` as importKeys gives them. */
export async function read(scan, keys = new Map()) {
  const isCard = scan.code.startsWith('WC');
  return {
    code: await verifyCode(scan.code, keys, scan.microseconds),
    card: isCard ? await verifyCard(scan.code, keys, scan.microseconds) : undefined,
  };
}

/** What an authentic code proves of the time, microseconds since 1970: it was issued no later than now. */
export function timeProven(reading, isCertain) {
  return !isCertain && reading.code.verdict === 'from_future' ? reading.code.found.issuedAtSeconds * 1000000 : undefined;
}

/** What is decided without asking, though the server could be: a code that was accepted here before. */
export function decideBeforeAsking(reading, knowledge, accepted) {
  const code = reading.code.found;
  if (knowledge?.policy.state === 'unlocked' || code === undefined || !accepted.hasSeen(code)) return undefined;
  return shut(['door.code_replayed']);
}

/**
 * The decision: with the server's answer {open, reasons: [code], relayMilliseconds}, or alone where there is none.
 *
 * - scan: {code, direction: 'in' | 'out', microseconds}
 * - knowledge: {policy, refusals, asOfMicroseconds}, or undefined before the server was reached for the first time
 */
export function decide(scan, reading, knowledge, {answer, isShutOut = false} = {}) {
  if (answer) {
    return {
      isOpen: answer.open, reasons: answer.open ? [] : answer.reasons, decider: 'server',
      relayMilliseconds: answer.open ? answer.relayMilliseconds : 0,
    };
  }
  if (knowledge === undefined) return shut(['door.offline_unprepared']);
  const reasons = [];
  // An emergency unlock opens for everybody, without looking at the code.
  if (knowledge.policy.state !== 'unlocked') {
    const {memberID, reason} = judge(scan, reading, knowledge);
    if (reason) reasons.push(reason);
    if (scan.direction === 'in') reasons.push(...refusals(memberID, scan.microseconds, knowledge, isShutOut));
  }
  if (reasons.length > 0) return shut(reasons);
  return {isOpen: true, reasons: [], decider: 'controller', relayMilliseconds: knowledge.policy.relayMilliseconds};
}

function shut(reasons) { return {isOpen: false, reasons, decider: 'controller', relayMilliseconds: 0}; }

/** Whose code or card it is, and what that is refused for itself. */
function judge(scan, reading, knowledge) {
  if (scan.code.startsWith('WC')) {
    const {verdict, found} = reading.card;
    if (verdict !== 'valid') return {memberID: found?.memberID, reason: cardReasons[verdict]};
    if (knowledge.refusals.cards.has(found.cardID)) return {memberID: found.memberID, reason: 'door.card_revoked'};
    // Nobody is asked for a PIN on the way out.
    const needsPIN = scan.direction === 'in' && knowledge.refusals.pinCards.has(found.cardID);
    return {memberID: found.memberID, reason: needsPIN ? 'door.needs_network' : undefined};
  }
  // Numbers and day codes are known to the server only.
  if (!scan.code.startsWith('WS')) return {reason: 'door.needs_network'};
  return {memberID: reading.code.found?.memberID, reason: codeReasons[reading.code.verdict]};
}

function refusals(memberID, microseconds, {policy, refusals: refused, asOfMicroseconds}, isShutOut) {
  const reasons = [];
  if (microseconds - asOfMicroseconds > policy.offlineLimitHours * 3600000000) {
    // A list so old is held against nobody: either the door stays shut, or any valid code opens it.
    if (policy.whenOfflineTooLong === 'stay_shut') reasons.push('door.offline_too_long');
  } else if (memberID !== undefined) {
    const isProvisional = refused.provisional.has(memberID);
    if (refused.members.has(memberID) || (isProvisional && !policy.admitsProvisional)) reasons.push('door.member_not_active');
  }
  if (isShutOut) reasons.push('door.controller_shut_out');
  const opensAgain = policy.stationOpensAt ?? undefined;
  if (!policy.stationIsOpen && (opensAgain === undefined || microseconds < opensAgain)) reasons.push('door.station_closed');
  if (policy.state === 'locked_down') reasons.push('door.locked_down');
  if (!policy.isOpen) reasons.push('door.access_point_closed');
  if (!policy.servesEntries) reasons.push('door.direction_not_served');
  if (!isWithinHours(policy, microseconds)) reasons.push('door.outside_hours');
  if (policy.asksForAttributes) reasons.push('door.offline_unverifiable');
  return reasons;
}

/** Whether every calendar of the policy is open at this time. */
export function isWithinHours(policy, microseconds) {
  const here = Math.floor(microseconds / 1000000) + policy.zoneSeconds;
  const day = Math.floor(here / 86400);
  const minute = Math.floor((here - day * 86400) / 60);
  return policy.openings.every((opening) => contains(opening, day, minute) || contains(opening, day - 1, minute + 1440));
}

/** `day` since 1970-01-01, a Thursday; weeks begin with Monday. */
function contains(opening, day, minute) {
  const name = new Date(day * 86400000).toISOString().slice(0, 10);
  const hours = opening.exceptions[name] ?? opening.week[(((day + 3) % 7) + 7) % 7] ?? [];
  return hours.some(({from, until}) => from <= minute && minute < until);
}
