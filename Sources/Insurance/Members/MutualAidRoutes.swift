import HTTP
import Postgres
import Programs
import Registry
import Runtime

/// What there is to join and what was given away, with one's own standing; joining, contributions, and what was paid out.
struct MutualAidRoutes: Sendable {
    let standings: GiftStandingStore
    let aid: MutualAidStore
    let claims: PolicyClaimStore
    let own: OwnPolicyStore
    let candidates: CandidateStore
    let life: InsuranceBatchLife
    let members: MemberStore
    let idempotency: IdempotencyStore

    private typealias P = RegistryPermission

    var all: [Route] { [list, standing, join, contributions, payouts] }

    private var list: Route {
        Route(
            .get, "/v1/me/insurance-batches", summary: "Policies that were given away among you, and mutual aid that can be joined",
            tag: OwnPolicyRoutes.tag, access: .permission(P.me), parameters: PageCursor.parameters,
            responses: [.json(200, OwnBatchList.self, "A page, by the batches' numbers, with how it stands with you")],
            problems: [RegistryProblem.databaseUnavailable]
        ) { request in
            let (after, limit) = PageCursor.read(request, of: InsuranceBatch.self)
            let me = request.member.memberID
            let found = try await standings.standings(of: me, members.numbers(of: me), after: after, limit: limit + 1)
            let (items, next) = PageCursor.page(found, limit: limit) { $0.batch.id }
            return Response.json(OwnBatchList(items: items.map { OwnBatchAnswer($0, request.language) }, next: next))
                .with("Cache-Control", "no-store").with("Content-Language", request.language.rawValue)
        }
    }

    private var standing: Route {
        Route(
            .get, "/v1/me/insurance-batches/{id}/standing",
            summary: "Why you have a policy of a confirmed batch or none: place, floors, what does not hold, the lottery's secret",
            tag: OwnPolicyRoutes.tag, access: .permission(P.me), parameters: [BatchRoutes.id],
            responses: [.json(200, OwnBatchAnswer.self, "How it stands")],
            problems: [InsuranceProblem.batchUnknown, RegistryProblem.databaseUnavailable]
        ) { request in
            let me = request.member.memberID
            guard let found = try await standings.standing(of: me, members.numbers(of: me), in: request.parameter("id")) else {
                throw Problem(InsuranceProblem.batchUnknown)
            }
            return Response.json(OwnBatchAnswer(found, request.language)).with("Cache-Control", "no-store")
                .with("Content-Language", request.language.rawValue)
        }
    }

    // MARK: Joining

    private var join: Route {
        Route(
            .post, "/v1/me/insurance-batches/{id}/join",
            summary: "Joins mutual aid while places last; joined once more nothing changes. The contribution is paid within 14 days",
            tag: OwnPolicyRoutes.tag, access: .permission(P.me), parameters: [BatchRoutes.id, IdempotencyStore.parameter],
            responses: [.json(200, OwnPolicyAnswer.self, "The policy that is reserved for you")],
            problems: [
                InsuranceProblem.batchUnknown, MemberPolicyProblem.notOpen, MemberPolicyProblem.notEligible, MemberPolicyProblem.noPlace,
                MemberPolicyProblem.coveredAlready, MemberPolicyProblem.hadAlready, MemberPolicyProblem.notActive,
            ] + IdempotencyStore.problems
        ) { request in
            try await idempotency.once(request) { querying in
                let numbers = try await members.numbers(of: request.member.memberID, in: querying)
                let joined = try await joined(request.parameter("id"), numbers, request.member, in: querying)
                guard let policy = try await own.policies(of: numbers, only: joined, limit: 1, in: querying).first else {
                    throw PostgresError.decoding("a policy was expected")
                }
                return Response.json(OwnPolicyAnswer(policy, request.language, isWhole: true)).with("Cache-Control", "no-store")
            }
        }
    }

