package import HTTP
import Postgres
import Registry
import Runtime

/// Seats of a session after the announcement: more of them, or fewer, as long as nobody loses a place; else by two organizers.
struct SeatRoutes: Sendable {
    let life: ProgramLife
    let awards: AwardStore
    let seats: SeatStore
    let idempotency: IdempotencyStore

    private static let tag = "Programs"
    private typealias P = RegistryPermission
    private static let number = Parameter.path("number", .id, "The session's")

    var all: [Route] { [set, propose, look, confirm] }

    /// While a run is looked at its seats stay: another run is made of other seats.
    private static let states: [ProgramState] = [.announced, .open, .closed, .published]

    private var set: Route {
        Route(
            .post, "/v1/programs/{id}/sessions/{number}/seats",
            summary: "Changes the seats of a session, never below the places held in it",
            tag: Self.tag, access: .permission(P.programsWrite), parameters: [ProgramRoutes.id, Self.number, IdempotencyStore.parameter],
            body: .json(SeatsBody.self, limitBytes: 4_096), responses: [.json(200, SessionBody.self, "The session as it is now")],
            problems: Self.problems + [SeatProblem.belowHeld] + IdempotencyStore.problems
        ) { request in
            let body = try request.json(SeatsBody.self)
            return try await idempotency.once(request) { querying in
                let (program, session) = try await held(request, P.programsWrite, in: querying)
                let walkIn = body.walkIn ?? min(session.walkIn, body.capacity)
                guard walkIn <= body.capacity else { throw Problem(SeatProblem.walkInAboveCapacity) }
                guard body.capacity >= session.taken else {
                    let losers = try await seats.losers(session.taken - body.capacity, number: session.number, of: program.id, in: querying)
                    throw SeatProblem.below(session, losers)
                }
                try await seats.setSeats(body.capacity, walkIn: walkIn, number: session.number, of: program.id, in: querying)
                return try await noted(program, session, body.capacity, nil, [], request, in: querying)
            }
        }
    }

    private var propose: Route {
        Route(
            .post, "/v1/programs/{id}/sessions/{number}/cuts",
            summary: "Proposes fewer seats than places are held: nothing changes until another organizer confirms", tag: Self.tag,
            access: .permission(P.programsWrite), parameters: [ProgramRoutes.id, Self.number, IdempotencyStore.parameter],
            body: .json(CutBody.self, limitBytes: 4_096), responses: [.json(202, CutAnswer.self, "Who would lose their place")],
            problems: Self.problems + IdempotencyStore.problems
        ) { request in
            let body = try request.json(CutBody.self)
            return try await idempotency.once(request) { querying in
                let (program, session) = try await held(request, P.programsWrite, in: querying)
                let subject = request.principal?.subject ?? "anyone"
                let cut = try await seats.propose(
                    body.capacity, reason: body.reason, by: subject, number: session.number, of: program.id, in: querying)
                let losers = try await seats.losers(
                    max(0, session.taken - body.capacity), number: session.number, of: program.id, in: querying)
                try await note("cut_proposed", program, session, body.capacity, losers.count, body.reason, request, in: querying)
                return .json(CutAnswer(session, cut, losers), status: 202)
            }
        }
    }

    private var look: Route {
        Route(
            .get, "/v1/programs/{id}/sessions/{number}/cuts", summary: "The proposal that waits for its confirmation", tag: Self.tag,
            access: .permission(P.programsRead), parameters: [ProgramRoutes.id, Self.number],
            responses: [.json(200, CutAnswer.self, "Who would lose their place")],
            problems: [ProgramProblem.notFound, AwardProblem.sessionUnknown, SeatProblem.noCut, RegistryProblem.databaseUnavailable]
        ) { request in
            let id: ID<UnionProgram> = request.parameter("id")
            let scope = request.scope(of: P.programsRead)
            return try await seats.database.inTransaction { transaction in
                guard let program = try await life.programs.find(id, scope: scope, in: transaction) else {
                    throw Problem(ProgramProblem.notFound)
                }
                let session = try await session(request, of: program.id, in: transaction)
                guard let cut = try await seats.cut(number: session.number, of: program.id, in: transaction) else {
                    throw Problem(SeatProblem.noCut)
                }
                let losers = try await seats.losers(
                    max(0, session.taken - cut.capacity), number: session.number, of: program.id, in: transaction)
                return .json(CutAnswer(session, cut, losers))
            }
        }
    }

