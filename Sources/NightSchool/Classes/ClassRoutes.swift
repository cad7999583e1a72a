import HTTP
import Postgres
import Programs
import Registry
import Runtime

/// Classes, made, changed, published and cancelled by those who organize them.
struct ClassRoutes: Sendable {
    let desk: SchoolDesk
    let life: ClassLife

    private typealias P = RegistryPermission
    static let id = Parameter.path("id", .id, "The class")

    var all: [Route] { [create, list, read, change, publish, cancel, capacity, events] }

    static let held = [SchoolProblem.classUnknown, SchoolProblem.changed, SchoolProblem.wrongState, SchoolProblem.invalid]
    private static let labels = ["school_class_label_is_its_own"]

    private var create: Route {
        Route(
            .post, "/v1/classes", summary: "Makes a class with its lessons, as a draft; its room and its teacher are taken from now on",
            tag: SchoolDesk.tag, access: .permission(P.schoolsWrite), parameters: [IdempotencyStore.parameter],
            body: .json(SchoolClassBody.self, limitBytes: 65_536), responses: [.json(201, ClassSheet.self, "The draft")],
            problems: SchoolDesk.creating + [
                SchoolProblem.termUnknown, SchoolProblem.courseUnknown, SchoolProblem.classUnknown, SchoolProblem.nameTaken,
                RulesProblem.invalid,
            ]
        ) { request in
            let body = try request.json(SchoolClassBody.self)
            return try await SchoolDesk.named(Self.labels) {
                try await desk.idempotency.once(request) { querying in
                    let made = try await life.create(
                        body, within: request.scope(of: P.schoolsWrite), by: ProgramLife.Actor(request), in: querying)
                    return try await answer(made, status: 201, in: querying).with("Location", "/v1/classes/\(made.id)")
                }
            }
        }
    }

    /// The parameters by which classes are looked for, of organizers and of everybody alike.
    static let filters: [Parameter] =
        PageCursor.parameters + [
            .query("school", .id, "Of this school only"), .query("term", .id, "Of this term only"),
            .query("course", .id, "Of this course only"),
            .query("organization", .id, "Of schools of this organization and those below: a district's"),
            .query("category", CourseCategory.codeSchema, "Of this category only"),
            .query("state", .oneOf(SchoolClass.State.allCases.map(\.rawValue)), "In this state only"),
        ]

    static func filter(_ request: Request) -> ClassListStore.Filter {
        var filter = ClassListStore.Filter()
        filter.school = request.optionalParameter("school")
        filter.term = request.optionalParameter("term")
        filter.course = request.optionalParameter("course")
        filter.organization = request.optionalParameter("organization")
        filter.category = request.optionalParameter("category")
        let state: String? = request.optionalParameter("state")
        filter.state = state.flatMap(SchoolClass.State.init(rawValue:))
        return filter
    }

    private var list: Route {
        Route(
            .get, "/v1/classes", summary: "Lists classes in the order of their numbers, drafts among them", tag: SchoolDesk.tag,
            access: .permission(P.schoolsRead), parameters: Self.filters, responses: [.json(200, ClassList.self, "A page")],
            problems: SchoolDesk.reading
        ) { request in
            let (after, limit) = PageCursor.read(request, of: SchoolClass.self)
            var filter = Self.filter(request)
            filter.scope = request.scope(of: P.schoolsRead)
            let (items, next) = PageCursor.page(
                try await life.list.list(filter, after: after, limit: limit + 1), limit: limit, id: \.id)
            return .json(ClassList(items: items, next: next))
        }
    }

    private func found(_ request: Request) async throws -> ClassAnswer {
        var filter = ClassListStore.Filter()
        filter.scope = request.scope(of: P.schoolsRead)
        guard let found = try await life.list.find(request.parameter("id"), filter) else { throw Problem(SchoolProblem.classUnknown) }
        return found
    }

    private func answer(_ found: ClassAnswer, status: Int = 200, in querying: (any Querying)? = nil) async throws -> Response {
        SchoolDesk.answer(
            ClassSheet(found, try await life.lessons.lessons(of: found.id, in: querying)), version: found.version, status: status)
    }