    /// The policy that the member has of the batch, from now on or already.
    private func joined(
        _ id: ID<InsuranceBatch>, _ numbers: [ID<Member>], _ me: MemberPrincipal, in querying: any Querying
    ) async throws -> ID<Policy> {
        guard let batch = try await life.batches.find(id, in: querying), batch.facts.kind == .mutualAid,
            batch.state == .confirmed || batch.state == .closed,
            let product = try await life.products.product(batch.productID, in: querying)
        else { throw Problem(InsuranceProblem.batchUnknown) }
        if let had = try await had(numbers, of: id, in: querying) { return had }
        guard batch.state == .confirmed else { throw Problem(MemberPolicyProblem.notOpen) }
        guard let person = try await candidates.find([me.memberID], in: querying).first ?? nil, person.candidate.status == .active else {
            throw Problem(MemberPolicyProblem.notActive)
        }
        let rules = GiftRun.rules(of: batch, product)
        let rank = rules.rank(person.candidate)
        guard rank.failing.isEmpty else {
            let names = try await rules.names(in: querying)
            throw Problem(
                MemberPolicyProblem.notEligible,
                violations: rank.failing.map { position in
                    let text = rules.eligibility[position].text(names)
                    return Violation(MemberPolicyProblem.notEligible.code, zh: "不符合条件：\(text.zh)", en: "This does not hold: \(text.en)")
                })
        }
        let wanted = PolicyRequest(me.memberID, priority: Int16(clamping: rank.priority), groups: Int16(rank.groups))
        guard let assigned = try await life.policies.assign([wanted], of: id, source: .joined, by: me.subject, in: querying).first else {
            throw PostgresError.decoding("an outcome was expected")
        }
        switch assigned.verdict {
        case .assigned:
            guard let policy = assigned.policyID else { throw PostgresError.decoding("a policy was expected") }
            try await aid.ripen(id, with: policy, in: querying)
            return policy
        case .hasHad:
            // Another request of the same person was first.
            guard let had = try await had(numbers, of: id, in: querying) else { throw PostgresError.decoding("a policy was expected") }
            return had
        case .noPlace: throw Problem(MemberPolicyProblem.noPlace)
        case .covered: throw Problem(MemberPolicyProblem.coveredAlready)
        case .notActive: throw Problem(MemberPolicyProblem.notActive)
        case .notOpen: throw Problem(MemberPolicyProblem.notOpen)
        }
    }

    private func had(_ numbers: [ID<Member>], of batch: ID<InsuranceBatch>, in querying: any Querying) async throws -> ID<Policy>? {
        var ended = false
        for number in numbers {
            guard let policy = try await life.policies.policy(of: number, in: batch, querying: querying) else { continue }
            if policy.state.holds { return policy.id }
            ended = true
        }
        if ended { throw Problem(MemberPolicyProblem.hadAlready) }
        return nil
    }

    // MARK: Organizers

    private var contributions: Route {
        Route(
            .post, "/v1/insurance-batches/{id}/contributions",
            summary: "Writes down who paid the contribution to mutual aid: only those go to the insurer", tag: ProductRoutes.tag,
            access: .permission(P.insuranceWrite), parameters: [BatchRoutes.id, IdempotencyStore.parameter],
            body: .json(ContributionBody.self, limitBytes: 32_768),
            responses: [.json(200, ContributionAnswer.self, "What became of each, by the policies' numbers")],
            problems: [InsuranceProblem.batchUnknown, InsuranceProblem.wrongState, InsuranceProblem.invalid] + IdempotencyStore.problems
        ) { request in
            let body = try request.json(ContributionBody.self)
            guard let paidAt = Timestamp(dateTime: body.paidAt) else { throw Problem(HTTPProblem.invalidBody) }
            return try await idempotency.once(request) { querying in
                let (batch, _) = try await life.hold(
                    request.parameter("id"), in: [.confirmed, .closed], within: request.scope(of: P.insuranceWrite), in: querying)
                guard batch.facts.kind == .mutualAid else { throw Problem(InsuranceProblem.wrongState) }
                guard try await aid.isPast(paidAt, in: querying) else {
                    throw InsuranceProblem.invalid([
                        Violation("insurance.paid_at_invalid", pointer: "/paidAt", zh: "缴费时间不能在将来", en: "Nobody has paid in the future")
                    ])
                }
                let outcomes = try await aid.note(body.policyIds, of: batch.id, paidAt: paidAt, in: querying)
                let noted = outcomes.filter { $0.outcome == .noted }.map(\.id.description)
                try await life.audit.record(
                    "insurance_batch.contributions_noted", subject: "insurance_batch:\(batch.id)", organization: batch.organizationID,
                    details: ["paidAt": paidAt.description, "policies": noted.joined(separator: " ")], request, in: querying)
                return .json(ContributionAnswer(items: outcomes.map { .init(policyId: $0.id, outcome: $0.outcome) }))
            }
        }
    }

