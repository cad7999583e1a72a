import HTTP
import Postgres
import Programs
import Registry
import Runtime

/// Single lessons: tried out, moved, cancelled; and their links, for members.
struct LessonRoutes: Sendable {
    let desk: SchoolDesk
    let life: ClassLife
    let views: LessonViewCounter

    private typealias P = RegistryPermission
    private static let number = Parameter.path("number", .id, "The lesson's number in its class")

    var all: [Route] { [preview, move, cancel, link] }

    private var preview: Route {
        Route(
            .post, "/v1/school-terms/{id}/lesson-previews",
            summary: "The lessons that a pattern would make in a term, and what is in their way; nothing is kept", tag: SchoolDesk.tag,
            access: .permission(P.schoolsRead), parameters: [TermRoutes.id],
            body: .json(LessonPreviewBody.self, limitBytes: 32_768), responses: [.json(200, LessonPreview.self, "The lessons")],
            problems: SchoolDesk.reading + [SchoolProblem.termUnknown]
        ) { request in
            let body = try request.json(LessonPreviewBody.self)
            let term = try await desk.term(request.parameter("id"), request, P.schoolsRead)
            let (times, faults) = body.pattern.lessons(in: term.days)
            let facts = SchoolClassFacts(
                label: "1", teacherId: body.teacherId, roomId: body.roomId, capacity: 1, pattern: body.pattern)
            let plan = ClassPlan(owner: -1, title: "", facts: facts, lessons: faults.isEmpty ? times : [], pointer: "")
            let clashes = try await life.classes.database.inTransaction { transaction in
                try await life.planner.faults([plan], of: term.schoolId, in: transaction)
            }
            return .json(LessonPreview(times, faults + clashes, request.language))
        }
    }

    private func step(
        _ name: String, _ summary: String, body: BodyDeclaration,
        _ take: @escaping @Sendable (ID<SchoolClass>, Int16, Request, any Querying) async throws -> ClassAnswer
    ) -> Route {
        Route(
            .post, "/v1/classes/{id}/lessons/{number}/\(name)", summary: summary, tag: SchoolDesk.tag,
            access: .permission(P.schoolsWrite),
            parameters: [ClassRoutes.id, Self.number, EntityTag.ifMatch, IdempotencyStore.parameter], body: body,
            responses: [.json(200, ClassSheet.self, "The class as it is now")],
            problems: ClassRoutes.held + [SchoolProblem.lessonUnknown, SchoolProblem.lessonOver, SchoolProblem.termUnknown]
                + IdempotencyStore.problems
        ) { request in
            try await desk.idempotency.once(request) { querying in
                let number: Int64 = request.parameter("number")
                let after = try await take(request.parameter("id"), Int16(clamping: number), request, querying)
                return SchoolDesk.answer(
                    ClassSheet(after, try await life.lessons.lessons(of: after.id, in: querying)), version: after.version)
            }
        }
    }

    private var move: Route {
        step(
            "move", "Gives one lesson another time, room or teacher, for a reason that members read",
            body: .json(LessonMoveBody.self, limitBytes: 8_192)
        ) { id, number, request, querying in
            let body = try request.json(LessonMoveBody.self)
            return try await life.move(
                number, of: id, to: body, within: request.scope(of: P.schoolsWrite), version: request.versionToChange,
                by: ProgramLife.Actor(request), in: querying)
        }
    }

    private var cancel: Route {
        step("cancel", "Cancels one lesson, for a reason that members read", body: .json(SchoolReasonBody.self, limitBytes: 8_192)) {
            id, number, request, querying in
            let why = try request.json(SchoolReasonBody.self)
            return try await life.cancelLesson(
                number, of: id, why, within: request.scope(of: P.schoolsWrite), version: request.versionToChange,
                by: ProgramLife.Actor(request), in: querying)
        }
    }

    private var link: Route {
        Route(
            .get, "/v1/me/classes/{id}/lessons/{number}/link",
            summary: "Where a lesson online is, for who has a seat; each look is counted", tag: "Me", access: .permission(P.me),
            parameters: [ClassRoutes.id, Self.number],
            responses: [.json(200, LessonLink.self, "The link")],
            problems: SchoolDesk.reading + [SchoolProblem.lessonUnknown, SchoolProblem.lessonOffline, SchoolProblem.seatedOnly]
        ) { request in
            let number: Int64 = request.parameter("number")
            switch try await views.view(request.parameter("id"), Int16(clamping: number), by: request.member.memberID) {
            case .link(let link): return Response.json(LessonLink(link: link)).with("Cache-Control", "no-store")
            case .notSeated: throw Problem(SchoolProblem.seatedOnly)
            case .offline: throw Problem(SchoolProblem.lessonOffline)
            case .unknown: throw Problem(SchoolProblem.lessonUnknown)
            }
        }
    }
}

/// A pattern to be tried out.
struct LessonPreviewBody: Codable, Sendable, APIType {
    let pattern: LessonPattern
    let teacherId: ID<Teacher>?
    let roomId: ID<Classroom>?

    static let schema = Schema.object(
        "LessonPreviewBody", "A pattern to be tried out",
        [
            .required("pattern", LessonPattern.schema), .optional("teacherId", .id, "Looked at for clashes and terms of office"),
            .optional("roomId", .id, "Looked at for clashes"),
        ])
}

/// The lessons that a pattern makes, and what is in their way.
struct LessonPreview: Codable, Sendable, APIType {
    struct Line: Codable, Sendable {
        let on: CalendarDate
        let from: ClockTime
        let to: ClockTime
        let startsAt: Timestamp
        let endsAt: Timestamp
    }

    struct Fault: Codable, Sendable {
        let code: String
        let pointer: String?
        let detail: String
    }

    let lessons: [Line]
    let faults: [Fault]

    init(_ times: [LessonTime], _ faults: [Violation], _ language: Language) {
        lessons = times.map { Line(on: $0.day, from: $0.from, to: $0.to, startsAt: $0.startsAt, endsAt: $0.endsAt) }
        self.faults = faults.map { Fault(code: $0.code, pointer: $0.pointer, detail: $0.detail[language]) }
    }

    private static let line = Schema.object(
        "LessonPreviewLine", "When a lesson would be",
        [
            .required("on", .date), .required("from", ClockTime.schema), .required("to", ClockTime.schema),
            .required("startsAt", .dateTime), .required("endsAt", .dateTime),
        ])
    private static let fault = Schema.object(
        "LessonPreviewFault", "What is in the way",
        [.required("code", .string(1...60)), .optional("pointer", .string(0...200)), .required("detail", .string(1...1_000))])

    static let schema = Schema.object(
        "LessonPreview", "The lessons that a pattern makes, and what is in their way",
        [.required("lessons", .array(of: line, 0...800)), .required("faults", .array(of: fault, 0...1_000))])
}

/// Where a lesson online is.
struct LessonLink: Codable, Sendable, APIType {
    let link: String

    static let schema = Schema.object("LessonLink", "Where a lesson online is", [.required("link", SchoolClass.linkSchema)])
}
