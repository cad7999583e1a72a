import HTTP
import Postgres
import Registry
import Runtime

/// The teacher's list: organizers and whoever teaches the lesson read it and write it.
struct LessonRollRoutes: Sendable {
    let desk: SchoolDesk
    let list: ClassListStore
    let rolls: LessonRollStore
    let people: LessonPeople
    let members: MemberStore

    private typealias P = RegistryPermission

    var all: [Route] { [read, mark, readAsTeacher, markAsTeacher, rates] }

    private static let reading = SchoolDesk.reading + [SchoolProblem.classUnknown, SchoolProblem.lessonUnknown]
    private static let marking =
        [
            SchoolProblem.classUnknown, SchoolProblem.lessonUnknown, SchoolProblem.invalid,
        ] + IdempotencyStore.problems

    private static func lesson(_ request: Request) -> (id: ID<SchoolClass>, number: Int16) {
        let number: Int64 = request.parameter("number")
        return (request.parameter("id"), Int16(clamping: number))
    }

    private func roll(_ request: Request, in querying: (any Querying)? = nil) async throws -> LessonRoll {
        let lesson = Self.lesson(request)
        guard let roll = try await rolls.roll(of: lesson.id, lesson.number, in: querying) else {
            throw Problem(SchoolProblem.lessonUnknown)
        }
        return try await people.named([roll])[0]
    }

    private func found(_ request: Request, _ permission: Permission) async throws -> ClassAnswer {
        var filter = ClassListStore.Filter()
        filter.scope = request.scope(of: permission)
        guard let found = try await list.find(request.parameter("id"), filter) else { throw Problem(SchoolProblem.classUnknown) }
        return found
    }

    /// An organizer's class, or a lesson at hand in the room of the device that asks.
    /// - Throws: `school.lesson_unknown`, to a device for a lesson elsewhere, one of another day and one that there is not alike.
    private func operated(_ request: Request) async throws -> ClassAnswer {
        guard let device = request.principal as? DevicePrincipal else { return try await found(request, P.schoolsOperate) }
        guard let room = try await rolls.room(of: device.deviceID) else { throw Problem(AttendanceProblem.deviceUnbound) }
        let lesson = Self.lesson(request)
        guard try await rolls.isAtHand(lesson.id, lesson.number, in: room), let found = try await list.find(lesson.id) else {
            throw Problem(SchoolProblem.lessonUnknown)
        }
        return found
    }

    private func marked(_ request: Request, in organization: ID<Organization>) async throws -> Response {
        let lesson = Self.lesson(request)
        let body = try request.json(LessonMarksBody.self)
        return try await desk.idempotency.once(request) { querying in
            guard
                let outcomes = try await rolls.mark(body.items, of: lesson.id, lesson.number, by: request.actor, in: querying)
            else { throw Problem(SchoolProblem.lessonUnknown) }
            try SchoolDesk.check(
                outcomes.enumerated().compactMap { index, outcome in
                    outcome.reason.map {
                        Violation($0.rawValue, pointer: "/items/\(index)", zh: $0.text.zh, en: $0.text.en)
                    }
                })
            let count = outcomes.count { $0.isNew }
            if count > 0 {
                try await desk.record(
                    "lesson.attendance_marked", "school_class:\(lesson.id)", of: organization,
                    details: ["lesson": "\(lesson.number)", "lines": "\(count)"], request, in: querying)
            }
            return Response.json(try await roll(request, in: querying)).with("Cache-Control", "no-store")
        }
    }

    // MARK: Organizers

    private var read: Route {
        Route(
            .get, "/v1/classes/{id}/lessons/{number}/roll", summary: "A lesson's roll: who has a seat and what is recorded, masked",
            tag: SchoolDesk.tag, access: .permission(P.schoolsRead), parameters: [ClassRoutes.id, LessonDeskRoutes.number],
            responses: [.json(200, LessonRoll.self, "The roll")], problems: Self.reading
        ) { request in
            _ = try await found(request, P.schoolsRead)
            return Response.json(try await roll(request)).with("Cache-Control", "no-store")
        }
    }

    private var mark: Route {
        Route(
            .put, "/v1/classes/{id}/lessons/{number}/roll", summary: "Marks who came, who is excused and who is absent; all lines, or none",
            tag: SchoolDesk.tag, access: .permission(P.schoolsOperate), parameters: [ClassRoutes.id, LessonDeskRoutes.number],
            body: .json(LessonMarksBody.self, limitBytes: 131_072), responses: [.json(200, LessonRoll.self, "The roll as it is now")],
            problems: Self.marking + [AttendanceProblem.deviceUnbound]
        ) { request in
            try await marked(request, in: try await operated(request).organizationId)
        }
    }

    private var rates: Route {
        Route(
            .get, "/v1/classes/{id}/attendance", summary: "How often each of a class came, masked", tag: SchoolDesk.tag,
            access: .permission(P.schoolsRead), parameters: [ClassRoutes.id],
            responses: [.json(200, ClassAttendance.self, "In the order of the members' numbers")],
            problems: SchoolDesk.reading + [SchoolProblem.classUnknown]
        ) { request in
            let found = try await rolls.rates(of: try await found(request, P.schoolsRead).id)
            let names = try await people.names(found.map(\.memberID))
            let items = found.map { line in
                ClassAttendance.Line(
                    member: LessonMember(memberId: line.memberID, maskedName: names[line.memberID]), enrolmentId: line.enrolmentID,
                    state: line.state, rate: line.rate)
            }
            return Response.json(ClassAttendance(items: items)).with("Cache-Control", "no-store")
        }
    }

    // MARK: Teachers

    /// - Throws: `school.lesson_unknown`, for a lesson that another teaches and for one that there is not alike.
    private func taught(_ request: Request) async throws -> ClassAnswer {
        let lesson = Self.lesson(request)
        let numbers = try await members.numbers(of: request.member.memberID)
        guard try await rolls.isTaught(lesson.id, lesson.number, by: numbers), let found = try await list.find(lesson.id) else {
            throw Problem(SchoolProblem.lessonUnknown)
        }
        return found
    }

    private var readAsTeacher: Route {
        Route(
            .get, "/v1/me/taught-classes/{id}/lessons/{number}/roll", summary: "The roll of a lesson that you teach, masked", tag: "Me",
            access: .permission(P.me), parameters: [ClassRoutes.id, LessonDeskRoutes.number],
            responses: [.json(200, LessonRoll.self, "The roll")], problems: SchoolDesk.reading + [SchoolProblem.lessonUnknown]
        ) { request in
            _ = try await taught(request)
            return Response.json(try await roll(request)).with("Cache-Control", "no-store")
        }
    }

    private var markAsTeacher: Route {
        Route(
            .put, "/v1/me/taught-classes/{id}/lessons/{number}/roll", summary: "Marks a lesson that you teach; all lines, or none",
            tag: "Me", access: .permission(P.me), parameters: [ClassRoutes.id, LessonDeskRoutes.number],
            body: .json(LessonMarksBody.self, limitBytes: 131_072), responses: [.json(200, LessonRoll.self, "The roll as it is now")],
            problems: Self.marking
        ) { request in
            try await marked(request, in: try await taught(request).organizationId)
        }
    }
}
