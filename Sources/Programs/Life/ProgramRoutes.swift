import HTTP
import Postgres
import Registry
import Runtime

/// Programs: drafted, announced, read and cancelled by those who share out.
struct ProgramRoutes: Sendable {
    let programs: ProgramStore
    let life: ProgramLife
    let organizations: OrganizationStore
    let idempotency: IdempotencyStore
    var audit: AuditStore { AuditStore() }

    static let id = Parameter.path("id", .id, "The program")
    static let tag = "Programs"
    private typealias P = RegistryPermission

    var all: [Route] {
        [create, list, read, change, sessions, replaceSessions, addSessions, announce, close, end, cancel, makePart, history]
            + [publicList, announcement]
    }

    private static let changing = [
        ProgramProblem.notFound, ProgramProblem.changed, ProgramProblem.wrongState, ProgramProblem.invalid,
    ]

    // MARK: Drafts

    private var create: Route {
        Route(
            .post, "/v1/programs", summary: "Makes a draft of a program", tag: Self.tag, access: .permission(P.programsWrite),
            parameters: [IdempotencyStore.parameter], body: .json(ProgramBody.self, limitBytes: 65_536),
            responses: [.json(201, ProgramAnswer.self, "The draft; nobody sees it yet")],
            problems: [ProgramProblem.invalid, RulesProblem.invalid] + IdempotencyStore.problems
        ) { request in
            let body = try request.json(ProgramBody.self)
            try await check(body, request)
            return try await idempotency.once(request) { querying in
                let program = try await writing { () async throws(PostgresError) in
                    try await programs.create(
                        body.facts, of: body.organizationId, quota: body.quota, by: request.principal?.subject ?? "anyone", in: querying)
                }
                try await note("created", program, request, in: querying)
                return Self.answer(program, status: 201).with("Location", "/v1/programs/\(program.id)")
            }
        }
    }

    private var change: Route {
        Route(
            .put, "/v1/programs/{id}", summary: "Replaces what a draft says", tag: Self.tag, access: .permission(P.programsWrite),
            parameters: [Self.id, EntityTag.ifMatch], body: .json(ProgramBody.self, limitBytes: 65_536),
            responses: [.json(200, ProgramAnswer.self, "The draft as it is now")],
            problems: Self.changing + [RulesProblem.invalid, ProgramProblem.frozen, RegistryProblem.databaseUnavailable]
        ) { request in
            let id: ID<UnionProgram> = request.parameter("id")
            let body = try request.json(ProgramBody.self)
            try await check(body, request)
            return try await idempotency.once(request) { querying in
                let program = try await draft(id, request, in: querying)
                // Whose it is does not change: parts and scopes hang on it.
                guard body.organizationId == program.organizationID else {
                    throw Problem(ProgramProblem.invalid, violations: [ProgramFault.organizationUnknown])
                }
                try await writing { () async throws(PostgresError) in
                    try await programs.change(id, to: body.facts, quota: body.quota, in: querying)
                }
                let after = try await life.hold(id, in: querying)
                try await note("changed", after, request, in: querying)
                return Self.answer(after)
            }
        }
    }

    private func check(_ body: ProgramBody, _ request: Request) async throws {
        var violations = body.facts.violations + body.facts.rules.faults(quota: Int(body.quota))
        if try await !organizations.isInside(body.organizationId, request.scope(of: P.programsWrite)) {
            violations.append(ProgramFault.organizationUnknown)
        }
        guard violations.isEmpty else { throw Problem(ProgramProblem.invalid, violations: violations) }
    }

    /// The database's own checks, where what they refuse has a field.
    private func writing<Value>(_ body: () async throws(PostgresError) -> Value) async throws -> Value {
        do throws(PostgresError) {
            return try await body()
        } catch {
            if error.isConstraint("program_session_area_exists") || error.isConstraint("program_session_audience_exists") {
                throw Problem(
                    ProgramProblem.invalid,
                    violations: [ProgramFault.sessionInvalid(0, zh: "没有这个工会组织", en: "There is no such organization")])
            }
            if case .server(let server) = error, server.sqlState == "22023" {
                throw Problem(ProgramProblem.invalid, violations: [ProgramFault.timeZoneUnknown])
            }
            throw error
        }
    }

    /// The program held, if it is a draft still.
    private func draft(_ id: ID<UnionProgram>, _ request: Request, in querying: any Querying) async throws -> UnionProgram {
        let program = try await life.hold(id, scope: request.scope(of: P.programsWrite), version: request.versionToChange, in: querying)
        guard program.state == .draft else { throw Problem(ProgramProblem.frozen) }
        return program
    }

    // MARK: Reading

