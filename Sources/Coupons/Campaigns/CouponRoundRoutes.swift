import HTTP
import Postgres
import Programs
import Registry
import Runtime

/// Rounds: drafted, announced, paused, cancelled and watched by those who give.
struct CouponRoundRoutes: Sendable {
    let campaigns: CouponCampaignStore
    let rounds: CouponRoundStore
    let life: RoundLife
    let figures: RoundFigureStore
    let idempotency: IdempotencyStore

    static let id = Parameter.path("id", .id, "The round")
    private static let tag = CouponCampaignRoutes.tag
    private typealias P = RegistryPermission

    var all: [Route] { [create, list, read, change, announce, pause, resume, cancel, figure] }

    private var create: Route {
        Route(
            .post, "/v1/coupon-campaigns/{id}/rounds", summary: "Adds a draft of a round; its stock is spoken for in the budget",
            tag: Self.tag, access: .permission(P.couponsWrite), parameters: [CouponCampaignRoutes.id, IdempotencyStore.parameter],
            body: .json(CouponRoundBody.self), responses: [.json(201, CouponRoundAnswer.self, "The draft; nobody sees it yet")],
            problems: [CouponProblem.campaignUnknown, CouponProblem.invalid, CouponProblem.beyondBudget, RulesProblem.invalid]
                + IdempotencyStore.problems
        ) { request in
            let facts = try request.json(CouponRoundBody.self).facts
            return try await idempotency.once(request) { querying in
                let scope = request.scope(of: P.couponsWrite)
                guard let campaign = try await campaigns.hold(request.parameter("id"), within: scope, in: querying) else {
                    throw Problem(CouponProblem.campaignUnknown)
                }
                let faults = RoundLife.faults(of: facts, in: campaign)
                guard faults.isEmpty else { throw CouponProblem.invalid(faults) }
                guard let round = try await rounds.create(facts, of: campaign, in: querying) else {
                    throw Problem(CouponProblem.beyondBudget)
                }
                let made = try await life.told("created", round, campaign, by: ProgramLife.Actor(request), in: querying)
                return Self.answer(made, status: 201).with("Location", "/v1/coupon-rounds/\(round.id)")
            }
        }
    }

    private var list: Route {
        Route(
            .get, "/v1/coupon-campaigns/{id}/rounds", summary: "The rounds of a campaign, with the ledger", tag: Self.tag,
            access: .permission(P.couponsRead), parameters: [CouponCampaignRoutes.id],
            responses: [.json(200, CouponRoundList.self, "Every one of them, by its number")],
            problems: [CouponProblem.campaignUnknown, RegistryProblem.databaseUnavailable]
        ) { request in
            guard let campaign = try await campaigns.find(request.parameter("id"), within: request.scope(of: P.couponsRead)) else {
                throw Problem(CouponProblem.campaignUnknown)
            }
            return .json(CouponRoundList(try await rounds.list(of: campaign.id)))
        }
    }

    private var read: Route {
        Route(
            .get, "/v1/coupon-rounds/{id}", summary: "One round", tag: Self.tag, access: .permission(P.couponsRead),
            parameters: [Self.id], responses: [.json(200, CouponRoundAnswer.self, "The round; its ETag names the version")],
            problems: [CouponProblem.roundUnknown, RegistryProblem.databaseUnavailable]
        ) { request in
            Self.answer(try await found(request))
        }
    }

    private func found(_ request: Request) async throws -> CouponRound {
        guard let round = try await rounds.find(request.parameter("id"), within: request.scope(of: P.couponsRead)) else {
            throw Problem(CouponProblem.roundUnknown)
        }
        return round
    }

    private var change: Route {
        Route(
            .put, "/v1/coupon-rounds/{id}", summary: "Replaces what a draft says", tag: Self.tag, access: .permission(P.couponsWrite),
            parameters: [Self.id, EntityTag.ifMatch], body: .json(CouponRoundBody.self),
            responses: [.json(200, CouponRoundAnswer.self, "The draft as it is now")],
            problems: [
                CouponProblem.roundUnknown, CouponProblem.changed, CouponProblem.frozen, CouponProblem.invalid,
                CouponProblem.beyondBudget, RulesProblem.invalid, RegistryProblem.databaseUnavailable,
            ]
        ) { request in
            let facts = try request.json(CouponRoundBody.self).facts
            return try await idempotency.once(request) { querying in
                let (round, campaign) = try await hold(request, in: querying)
                guard round.state == .draft else { throw Problem(CouponProblem.frozen) }
                let faults = RoundLife.faults(of: facts, in: campaign)
                guard faults.isEmpty else { throw CouponProblem.invalid(faults) }
                guard try await rounds.change(round, to: facts, in: querying) else { throw Problem(CouponProblem.beyondBudget) }
                return Self.answer(try await life.told("changed", round, campaign, by: ProgramLife.Actor(request), in: querying))
            }
        }
    }

