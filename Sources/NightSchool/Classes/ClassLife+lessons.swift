import HTTP
import Postgres
import Programs
import Registry
import Runtime

/// Single lessons, moved and cancelled.
extension ClassLife {
    /// - Throws: `school.lesson_unknown`, `school.lesson_over`.
    private func lesson(_ number: Int16, of id: ID<SchoolClass>, in querying: any Querying) async throws -> Lesson {
        guard let isAhead = try await lessons.isAhead(number, of: id, in: querying),
            let lesson = try await lessons.lessons(of: id, in: querying).first(where: { $0.number == Int32(number) })
        else { throw Problem(SchoolProblem.lessonUnknown) }
        guard isAhead else { throw Problem(SchoolProblem.lessonOver) }
        return lesson
    }

    /// Gives one lesson another time, room or teacher.
    func move(
        _ number: Int16, of id: ID<SchoolClass>, to body: LessonMoveBody, within scope: Scope, version: Int32?,
        by actor: ProgramLife.Actor, in querying: any Querying
    ) async throws -> ClassAnswer {
        let before = try await hold(id, in: [.draft, .published, .running], within: scope, version: version, querying: querying)
        let lesson = try await lesson(number, of: id, in: querying)
        guard let term = try await schools.term(before.termId, within: .everything, isHeld: true, in: querying) else {
            throw Problem(SchoolProblem.termUnknown)
        }
        let time = LessonTime(day: body.on, from: body.from, to: body.to)
        var faults = [term.days.fault(body.on, at: "/on"), LessonTime.fault(from: body.from, to: body.to, at: "/to")].compactMap(\.self)
        if try await classes.now(in: querying) >= time.startsAt {
            faults.append(Violation("school.lesson_in_the_past", pointer: "/on", zh: "须晚于现在", en: "It must be in the future"))
        }
        // What is asked of a whole class is not asked of one of its lessons.
        let facts = SchoolClassFacts(
            label: before.label, kind: before.kind == .online ? .online : .class, teacherId: body.teacherId ?? lesson.teacher?.id,
            roomId: body.roomId ?? lesson.room?.id, link: body.link ?? lesson.link, capacity: before.capacity,
            pattern: before.pattern)
        let plan = ClassPlan(owner: id.rawValue, title: before.title, facts: facts, lessons: faults.isEmpty ? [time] : [], pointer: "")
        faults += try await planner.faults([plan], of: before.schoolId, leaving: (id, number), in: querying)
        try SchoolDesk.check(faults)
        let why = SchoolReasonBody(reason: body.reason, reasonEn: body.reasonEn)
        try await lessons.move(number, of: id, to: time, facts, why, in: querying)
        try await classes.setSpan(id, in: querying)
        return try await told(
            "lesson_moved", id, lesson: number,
            details: [
                "from": lesson.startsAt.description, "to": time.startsAt.description, "fromRoom": lesson.room?.id.description,
                "toRoom": facts.roomId?.description, "fromTeacher": lesson.teacher?.id.description,
                "toTeacher": facts.teacherId?.description,
            ].compactMapValues(\.self), why, by: actor, in: querying)
    }

    /// Cancels one lesson; its room and its teacher are free then.
    func cancelLesson(
        _ number: Int16, of id: ID<SchoolClass>, _ why: SchoolReasonBody, within scope: Scope, version: Int32?,
        by actor: ProgramLife.Actor, in querying: any Querying
    ) async throws -> ClassAnswer {
        _ = try await hold(id, in: [.draft, .published, .running], within: scope, version: version, querying: querying)
        let lesson = try await lesson(number, of: id, in: querying)
        guard try await lessons.cancel(number, of: id, why, in: querying) == 1 else { throw Problem(SchoolProblem.lessonOver) }
        try await classes.setSpan(id, in: querying)
        return try await told(
            "lesson_cancelled", id, lesson: number, details: ["from": lesson.startsAt.description], why, by: actor, in: querying)
    }
}