    private var list: Route {
        Route(
            .get, "/v1/programs", summary: "Lists programs in the order of their numbers", tag: Self.tag,
            access: .permission(P.programsRead),
            parameters: PageCursor.parameters + [
                .query("organizationId", .id, "Only this organization's"),
                .query("state", .oneOf(ProgramState.allCases.map(\.rawValue)), "Only those in this state"),
                .query("parentId", .id, "Only parts of this one"),
            ],
            responses: [.json(200, ProgramList.self, "A page")], problems: [RegistryProblem.databaseUnavailable]
        ) { request in
            var filter = ProgramStore.Filter()
            filter.scope = request.scope(of: P.programsRead)
            filter.organization = request.optionalParameter("organizationId")
            filter.states = request.optionalParameter("state", as: String.self).flatMap(ProgramState.init(rawValue:)).map { [$0] }
            filter.parent = request.optionalParameter("parentId")
            return try await page(filter, request)
        }
    }

    private func page(_ filter: ProgramStore.Filter, _ request: Request) async throws -> Response {
        let (after, limit) = PageCursor.read(request, of: UnionProgram.self)
        let (items, next) = PageCursor.page(try await programs.list(filter, after: after, limit: limit + 1), limit: limit, id: \.id)
        return .json(ProgramList(items: items.map(ProgramAnswer.init), next: next))
    }

    private var read: Route {
        Route(
            .get, "/v1/programs/{id}", summary: "One program", tag: Self.tag, access: .permission(P.programsRead), parameters: [Self.id],
            responses: [.json(200, ProgramAnswer.self, "The program; its ETag names the version")],
            problems: [ProgramProblem.notFound, RegistryProblem.databaseUnavailable]
        ) { request in
            Self.answer(try await found(request))
        }
    }

    private func found(_ request: Request) async throws -> UnionProgram {
        guard let program = try await programs.find(request.parameter("id"), scope: request.scope(of: P.programsRead)) else {
            throw Problem(ProgramProblem.notFound)
        }
        return program
    }

    private var history: Route {
        Route(
            .get, "/v1/programs/{id}/events", summary: "What happened to a program, the oldest first", tag: Self.tag,
            access: .permission(P.programsRead), parameters: [Self.id] + PageCursor.parameters,
            responses: [.json(200, ProgramEventList.self, "A page")],
            problems: [ProgramProblem.notFound, RegistryProblem.databaseUnavailable]
        ) { request in
            let program = try await found(request)
            let (after, limit) = PageCursor.read(request, of: ProgramEvent.self)
            let (items, next) = PageCursor.page(
                try await programs.events(of: program.id, after: after?.rawValue ?? 0, limit: limit + 1), limit: limit,
                id: { ID<ProgramEvent>($0.id) })
            return .json(ProgramEventList(items: items.map(ProgramEventAnswer.init), next: next))
        }
    }

    // MARK: Sessions

    private var sessions: Route {
        Route(
            .get, "/v1/programs/{id}/sessions", summary: "The sessions of a program, with how many seats are held", tag: Self.tag,
            access: .permission(P.programsRead), parameters: [Self.id], responses: [.json(200, SessionList.self, "Every one of them")],
            problems: [ProgramProblem.notFound, RegistryProblem.databaseUnavailable]
        ) { request in
            let program = try await found(request)
            return .json(SessionList(items: try await programs.sessions(of: program.id).map(SessionBody.init)))
        }
    }

    private var replaceSessions: Route {
        Route(
            .put, "/v1/programs/{id}/sessions", summary: "Replaces the sessions of a draft", tag: Self.tag,
            access: .permission(P.programsWrite), parameters: [Self.id, EntityTag.ifMatch],
            body: .json(SessionListBody.self, limitBytes: 16_777_216), responses: [.json(200, SessionList.self, "As they are now")],
            problems: Self.changing + [ProgramProblem.frozen, RegistryProblem.databaseUnavailable]
        ) { request in
            let given = try request.json(SessionListBody.self).sessions.map(\.session)
            let violations = ProgramSession.violations(given)
            guard violations.isEmpty else { throw Problem(ProgramProblem.invalid, violations: violations) }
            return try await idempotency.once(request) { querying in
                let program = try await draft(request.parameter("id"), request, in: querying)
                try await writing { () async throws(PostgresError) in
                    try await programs.replaceSessions(of: program.id, with: given, in: querying)
                }
                try await note("sessions_replaced", program, request, details: ["sessions": String(given.count)], in: querying)
                return .json(SessionList(items: try await programs.sessions(of: program.id, in: querying).map(SessionBody.init)))
            }
        }
    }