    private var confirm: Route {
        Route(
            .post, "/v1/programs/{id}/sessions/{number}/cuts/confirm", summary: "Confirms another organizer's proposal: people lose places",
            tag: Self.tag, access: .permission(P.programsReview), parameters: [ProgramRoutes.id, Self.number, IdempotencyStore.parameter],
            body: .json(CutConfirmationBody.self, limitBytes: 4_096),
            responses: [.json(200, SessionBody.self, "The session as it is now")],
            problems: Self.problems + [SeatProblem.noCut, SeatProblem.cutChanged, SeatProblem.ownCut, SeatProblem.belowHeld]
                + IdempotencyStore.problems
        ) { request in
            let body = try request.json(CutConfirmationBody.self)
            return try await idempotency.once(request) { querying in
                let (program, session) = try await held(request, P.programsReview, in: querying)
                guard let cut = try await seats.cut(number: session.number, of: program.id, in: querying) else {
                    throw Problem(SeatProblem.noCut)
                }
                let subject = request.principal?.subject ?? "anyone"
                guard cut.proposedBy != subject else { throw Problem(SeatProblem.ownCut) }
                guard try await seats.take(body.id, number: session.number, of: program.id, in: querying) else {
                    throw Problem(SeatProblem.cutChanged)
                }
                let losers = try await seats.losers(
                    max(0, session.taken - cut.capacity), number: session.number, of: program.id, in: querying)
                let moves = losers.map { AwardMove($0, of: program.id, to: .withdrawn, reason: cut.reason, doneBy: subject) }
                // A placed or offered place is withdrawn as a confirmed one is.
                for outcome in try await awards.move(moves, in: querying) { try outcome.check() }
                guard session.taken - Int32(losers.count) <= cut.capacity else { throw SeatProblem.below(session, []) }
                try await seats.setSeats(
                    cut.capacity, walkIn: min(session.walkIn, cut.capacity), number: session.number, of: program.id, in: querying)
                return try await noted(program, session, cut.capacity, cut.reason, losers, request, in: querying)
            }
        }
    }

    private static let problems =
        [ProgramProblem.notFound, ProgramProblem.wrongState, AwardProblem.sessionUnknown]
        + [SeatProblem.walkInAboveCapacity]

    /// The program and its session, both held.
    private func held(
        _ request: Request, _ permission: Permission, in querying: any Querying
    ) async throws -> (UnionProgram, ProgramSession) {
        let program = try await life.hold(request.parameter("id"), scope: request.scope(of: permission), in: querying)
        guard Self.states.contains(program.state) else { throw Problem(ProgramProblem.wrongState) }
        return (program, try await session(request, of: program.id, in: querying))
    }

    private func session(_ request: Request, of program: ID<UnionProgram>, in querying: any Querying) async throws -> ProgramSession {
        let number = Int32(clamping: request.parameter("number", as: Int.self))
        guard let session = try await seats.session(number, of: program, in: querying) else {
            throw Problem(AwardProblem.sessionUnknown)
        }
        return session
    }

    private func noted(
        _ program: UnionProgram, _ session: ProgramSession, _ capacity: Int32, _ reason: String?, _ losers: [ID<Member>],
        _ request: Request, in querying: any Querying
    ) async throws -> Response {
        try await note("seats_changed", program, session, capacity, losers.count, reason, request, in: querying)
        guard let after = try await seats.session(session.number, of: program.id, in: querying) else {
            throw Problem(AwardProblem.sessionUnknown)
        }
        return .json(SessionBody(after))
    }

    private func note(
        _ what: String, _ program: UnionProgram, _ session: ProgramSession, _ capacity: Int32, _ losers: Int, _ reason: String?,
        _ request: Request, in querying: any Querying
    ) async throws {
        let details = [
            "session": String(session.number), "before": String(session.capacity), "after": String(capacity), "losers": String(losers),
        ]
        try await life.programs.note(
            what, on: program.id, from: program.state, to: program.state, details: details, reason: reason,
            by: request.principal?.subject ?? "anyone", in: querying)
        try await life.audit.record(
            "program.\(what)", subject: "program:\(program.id)", organization: program.organizationID, details: details, request,
            in: querying)
    }
}