    // MARK: Everybody

    private var payouts: Route {
        Route(
            .get, "/v1/public/insurance-batches/{id}/payouts",
            summary: "What mutual aid paid out: month, kind, amount and district, without anything that tells whose it was", tag: "Public",
            access: .anyone, parameters: [BatchRoutes.id] + PageCursor.parameters,
            responses: [.json(200, PayoutList.self, "A page, the first payments first")],
            problems: [InsuranceProblem.batchUnknown, RegistryProblem.databaseUnavailable]
        ) { request in
            let (after, limit) = PageCursor.read(request, of: PolicyClaim.self)
            guard let found = try await claims.payouts(of: request.parameter("id"), after: after, limit: limit + 1) else {
                throw Problem(InsuranceProblem.batchUnknown)
            }
            let (items, next) = PageCursor.page(found, limit: limit, id: \.id)
            return Response.json(
                PayoutList(
                    items: items.map { .init(month: $0.month, kind: $0.kind, paidFen: $0.paidFen, district: $0.district) }, next: next)
            ).with("Cache-Control", "public, max-age=60")
        }
    }
}

/// Contributions that came in.
struct ContributionBody: Codable, Sendable, APIType {
    let policyIds: [ID<Policy>]
    let paidAt: String

    static let schema = Schema.object(
        "InsuranceContributions", "Policies of mutual aid that were paid for",
        [.required("policyIds", .array(of: .id, 1...500)), .required("paidAt", .dateTime, "Not in the future")])
}

struct ContributionAnswer: Codable, Sendable, APIType {
    struct Item: Codable, Sendable {
        let policyId: ID<Policy>
        let outcome: MutualAidStore.Noted

        static let schema = Schema.object(
            "InsuranceContribution", "What became of one",
            [
                .required("policyId", .id),
                .required(
                    "outcome", .oneOf(MutualAidStore.Noted.allCases.map(\.rawValue)),
                    "over: the place went back or was given up; unknown: the batch has no such policy that was joined"),
            ])
    }

    let items: [Item]

    static let schema = Schema.object(
        "InsuranceContributionList", "What became of each", [.required("items", .array(of: Item.schema, 0...500))])
}

struct PayoutList: Codable, Sendable, APIType {
    struct Item: Codable, Sendable {
        let month: String
        let kind: PolicyClaim.Kind
        let paidFen: Int64
        let district: String?

        static let schema = Schema.object(
            "InsurancePayout", "A payment out of mutual aid",
            [
                .required("month", .string(7...7), "2026-11"), .required("kind", .oneOf(PolicyClaim.Kind.allCases.map(\.rawValue))),
                .required("paidFen", .integer(1...100_000_000_000)), .optional("district", .string(1...100)),
            ])
    }

    let items: [Item]
    let next: String?

    static let schema = Schema.object(
        "InsurancePayoutList", "A page of payments", [.required("items", .array(of: Item.schema, 0...200)), PageCursor.next])
}