    private var addSessions: Route {
        Route(
            .post, "/v1/programs/{id}/sessions", summary: "Adds sessions, also to a program that was announced already", tag: Self.tag,
            access: .permission(P.programsWrite), parameters: [Self.id, IdempotencyStore.parameter],
            body: .json(SessionListBody.self, limitBytes: 16_777_216),
            responses: [.json(201, SessionList.self, "Every session, as it is now")],
            problems: Self.changing + IdempotencyStore.problems
        ) { request in
            let given = try request.json(SessionListBody.self).sessions.map(\.session)
            return try await idempotency.once(request) { querying in
                let program = try await life.hold(request.parameter("id"), scope: request.scope(of: P.programsWrite), in: querying)
                guard program.state != .ended, program.state != .cancelled else {
                    throw Problem(ProgramProblem.wrongState)
                }
                let present = try await programs.sessions(of: program.id, in: querying)
                let violations = ProgramSession.violations(present + given)
                guard violations.isEmpty else { throw Problem(ProgramProblem.invalid, violations: violations) }
                try await writing { () async throws(PostgresError) in
                    try await programs.addSessions(given, to: program.id, in: querying)
                }
                try await note("sessions_added", program, request, details: ["sessions": String(given.count)], in: querying)
                return .json(
                    SessionList(items: try await programs.sessions(of: program.id, in: querying).map(SessionBody.init)), status: 201)
            }
        }
    }

    // MARK: Steps

    private var announce: Route {
        step(
            "announce", "Announces a draft: its rules are frozen, their hash and the commitment to the lottery are published",
            problems: [ProgramProblem.invalid, ProgramProblem.changed]
        ) { id, request, querying in
            try await life.announce(
                id, scope: request.scope(of: P.programsWrite), version: request.versionToChange, by: ProgramLife.Actor(request),
                in: querying)
        }
    }

    private var close: Route {
        step(
            "close", "Closes a program whose time has come: applications are frozen and their hash is published",
            problems: [ProgramProblem.notYet]
        ) { id, request, querying in
            let scope = request.scope(of: P.programsWrite)
            let actor = ProgramLife.Actor(request)
            let present = try await life.hold(id, scope: scope, in: querying)
            // Nobody may have tidied up yet.
            if present.state == .announced { _ = try await life.open(id, scope: scope, by: actor, in: querying) }
            return try await life.close(id, scope: scope, by: actor, in: querying)
        }
    }

    private var end: Route {
        step("end", "Ends a published program: no place is given any more") { id, request, querying in
            try await life.end(id, scope: request.scope(of: P.programsWrite), by: ProgramLife.Actor(request), in: querying)
        }
    }

    private func step(
        _ name: String, _ summary: String, problems: [ProblemType] = [],
        _ body: @escaping @Sendable (ID<UnionProgram>, Request, any Querying) async throws -> UnionProgram
    ) -> Route {
        Route(
            .post, "/v1/programs/{id}/\(name)", summary: summary, tag: Self.tag, access: .permission(P.programsWrite),
            parameters: [Self.id, EntityTag.ifMatch, IdempotencyStore.parameter],
            responses: [.json(200, ProgramAnswer.self, "The program as it is now")],
            problems: [ProgramProblem.notFound, ProgramProblem.wrongState] + problems + IdempotencyStore.problems
        ) { request in
            try await idempotency.once(request) { querying in Self.answer(try await body(request.parameter("id"), request, querying)) }
        }
    }

    private var cancel: Route {
        Route(
            .post, "/v1/programs/{id}/cancel", summary: "Cancels a program that is not published, with a reason", tag: Self.tag,
            access: .permission(P.programsWrite), parameters: [Self.id, EntityTag.ifMatch, IdempotencyStore.parameter],
            body: .json(CancelBody.self, limitBytes: 4_096), responses: [.json(200, ProgramAnswer.self, "The program as it is now")],
            problems: [ProgramProblem.notFound, ProgramProblem.wrongState, ProgramProblem.changed] + IdempotencyStore.problems
        ) { request in
            let reason = try request.json(CancelBody.self).reason
            return try await idempotency.once(request) { querying in
                Self.answer(
                    try await life.cancel(
                        request.parameter("id"), reason: reason, scope: request.scope(of: P.programsWrite),
                        version: request.versionToChange, by: ProgramLife.Actor(request), in: querying))
            }
        }
    }

    // MARK: Parts