    private var read: Route {
        Route(
            .get, "/v1/classes/{id}", summary: "One class with its lessons", tag: SchoolDesk.tag, access: .permission(P.schoolsRead),
            parameters: [Self.id], responses: [.json(200, ClassSheet.self, "The class; its ETag names the version")],
            problems: SchoolDesk.reading + [SchoolProblem.classUnknown]
        ) { request in
            try await answer(try await found(request))
        }
    }

    private var change: Route {
        Route(
            .put, "/v1/classes/{id}", summary: "Replaces what a draft says and makes its lessons anew", tag: SchoolDesk.tag,
            access: .permission(P.schoolsWrite), parameters: [Self.id, EntityTag.ifMatch],
            body: .json(SchoolClassBody.self, limitBytes: 65_536), responses: [.json(200, ClassSheet.self, "As it is now")],
            problems: Self.held + [
                SchoolProblem.termUnknown, SchoolProblem.courseUnknown, SchoolProblem.nameTaken, RulesProblem.invalid,
                RegistryProblem.databaseUnavailable,
            ]
        ) { request in
            let body = try request.json(SchoolClassBody.self)
            return try await SchoolDesk.named(Self.labels) {
                try await desk.idempotency.once(request) { querying in
                    let after = try await life.change(
                        request.parameter("id"), to: body, within: request.scope(of: P.schoolsWrite), version: request.versionToChange,
                        by: ProgramLife.Actor(request), in: querying)
                    return try await answer(after, in: querying)
                }
            }
        }
    }

    // MARK: Steps

    private func step(
        _ name: String, _ summary: String, body: BodyDeclaration = .none, problems: [ProblemType] = [],
        _ take: @escaping @Sendable (Request, any Querying) async throws -> ClassAnswer
    ) -> Route {
        Route(
            .post, "/v1/classes/{id}/\(name)", summary: summary, tag: SchoolDesk.tag, access: .permission(P.schoolsWrite),
            parameters: [Self.id, EntityTag.ifMatch, IdempotencyStore.parameter], body: body,
            responses: [.json(200, ClassSheet.self, "As it is now")], problems: Self.held + problems + IdempotencyStore.problems
        ) { request in
            try await desk.idempotency.once(request) { querying in
                try await answer(try await take(request, querying), in: querying)
            }
        }
    }

    private var publish: Route {
        step("publish", "Shows a draft to everybody, or says everything that keeps it from that", problems: [SchoolProblem.termUnknown]) {
            request, querying in
            try await life.publish(
                request.parameter("id"), within: request.scope(of: P.schoolsWrite), version: request.versionToChange,
                by: ProgramLife.Actor(request), in: querying)
        }
    }

    private var cancel: Route {
        step(
            "cancel", "Cancels a class and its lessons to come, for a reason that members read",
            body: .json(SchoolReasonBody.self, limitBytes: 8_192)
        ) { request, querying in
            let why = try request.json(SchoolReasonBody.self)
            return try await life.cancel(
                request.parameter("id"), why, within: request.scope(of: P.schoolsWrite), version: request.versionToChange,
                by: ProgramLife.Actor(request), in: querying)
        }
    }

    private var capacity: Route {
        step(
            "capacity", "Gives a class more seats, or fewer as long as nobody loses one",
            body: .json(CapacityBody.self, limitBytes: 1_024), problems: [SchoolProblem.seatsTaken]
        ) { request, querying in
            let capacity = try request.json(CapacityBody.self).capacity
            return try await life.setCapacity(
                capacity, of: request.parameter("id"), within: request.scope(of: P.schoolsWrite), version: request.versionToChange,
                by: ProgramLife.Actor(request), in: querying)
        }
    }

    private var events: Route {
        Route(
            .get, "/v1/classes/{id}/events", summary: "What happened to a class and its lessons, who did it and why",
            tag: SchoolDesk.tag, access: .permission(P.schoolsRead), parameters: [Self.id],
            responses: [.json(200, ClassEventList.self, "In order")], problems: SchoolDesk.reading + [SchoolProblem.classUnknown]
        ) { request in
            .json(ClassEventList(items: try await life.classes.events(of: try await found(request).id)))
        }
    }
}