/// Every problem of sessions' seats.
package enum SeatProblem {
    package static let belowHeld = ProblemType(
        "program.seats_held", 409, zh: "场次名额不能少于已持有的名额；须提出缩减并由另一人确认",
        en: "A session keeps the seats that people hold: propose a cut, for another organizer to confirm")
    package static let walkInAboveCapacity = ProblemType(
        "program.walk_in_above_capacity", 422, zh: "现场名额不能多于场次名额", en: "Seats for walk-ins are a part of the session's seats")
    package static let noCut = ProblemType("program.no_cut", 409, zh: "没有待确认的缩减", en: "No cut waits for its confirmation")
    package static let ownCut = ProblemType(
        "program.own_cut", 403, zh: "自己提出的缩减须由他人确认", en: "Who proposed a cut does not confirm it: somebody else must")

    package static let cutChanged = ProblemType(
        "program.cut_changed", 409, zh: "缩减方案已被更改，请重新查看后再确认", en: "Another cut was proposed meanwhile: look at it before you confirm")

    package static let all: [ProblemType] = [belowHeld, walkInAboveCapacity, noCut, ownCut, cutChanged]

    /// How many would lose, and who.
    static func below(_ session: ProgramSession, _ losers: [ID<Member>]) -> Problem {
        Problem(
            belowHeld,
            detail: Localized(
                zh: "已持有 \(session.taken) 个名额，有 \(losers.count) 人将失去名额",
                en: "\(session.taken) places are held; \(losers.count) people would lose theirs"),
            violations: losers.prefix(100).map { member in
                Violation(
                    "program.would_lose_place", pointer: "/capacity", zh: "会员 \(member) 将失去名额", en: "Member \(member) would lose the place")
            })
    }
}

/// The seats that a session is to have.
struct SeatsBody: Codable, Sendable, APIType {
    let capacity: Int32
    let walkIn: Int32?

    static let schema = Schema.object(
        "SeatsBody", "The seats that a session is to have",
        [
            .required("capacity", .integer(0...1_000_000_000)),
            .optional("walkIn", .integer(0...1_000_000_000), "Of these, kept for who comes without a place; as before when absent"),
        ])
}

/// Fewer seats than places are held.
struct CutBody: Codable, Sendable, APIType {
    let capacity: Int32
    let reason: String

    static let schema = Schema.object(
        "CutBody", "Fewer seats than places are held",
        [.required("capacity", .integer(0...1_000_000_000)), .required("reason", .string(1...500), "Those who lose their place see it")])
}

/// What the second organizer looked at.
struct CutConfirmationBody: Codable, Sendable, APIType {
    let id: Int64

    static let schema = Schema.object(
        "CutConfirmationBody", "What the second organizer looked at", [.required("id", .id, "Of the proposal that was looked at")])
}

/// A proposal that waits for a second organizer.
struct CutAnswer: Codable, Sendable, APIType {
    let id: Int64
    let number: Int32
    let capacity: Int32
    let held: Int32
    let proposedBy: String
    let reason: String
    let losers: [ID<Member>]

    init(_ session: ProgramSession, _ cut: SeatStore.Cut, _ losers: [ID<Member>]) {
        id = cut.id
        number = session.number
        capacity = cut.capacity
        held = session.taken
        proposedBy = cut.proposedBy
        reason = cut.reason
        self.losers = losers
    }

    static let schema = Schema.object(
        "Cut", "A proposal that waits for a second organizer",
        [
            .required("id", .id, "Another one with each proposal: the confirmation names it"),
            .required("number", .integer(1...65_535)), .required("capacity", .integer(0...1_000_000_000)),
            .required("held", .integer(0...1_000_000_000)), .required("proposedBy", .string(1...100)),
            .required("reason", .string(1...500)),
            .required("losers", .array(of: .id, 0...1_000_000_000), "Members who would lose their place, as things stand now"),
        ])
}