    private var makePart: Route {
        Route(
            .post, "/v1/programs/{id}/parts",
            summary: "Gives places of a draft to an organization below, to share out among its own members",
            tag: Self.tag, access: .permission(P.programsWrite), parameters: [Self.id, IdempotencyStore.parameter],
            body: .json(PartBody.self, limitBytes: 1_048_576),
            responses: [.json(201, ProgramAnswer.self, "The part, a draft with the same rules")],
            problems: Self.changing + [ProgramProblem.frozen, ProgramProblem.placesShort] + IdempotencyStore.problems
        ) { request in
            let body = try request.json(PartBody.self)
            return try await idempotency.once(request) { querying in
                let parent = try await draft(request.parameter("id"), request, in: querying)
                guard try await organizations.isInside(body.organizationId, Scope(subtrees: [parent.organizationID]), in: querying) else {
                    throw Problem(ProgramProblem.invalid, violations: [ProgramFault.organizationUnknown])
                }
                guard let returnsAt = Timestamp(dateTime: body.returnsAt), parent.facts.closesAt.map({ returnsAt > $0 }) ?? true else {
                    throw Problem(ProgramProblem.invalid, violations: [ProgramFault.returnsTooEarly])
                }
                let part = try await split(parent, body, returnsAt, request, in: querying)
                try await note("part_made", part, request, details: ["of": "program:\(parent.id)"], in: querying)
                return Self.answer(part, status: 201).with("Location", "/v1/programs/\(part.id)")
            }
        }
    }

    private func split(
        _ parent: UnionProgram, _ body: PartBody, _ returnsAt: Timestamp, _ request: Request, in querying: any Querying
    ) async throws -> UnionProgram {
        var present = try await programs.sessions(of: parent.id, in: querying)
        if present.isEmpty {
            present = [ProgramSession(number: 1, title: "pool", capacity: parent.quota)]
            try await programs.addSessions(present, to: parent.id, in: querying)
        }
        let isPool = present.count == 1
        let wanted = body.sessions?.map { ($0.session, $0.places) } ?? (isPool ? [(present[0].number, body.quota)] : [])
        var given: [ProgramSession] = []
        for (number, places) in wanted {
            guard var session = present.first(where: { $0.number == number }), !given.contains(where: { $0.number == number }) else {
                throw Problem(ProgramProblem.placesShort)
            }
            (session.capacity, session.walkIn, session.taken) = (places, 0, 0)
            given.append(session)
        }
        guard !given.isEmpty,
            try await programs.giveToPart(
                given.map { ($0.title, $0.capacity) }, quota: body.quota, of: parent.id, in: querying)
        else { throw Problem(ProgramProblem.placesShort) }
        var facts = parent.facts
        facts.rules.eligibility.append(.organization([body.organizationId]))
        let part = try await programs.create(
            facts, of: body.organizationId, quota: body.quota, part: ProgramStore.Part(parent: parent.id, returnsAt: returnsAt),
            by: request.principal?.subject ?? "anyone", in: querying)
        try await programs.addSessions(given, to: part.id, in: querying)
        return try await life.hold(part.id, in: querying)
    }

    // MARK: In public

    private var publicList: Route {
        Route(
            .get, "/v1/public/programs", summary: "Programs that were announced, without an account", tag: Self.tag, access: .anyone,
            parameters: PageCursor.parameters, responses: [.json(200, ProgramList.self, "A page")],
            problems: [RegistryProblem.databaseUnavailable]
        ) { request in
            var filter = ProgramStore.Filter()
            filter.states = ProgramState.allCases.filter { $0 != .draft }
            filter.isAnnounced = true
            return try await page(filter, request)
        }
    }

    private var announcement: Route {
        Route(
            .get, "/v1/public/programs/{id}/announcement", summary: "What was announced: the SHA-256 of these bytes is the rulesHash",
            tag: Self.tag, access: .anyone, parameters: [Self.id],
            responses: [.json(200, ProgramAnnouncement.self, "Byte for byte as it was announced")],
            problems: [ProgramProblem.notFound, RegistryProblem.databaseUnavailable]
        ) { request in
            guard let bytes = try await programs.announcement(of: request.parameter("id")) else { throw Problem(ProgramProblem.notFound) }
            return Response.bytes(bytes, contentType: "application/json")
        }
    }

    // MARK: Answers

    private func note(
        _ what: String, _ program: UnionProgram, _ request: Request, details: [String: String] = [:], in querying: any Querying
    ) async throws {
        let subject = request.principal?.subject ?? "anyone"
        try await programs.note(what, on: program.id, from: program.state, to: program.state, details: details, by: subject, in: querying)
        try await audit.record(
            "program.\(what)", subject: "program:\(program.id)", organization: program.organizationID, details: details, request,
            in: querying)
    }

    static func answer(_ program: UnionProgram, status: Int = 200) -> Response {
        Response.json(ProgramAnswer(program), status: status).with("ETag", EntityTag.of(version: program.version))
    }
}
