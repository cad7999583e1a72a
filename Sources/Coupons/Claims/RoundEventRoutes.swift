import HTTP
import Postgres
import Registry
import Runtime

/// A round as it goes, told as it changes: to members what they may do, to organizers its curve.
struct RoundEventRoutes: Sendable {
    private let claims: ClaimStore
    private let own: OwnCouponStore
    private let eligibility: RoundEligibility
    private let rounds: CouponRoundStore
    private let figures: RoundFigureStore
    /// Arrivals before a shuffle move the organizers' curve alone: they have desks of their own.
    private let members: RoundDesks
    private let organizers: RoundDesks

    init(
        claims: ClaimStore, own: OwnCouponStore, eligibility: RoundEligibility, rounds: CouponRoundStore, figures: RoundFigureStore,
        loops: [EventLoop]
    ) {
        self.claims = claims
        self.own = own
        self.eligibility = eligibility
        self.rounds = rounds
        self.figures = figures
        members = RoundDesks(loops: loops) { (rounds) async throws(PostgresError) in try await claims.pulses(of: rounds) }
        organizers = RoundDesks(loops: loops) { (rounds) async throws(PostgresError) in try await figures.pulses(of: rounds) }
    }

    var all: [Route] { [events] }

    private var events: Route {
        Route(
            .get, "/v1/coupon-rounds/{id}/events",
            summary: "A round as server-sent events: `round` whenever it changes, `claim` once a waiting claim of yours is decided; "
                + "organizers are told `moment`, once a second at most",
            tag: "Me", access: .authenticated, parameters: [CouponRoundRoutes.id],
            responses: [
                .events(
                    "Events `round` whose data is an OwnCouponRound, `claim` whose data is a CouponClaim, `moment` whose data is a "
                        + "CouponRoundMoment; ends with the round")
            ], problems: [CouponProblem.roundUnknown, HTTPProblem.notPermitted, RegistryProblem.databaseUnavailable]
        ) { request in
            let round: ID<CouponRound> = request.parameter("id")
            if let member = request.principal as? MemberPrincipal {
                return try await told(member.memberID, of: round, request.language)
            }
            guard let organizer = request.principal as? OrganizerPrincipal, organizer.may(RegistryPermission.couponsRead) else {
                throw Problem(HTTPProblem.notPermitted)
            }
            let scope = organizer.scope(of: RegistryPermission.couponsRead)
            guard try await rounds.find(round, within: scope) != nil, let first = try await figures.moment(of: round) else {
                throw Problem(CouponProblem.roundUnknown)
            }
            return curve(of: round, from: first)
        }
    }

    // MARK: Organizers

    private func curve(of round: ID<CouponRound>, from first: RoundMoment) -> Response {
        .events { events in
            try await events.send(ServerSentEvent(event: "moment", data: try Self.text(first)))
            if first.phase == .ended { return }
            let desk = organizers.current
            let seat = await desk.sit(round)
            do {
                var last = first
                while await desk.next(seat) {
                    guard let now = try await figures.moment(of: round) else { break }
                    if !now.isAlike(last) { try await events.send(ServerSentEvent(event: "moment", data: try Self.text(now))) }
                    last = now
                    if now.phase == .ended { break }
                }
            } catch {
                await desk.leave(seat)
                throw error
            }
            await desk.leave(seat)
        }
    }

    // MARK: Members

    private func told(_ member: ID<Member>, of round: ID<CouponRound>, _ language: Language) async throws -> Response {
        guard let found = try await own.rounds(for: member, only: round).first else { throw Problem(CouponProblem.roundUnknown) }
        let refusal = try await eligibility.refusals(of: member, in: [round], querying: own.database)[round]
        let first = found.with(refusal, language)
        return .events { events in
            try await events.send(ServerSentEvent(event: "round", data: try Self.text(first)))
            let desk = members.current
            let seat = await desk.sit(round)
            do {
                var waiting = try await claims.waiting(member, of: round)
                var last = first
                while await desk.next(seat) {
                    for request in waiting {
                        guard let found = try await claims.find(member, request, of: round),
                            let answer = ClaimAnswer(found.outcome, round: round, request: request, ticket: found.ticket, language),
                            answer.result != .pending
                        else { continue }
                        let data = String(decoding: JSON.bytes(of: answer), as: UTF8.self)
                        try await events.send(ServerSentEvent(event: "claim", data: data))
                    }
                    waiting = try await claims.waiting(member, of: round)
                    // Whom the round is for stays as it was at the first look: a crowd that looks on costs one statement a person.
                    guard let now = try await own.rounds(for: member, only: round).first?.with(refusal, language) else { break }
                    if !now.isAlike(last) { try await events.send(ServerSentEvent(event: "round", data: try Self.text(now))) }
                    last = now
                    if now.phase == .ended, waiting.isEmpty { break }
                }
            } catch {
                await desk.leave(seat)
                throw error
            }
            await desk.leave(seat)
        }
    }

    private static func text(_ told: some Encodable & Sendable) throws -> String { String(decoding: try JSON.encode(told), as: UTF8.self) }
}

extension OwnRoundAnswer {
    /// Whether nobody would see a difference.
    fileprivate func isAlike(_ other: OwnRoundAnswer) -> Bool {
        phase == other.phase && leftAtLeast == other.leftAtLeast && own == other.own && isWaiting == other.isWaiting
            && pauseReason == other.pauseReason
    }
}
