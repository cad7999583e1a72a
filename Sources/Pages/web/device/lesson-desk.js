// What a classroom knows for the time without network: its lessons with who has a seat, and public keys; and what it recorded then.

import {keepValue, keptValue, waiting, acknowledge, add, change} from './journal.js';
import {getWithin, isUnanswered, keepAsking, noteLink, postWithin, putWithin} from './link.js';
import {learningTime, microsecondsOf, now, timeText} from './true-time.js';
import {ask, resting} from './questions.js';
import {OwnCodes} from './own-codes.js';

const pageSize = 200;

/** The desk of the room. */
export class LessonDesk {
  #codes = new OwnCodes();
  #known;

  /** A sentence while the service says that this device stands in no room, or the like. */
  fault;

  /** Whether the service lets this device write the roll by hand. */
  mayMark = true;

  /** Takes up what is kept. */
  async open() {
    await this.#codes.open();
    const kept = await keptValue('lessons');
    if (kept) await this.#take(kept);
  }

  /** Whether its lessons were ever heard. */
  get isKnown() { return this.#known !== undefined; }

  get lessons() { return this.#known?.lessons ?? []; }

  /** The lesson that takes people in now, or else the next, or else the last. */
  present() {
    const at = now().microseconds;
    const standing = this.lessons.filter((one) => one.state !== 'cancelled');
    return standing.find((one) => microsecondsOf(one.opensAt) <= at && at <= microsecondsOf(one.endsAt))
      ?? standing.find((one) => microsecondsOf(one.startsAt) > at) ?? standing.at(-1) ?? this.lessons[0];
  }

  async #take(known) {
    this.#known = known;
    for (const entry of [...waiting('lesson'), ...waiting('mark')]) this.#put(entry);
    await this.#codes.learn(known.publicKeys);
    noteLink({asOf: known.asOf / 1000});
  }

  /** What is not told yet holds over what the service knew. */
  #put({lesson, memberID, state}) {
    const line = this.lessons.find((one) => one.classId === lesson.classId && one.number === lesson.number)
      ?.lines.find((one) => one.memberIds.some((id) => BigInt(id) === memberID));
    if (line && state) Object.assign(line, {state, isWaiting: true});
  }

  /** Asks for news now and every minute; `changed()` after each. */
  async keepFresh(signal, changed) {
    const refresh = async () => {
      await this.refresh();
      changed();
    };
    await keepAsking(refresh, signal);
  }

  /** Asks for news. */
  async refresh() {
    try {
      const answer = await learningTime(() => getWithin(8000, '/v1/lesson-desk'));
      const known = {...answer, asOf: microsecondsOf(answer.serverTime)};
      await keepValue('lessons', known);
      await this.#take(known);
      this.fault = undefined;
    } catch (error) {
      this.fault = isUnanswered(error) ? undefined : error.message;
      if (error.status === 401) noteLink({fault: 'badge.shut_out'});
    }
  }

  /** Puts a code's member on the roll: {answer} of the service, or {alone: {state, name} or {reason, name}}. */
  async scan(lesson, code, pin) {
    const place = {classId: lesson.classId, number: lesson.number};
    const {answer, entry} = await ask('lesson', `/v1/classes/${lesson.classId}/lessons/${lesson.number}/scans`, {code},
      {pin, milliseconds: 4000, more: {lesson: place}});
    if (answer) {
      const line = this.#line(lesson, answer.member?.memberId);
      if (line && answer.state) {
        Object.assign(line, {state: answer.state});
        await keepValue('lessons', this.#known);
      }
      return {answer};
    }
    if (entry.hadPIN) {
      await acknowledge([entry]);
      return {alone: {reason: 'alone.needs_network'}};
    }
    return {alone: await this.#decide(lesson, entry)};
  }

  #line(lesson, memberID) {
    return memberID === undefined ? undefined : lesson.lines.find((one) => one.memberIds.some((id) => BigInt(id) === BigInt(memberID)));
  }

  /** Alone. What is refused here is told as well: the service judges it by its true time. */
  async #decide(lesson, entry) {
    const {microseconds} = entry.moment;
    const judged = await this.#codes.judge(entry.body.code, entry.moment);
    if (judged.reason) return {reason: judged.reason};
    const line = this.#line(lesson, judged.memberID);
    const name = line?.maskedName;
    if (lesson.state === 'cancelled') return {reason: 'alone.lesson_cancelled', name};
    if (microseconds < microsecondsOf(lesson.opensAt)) return {reason: 'alone.lesson_early', name};
    if (microseconds > microsecondsOf(lesson.endsAt)) return {reason: 'alone.lesson_over', name};
    if (!line) return {reason: 'alone.no_seat'};
    if (line.isLent) return {reason: 'alone.seat_lent', name};
    if (line.state === 'attended' || line.state === 'late') return {reason: 'alone.already_marked', name};
    const state = microseconds <= microsecondsOf(lesson.lateAt) ? 'attended' : 'late';
    await change(entry, {memberID: judged.memberID, state}, this.#codes.accept(judged.found, microseconds));
    Object.assign(line, {state, isWaiting: true});
    return {state, name};
  }

  /** Marks a line by hand; gives whether the service has it already. */
  async mark(lesson, line, state) {
    const entry = await add({
      kind: 'mark', lesson: {classId: lesson.classId, number: lesson.number}, memberID: BigInt(line.memberIds[0]), state, moment: now(),
    });
    Object.assign(line, {state, isWaiting: true});
    try {
      await this.#tellMarks(entry.lesson);
      Object.assign(line, {isWaiting: false});
      return true;
    } catch (error) {
      if (isUnanswered(error)) return false;
      await this.refresh();
      throw error;
    }
  }

  /** Tells the marks of one lesson; where they are refused they are done with, and `mayMark` says that this device is not let. */
  async #tellMarks({classId, number}) {
    const page = resting('mark').filter((one) => one.lesson.classId === classId && one.lesson.number === number);
    try {
      await putWithin(8000, `/v1/classes/${classId}/lessons/${number}/roll`, {
        items: page.map((one) => ({memberId: Number(one.memberID), state: one.state, occurredAt: timeText(one.moment)})),
      });
      await acknowledge(page);
    } catch (error) {
      if (!isUnanswered(error)) await acknowledge(page);
      if (['school.class_unknown', 'auth.not_permitted'].includes(error.code)) this.mayMark = false;
      throw error;
    }
  }

  /** Tells what was recorded without network; `told(results)` hears what became of it. */
  async flush(told) {
    for (let page = resting('lesson').slice(0, pageSize); page.length > 0; page = resting('lesson').slice(0, pageSize)) {
      const items = page.map((one) => ({
        classId: one.lesson.classId, number: one.lesson.number, code: one.body.code, requestId: one.id, occurredAt: one.body.occurredAt,
      }));
      const answer = await postWithin(20000, '/v1/lesson-scans/journal', {items});
      await acknowledge(page);
      told(answer.items);
    }
    for (let entry = resting('mark')[0]; entry; entry = resting('mark')[0]) {
      try {
        await this.#tellMarks(entry.lesson);
      } catch (error) {
        if (isUnanswered(error)) throw error;
        told([{outcome: 'refused', reasons: [{text: error.message}]}]);
      }
    }
    await this.refresh();
  }
}
