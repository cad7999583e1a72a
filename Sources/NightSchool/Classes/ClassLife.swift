import HTTP
package import Postgres
package import Programs
package import Registry
package import Runtime

/// The steps of a class's life: judged, written, told, within one transaction that holds the class.
package struct ClassLife: Sendable {
    package let classes: ClassStore
    package let list: ClassListStore
    package let lessons: LessonStore
    package let enrolments: EnrolmentStore
    let courses: CourseStore
    let schools: SchoolStore
    let planner: ClassPlanner
    package let draws: DrawMaker
    let cuts: SeatCutStore
    let audit: AuditStore
    let outbox: OutboxStore

    /// - Parameter states: in which it may be.
    /// - Throws: `school.class_unknown`, for what lies outside and what does not exist alike; `school.changed`, `school.wrong_state`.
    func hold(
        _ id: ID<SchoolClass>, in states: Set<SchoolClass.State>, within scope: Scope = .everything, version: Int32? = nil,
        querying: any Querying
    ) async throws -> ClassAnswer {
        var filter = ClassListStore.Filter()
        filter.scope = scope
        guard let found = try await list.find(id, filter, isHeld: true, in: querying) else { throw Problem(SchoolProblem.classUnknown) }
        if let version, version != found.version { throw Problem(SchoolProblem.changed) }
        guard states.contains(found.state) else { throw Problem(SchoolProblem.wrongState) }
        return found
    }

    // MARK: Making

    /// Makes a draft with its lessons.
    package func create(
        _ body: SchoolClassBody, within scope: Scope, by actor: ProgramLife.Actor, in querying: any Querying
    ) async throws -> ClassAnswer {
        let (term, course) = try await place(body, within: scope, in: querying)
        let plan = try await plan(body.facts, course, term, owner: -1, leaving: nil, in: querying)
        let ids = try await classes.create([(plan: plan, course: course.id)], in: term, by: actor.subject, querying: querying)
        guard let id = ids.first else { throw Problem(SchoolProblem.classUnknown) }
        try await lessons.create([LessonStore.Draft(classID: id, facts: plan.facts, lessons: plan.lessons)], in: querying)
        return try await told("created", id, by: actor, in: querying)
    }

    /// Replaces what a draft says, its lessons among it.
    package func change(
        _ id: ID<SchoolClass>, to body: SchoolClassBody, within scope: Scope, version: Int32?, by actor: ProgramLife.Actor,
        in querying: any Querying
    ) async throws -> ClassAnswer {
        let before = try await hold(id, in: [.draft], within: scope, version: version, querying: querying)
        // What it is a class of does not change.
        guard body.courseId == before.courseId else { throw Problem(SchoolProblem.courseUnknown) }
        guard body.termId == before.termId else { throw Problem(SchoolProblem.termUnknown) }
        let (term, course) = try await place(body, within: scope, in: querying)
        let plan = try await plan(body.facts, course, term, owner: id.rawValue, leaving: (id, nil), in: querying)
        try await lessons.remove(of: id, in: querying)
        try await classes.change(id, to: plan, in: querying)
        try await lessons.create([LessonStore.Draft(classID: id, facts: plan.facts, lessons: plan.lessons)], in: querying)
        return try await told("changed", id, by: actor, in: querying)
    }

    /// The term, held, and the course, of one school.
    private func place(
        _ body: SchoolClassBody, within scope: Scope, in querying: any Querying
    ) async throws -> (SchoolTerm, Course) {
        guard let term = try await schools.term(body.termId, within: scope, isHeld: true, in: querying) else {
            throw Problem(SchoolProblem.termUnknown)
        }
        guard let course = try await courses.course(body.courseId, within: scope, in: querying), course.schoolId == term.schoolId else {
            throw Problem(SchoolProblem.courseUnknown)
        }
        return (term, course)
    }

    private func plan(
        _ facts: SchoolClassFacts, _ course: Course, _ term: SchoolTerm, owner: Int64, leaving: ClassPlanner.Leaving?,
        in querying: any Querying
    ) async throws -> ClassPlan {
        let (times, faults) = facts.pattern.lessons(in: term.days)
        let plan = ClassPlan(owner: owner, title: course.title, facts: facts, lessons: faults.isEmpty ? times : [], pointer: "")
        try SchoolDesk.check(faults + (try await planner.faults([plan], of: term.schoolId, leaving: leaving, in: querying)))
        return plan
    }

    // MARK: Steps

    /// Shows a draft to everybody, once nothing at all is wrong with it.
    package func publish(
        _ id: ID<SchoolClass>, within scope: Scope = .everything, version: Int32? = nil, by actor: ProgramLife.Actor,
        in querying: any Querying
    ) async throws -> ClassAnswer {
        let draft = try await hold(id, in: [.draft], within: scope, version: version, querying: querying)
        guard let term = try await schools.term(draft.termId, within: .everything, isHeld: true, in: querying) else {
            throw Problem(SchoolProblem.termUnknown)
        }
        let times = try await lessons.lessons(of: id, in: querying).filter { $0.state != .cancelled }.map(\.time)
        let plan = ClassPlan(owner: id.rawValue, title: draft.title, facts: draft.facts, lessons: times, pointer: "")
        let faults =
            times.compactMap { term.days.fault($0.day, at: "/pattern") }
            + draft.facts.faultsToPublish(times, now: try await classes.now(in: querying))
            + (try await planner.faults([plan], of: draft.schoolId, leaving: (id, nil), in: querying))
        try SchoolDesk.check(faults)
        try await classes.publish([id], in: querying)
        try SchoolDesk.check(try await draws.open([id], in: querying).map { _ in DrawMaker.mismatch(at: "") })
        return try await told("published", id, by: actor, in: querying)
    }

    /// Cancels a class and those of its lessons that are to come.
    func cancel(
        _ id: ID<SchoolClass>, _ why: SchoolReasonBody, within scope: Scope = .everything, version: Int32? = nil,
        details: [String: String] = [:], by actor: ProgramLife.Actor, in querying: any Querying
    ) async throws -> ClassAnswer {
        _ = try await hold(id, in: [.draft, .published, .running], within: scope, version: version, querying: querying)
        try await classes.end(id, as: .cancelled, why, in: querying)
        let count = try await lessons.cancel(nil, of: id, why, in: querying)
        try await enrolments.end(id, isCancelled: true, reason: why.reason, by: actor.subject, in: querying)
        let told = details.merging(["lessons": "\(count)"]) { first, _ in first }
        return try await self.told("cancelled", id, details: told, why, by: actor, in: querying)
    }

    /// More seats at any time; fewer as long as nobody loses one.
    package func setCapacity(
        _ capacity: Int32, of id: ID<SchoolClass>, within scope: Scope = .everything, version: Int32? = nil, by actor: ProgramLife.Actor,
        in querying: any Querying
    ) async throws -> ClassAnswer {
        let before = try await hold(id, in: [.draft, .published, .running], within: scope, version: version, querying: querying)
        var facts = before.facts
        facts.capacity = capacity
        // Without its lessons, for they stay as they are, and without room and teacher, for each of them may have another.
        facts.roomId = nil
        facts.teacherId = nil
        let plan = ClassPlan(owner: id.rawValue, title: before.title, facts: facts, lessons: [], pointer: "")
        var faults = try await planner.faults([plan], of: before.schoolId, in: querying)
        let taught = try await lessons.lessons(of: id, in: querying).filter { $0.state == .planned || $0.state == .moved }
        let rooms = try await planner.rooms.hold(Set(taught.compactMap { $0.room?.id }), in: querying)
        for room in rooms.values.sorted(by: { $0.id.rawValue < $1.id.rawValue }) where room.seats < capacity {
            faults.append(
                Violation(
                    "school.room_too_small", pointer: "/capacity", zh: "教室 \(room.site) \(room.name) 只有 \(room.seats) 个座位",
                    en: "\(room.site) \(room.name) has \(room.seats) seats"))
        }
        try SchoolDesk.check(faults)
        try await enrolments.holdCourse(of: id, in: querying)
        guard try await classes.setCapacity(capacity, of: id, in: querying) else {
            throw SchoolProblem.below(
                before.capacity - before.free, try await cuts.losers(capacity, of: id, in: querying))
        }
        // Who waits is offered what is free at once.
        try await enrolments.giveSeats(of: [id], by: actor.subject, in: querying)
        return try await told(
            "capacity_changed", id, details: ["from": "\(before.capacity)", "to": "\(capacity)"], by: actor, in: querying)
    }

    // MARK: Telling

    /// Writes the step down, in the class's own history, the audit and the outbox.
    /// - Returns: the class as it is now.
    @discardableResult
    func told(
        _ step: String, _ id: ID<SchoolClass>, lesson: Int16? = nil, details: [String: String] = [:], _ why: SchoolReasonBody? = nil,
        by actor: ProgramLife.Actor, in querying: any Querying
    ) async throws -> ClassAnswer {
        guard let after = try await list.find(id, in: querying) else { throw Problem(SchoolProblem.classUnknown) }
        try await classes.note(step, on: [id], lesson: lesson, details: details, why, by: actor.subject, in: querying)
        let subject = "school_class:\(id)"
        var noted = details
        noted["lesson"] = lesson.map { "\($0)" }
        try await audit.record(
            "school_class.\(step)", subject: subject, organization: after.organizationId, details: noted, actor: actor.subject,
            requestID: actor.requestID, in: querying)
        try await outbox.emit(
            "school_class.\(step)", subject: subject, organization: after.organizationId,
            data: ClassTold(classId: id, state: after.state, lesson: lesson.map { Int32($0) }), in: querying)
        return after
    }
}

/// What receivers of webhooks get of a step.
private struct ClassTold: Codable, Sendable {
    let classId: ID<SchoolClass>
    let state: SchoolClass.State
    let lesson: Int32?
}

extension Lesson {
    /// On the school's clock.
    var time: LessonTime {
        let day = CalendarDate.inChina(startsAt)
        return LessonTime(day: day, from: ClockTime(startsAt), to: ClockTime(endsAt))
    }
}

extension ClockTime {
    /// The time of day that it is then in China.
    init(_ time: Timestamp) {
        let minutes = (time.microseconds / 60_000_000 + 480) % 1_440
        self.init(minute: Int(minutes))
    }
}
