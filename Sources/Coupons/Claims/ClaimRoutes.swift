import FoundationEssentials
import HTTP
import Postgres
import Programs
import Registry
import Runtime

/// Claims, and what a member sees of rounds and coupons.
struct ClaimRoutes: Sendable {
    let claims: ClaimStore
    let own: OwnCouponStore
    let eligibility: RoundEligibility
    let members: MemberStore
    let limiter: ClaimLimiter
    let tally: ClaimTally
    private let soldOut = SoldOutAnswer()

    init(
        claims: ClaimStore, own: OwnCouponStore, eligibility: RoundEligibility, members: MemberStore, limiter: ClaimLimiter,
        tally: ClaimTally
    ) {
        self.claims = claims
        self.own = own
        self.eligibility = eligibility
        self.members = members
        self.limiter = limiter
        self.tally = tally
    }

    private static let tag = "Me"
    private static let coupon = Parameter.path("id", .id, "The coupon")

    var all: [Route] { [claim, claimed, shuffle, rounds, coupons, coupon, giveBack, venues] }

    // MARK: Claims

    private var claim: Route {
        Route(
            .post, "/v1/coupon-rounds/{id}/claims",
            summary: "Claims a coupon of a round; every answer but pending is final. The server's clock decides what is early and late",
            tag: Self.tag, access: .permission(RegistryPermission.me), parameters: [CouponRoundRoutes.id],
            body: .json(ClaimBody.self, limitBytes: 1_024), responses: [.json(200, ClaimAnswer.self, "How it went")],
            problems: [
                CouponProblem.roundUnknown, CouponProblem.requestIDReused, CouponProblem.tooManyClaims,
                RegistryProblem.databaseUnavailable,
            ]
        ) { request in
            let me = request.member
            guard limiter.takes(me.memberID, now: request.loop.now) else { throw tooMany(ofAccount: true) }
            let round: ID<CouponRound> = request.parameter("id")
            let body = try request.json(ClaimBody.self)
            guard let id = UUID(requestID: body.requestId) else { throw Problem(HTTPProblem.invalidBody) }
            let outcome = try await claims.claim(
                CouponClaim(memberID: me.memberID, roundID: round, requestID: id, venueID: body.venueId))
            guard let answer = ClaimAnswer(outcome, round: round, request: id, request.language) else {
                throw Problem(Self.problem(outcome))
            }
            tally.count(round, answer.result)
            return .json(answer)
        }.answered(beforehand: late)
    }

    /// Who comes when nothing is left, and who floods, is answered without knowing who it is: what is left of a round everybody may know.
    private func late(_ request: Request) -> Response? {
        guard limiter.takes(request.clientAddress, now: request.loop.now) else { return .problem(tooMany(ofAccount: false)) }
        let round: ID<CouponRound> = request.parameter("id")
        guard claims.soldOut.knows(round, now: request.loop.now), let id = Self.requestID(request),
            claims.soldOut.contains(round, id, now: request.loop.now)
        else { return nil }
        tally.count(round, .soldOut)
        return soldOut.response(to: id, of: round, request.language)
    }

    private static func requestID(_ request: Request) -> UUID? {
        do {
            return UUID(requestID: try request.json(ClaimBody.self).requestId)
        } catch {
            return nil
        }
    }

    private func tooMany(ofAccount: Bool) -> Problem {
        Problem(CouponProblem.tooManyClaims, retryAfterSeconds: limiter.retryAfterSeconds(ofAccount: ofAccount))
    }

    private static func problem(_ outcome: CouponClaim.Outcome) -> ProblemType {
        switch outcome {
        case .conflict: CouponProblem.requestIDReused
        case .roundUnknown, .memberUnknown, .won, .pending, .refused: CouponProblem.roundUnknown
        }
    }

    private var claimed: Route {
        Route(
            .get, "/v1/coupon-rounds/{id}/claims/{requestId}", summary: "What became of a claim that won or waits", tag: Self.tag,
            access: .permission(RegistryPermission.me),
            parameters: [CouponRoundRoutes.id, .path("requestId", .uuid, "As it was sent")],
            responses: [.json(200, ClaimAnswer.self, "How it stands")],
            problems: [CouponProblem.claimUnknown, RegistryProblem.databaseUnavailable]
        ) { request in
            let round: ID<CouponRound> = request.parameter("id")
            guard let id = UUID(uuidString: request.parameter("requestId", as: String.self)),
                let found = try await claims.find(request.member.memberID, id, of: round),
                let answer = ClaimAnswer(found.outcome, round: round, request: id, ticket: found.ticket, request.language)
            else { throw Problem(CouponProblem.claimUnknown) }
            return Response.json(answer).with("Cache-Control", "no-store")
        }
    }