    // MARK: Steps

    private var announce: Route {
        step(
            "announce", "Announces a draft: what it says is frozen, its hash and the commitment to the lottery are published",
            problems: [CouponProblem.invalid, CouponProblem.frozen, ProgramProblem.invalid]
        ) { round, campaign, request, querying in
            try await life.announce(round, of: campaign, by: ProgramLife.Actor(request), in: querying)
        }
    }

    private var pause: Route {
        step("pause", "Stops claims, until the round is resumed", body: .json(PauseBody.self, limitBytes: 4_096)) {
            round, campaign, request, querying in
            let reason = try request.json(PauseBody.self).reason
            return try await life.pause(round, of: campaign, reason: reason, by: ProgramLife.Actor(request), in: querying)
        }
    }

    private var resume: Route {
        step("resume", "Lets claims go on") { round, campaign, request, querying in
            try await life.pause(round, of: campaign, reason: nil, by: ProgramLife.Actor(request), in: querying)
        }
    }

    private var cancel: Route {
        step("cancel", "Cancels a round that nobody has anything of or waits for", body: .json(PauseBody.self, limitBytes: 4_096)) {
            round, campaign, request, querying in
            let reason = try request.json(PauseBody.self).reason
            return try await life.cancel(round, of: campaign, reason: reason, by: ProgramLife.Actor(request), in: querying)
        }
    }

    private func step(
        _ name: String, _ summary: String, body: BodyDeclaration = .none, problems: [ProblemType] = [],
        _ take: @escaping @Sendable (CouponRound, CouponCampaign, Request, any Querying) async throws -> CouponRound
    ) -> Route {
        Route(
            .post, "/v1/coupon-rounds/{id}/\(name)", summary: summary, tag: Self.tag, access: .permission(P.couponsWrite),
            parameters: [Self.id, EntityTag.ifMatch, IdempotencyStore.parameter], body: body,
            responses: [.json(200, CouponRoundAnswer.self, "The round as it is now")],
            problems: [CouponProblem.roundUnknown, CouponProblem.changed, CouponProblem.wrongState] + problems + IdempotencyStore.problems
        ) { request in
            try await idempotency.once(request) { querying in
                let (round, campaign) = try await hold(request, in: querying)
                return Self.answer(try await take(round, campaign, request, querying))
            }
        }
    }

    /// - Throws: `coupon.round_unknown`, for what lies outside and for what does not exist alike; `coupon.changed`.
    private func hold(_ request: Request, in querying: any Querying) async throws -> (CouponRound, CouponCampaign) {
        let scope = request.scope(of: P.couponsWrite)
        guard let round = try await rounds.hold(request.parameter("id"), within: scope, in: querying),
            let campaign = try await campaigns.find(round.campaignID, in: querying)
        else { throw Problem(CouponProblem.roundUnknown) }
        if let version = request.versionToChange, version != round.version { throw Problem(CouponProblem.changed) }
        return (round, campaign)
    }

    // MARK: Figures

    private var figure: Route {
        Route(
            .get, "/v1/coupon-rounds/{id}/figures",
            summary: "A round as it goes: claims a second, what is left, winners by group and organization, why others lost", tag: Self.tag,
            access: .permission(P.couponsRead), parameters: [Self.id],
            responses: [.json(200, RoundFigures.self, "As counted up to a second ago")],
            problems: [CouponProblem.roundUnknown, RegistryProblem.databaseUnavailable]
        ) { request in
            let round = try await found(request)
            return Response.json(try await figures.figures(of: round)).with("Cache-Control", "no-store")
        }
    }

    private static func answer(_ round: CouponRound, status: Int = 200) -> Response {
        Response.json(CouponRoundAnswer(round), status: status).with("ETag", EntityTag.of(version: round.version))
    }
}