    // MARK: Rounds

    private var shuffle: Route {
        Route(
            .get, "/v1/public/coupon-rounds/{id}/shuffle",
            summary: "What everybody needs to draw an equal start again: its secret, and the tickets in the order they came", tag: "Public",
            access: .anyone, parameters: [CouponRoundRoutes.id],
            responses: [
                .bytes(200, ["text/csv"], "arrival, ticket, whether it came in the first seconds, result; the secret in the header")
            ],
            problems: [CouponProblem.roundUnknown, RegistryProblem.databaseUnavailable]
        ) { request in
            let round: ID<CouponRound> = request.parameter("id")
            guard let shuffled = try await claims.shuffled(round) else { throw Problem(CouponProblem.roundUnknown) }
            return Response.text("arrival,ticket,early,result\n" + shuffled.lines, contentType: "text/csv; charset=utf-8")
                .with("Waystation-Shuffle-Secret", shuffled.secret).with("Waystation-Shuffle-Commitment", shuffled.commitment)
        }
    }

    private var rounds: Route {
        Route(
            .get, "/v1/me/coupon-rounds", summary: "Rounds that are coming, open, or were over within a week", tag: Self.tag,
            access: .permission(RegistryPermission.me), responses: [.json(200, OwnRoundList.self, "Those that open next first")],
            problems: [RegistryProblem.databaseUnavailable]
        ) { request in
            let member = request.member.memberID
            let rounds = try await own.rounds(for: member)
            let refusals = try await eligibility.refusals(of: member, in: rounds.map(\.id), querying: own.database)
            let items = rounds.map { $0.with(refusals[$0.id], request.language) }
            return Response.json(OwnRoundList(items: items)).with("Cache-Control", "no-store")
        }
    }

    private var venues: Route {
        Route(
            .get, "/v1/me/coupon-campaigns/{id}/venues", summary: "Where the coupons of a campaign are good now", tag: Self.tag,
            access: .permission(RegistryPermission.me), parameters: [CouponCampaignRoutes.id],
            responses: [.json(200, OwnVenueList.self, "By name")], problems: [RegistryProblem.databaseUnavailable]
        ) { request in
            .json(OwnVenueList(items: try await own.venues(of: request.parameter("id"))))
        }
    }

    // MARK: Coupons

    private var coupons: Route {
        Route(
            .get, "/v1/me/coupons", summary: "Your coupons", tag: Self.tag, access: .permission(RegistryPermission.me),
            responses: [.json(200, OwnCouponList.self, "The newest first")], problems: [RegistryProblem.databaseUnavailable]
        ) { request in
            let numbers = try await members.numbers(of: request.member.memberID)
            return Response.json(OwnCouponList(items: try await own.coupons(of: numbers))).with("Cache-Control", "no-store")
        }
    }

    private var coupon: Route {
        Route(
            .get, "/v1/me/coupons/{id}", summary: "A coupon of yours", tag: Self.tag, access: .permission(RegistryPermission.me),
            parameters: [Self.coupon], responses: [.json(200, OwnCouponAnswer.self, "The coupon")],
            problems: [CouponProblem.couponUnknown, RegistryProblem.databaseUnavailable]
        ) { request in
            Response.json(try await found(request)).with("Cache-Control", "no-store")
        }
    }

    private func found(_ request: Request) async throws -> OwnCouponAnswer {
        let numbers = try await members.numbers(of: request.member.memberID)
        guard let coupon = try await own.coupons(of: numbers, only: request.parameter("id"), limit: 1).first else {
            throw Problem(CouponProblem.couponUnknown)
        }
        return coupon
    }

    private var giveBack: Route {
        Route(
            .post, "/v1/me/coupons/{id}/return", summary: "Gives a coupon back unused, for others; again changes nothing", tag: Self.tag,
            access: .permission(RegistryPermission.me), parameters: [Self.coupon],
            responses: [.json(200, OwnCouponAnswer.self, "The coupon, returned")],
            problems: [CouponProblem.couponUnknown, CouponProblem.notReturnable, RegistryProblem.databaseUnavailable]
        ) { request in
            switch try await own.giveBack(request.parameter("id"), of: request.member.memberID) {
            case .returned, .already: return Response.json(try await found(request)).with("Cache-Control", "no-store")
            case .unknown: throw Problem(CouponProblem.couponUnknown)
            case .used, .expired: throw Problem(CouponProblem.notReturnable)
            }
        }
    }
}
