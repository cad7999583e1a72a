import FoundationEssentials
import HTTP
import Postgres
import Registry
import Runtime

/// Claims: members hand them to the insurer and see what became of them, organizers write that down.
struct PolicyClaimRoutes: Sendable {
    let claims: PolicyClaimStore
    let own: OwnPolicyStore
    let life: InsuranceBatchLife
    let members: MemberStore
    let idempotency: IdempotencyStore

    private typealias P = RegistryPermission
    private static let listMax = 200

    var all: [Route] { [file, ownList, list, decide] }

    // MARK: Members

    private var file: Route {
        Route(
            .post, "/v1/me/policies/{id}/claims",
            summary: "Files a claim under a policy of yours: says how to go on with the insurer, and under which number",
            tag: OwnPolicyRoutes.tag, access: .permission(P.me), parameters: [OwnPolicyRoutes.id],
            body: .json(ClaimBody.self, limitBytes: 1_024), responses: [.json(200, OwnClaimAnswer.self, "The claim, and how to go on")],
            problems: [
                InsuranceProblem.policyUnknown, MemberPolicyProblem.notCovering, MemberPolicyProblem.dayNotCovered,
                MemberPolicyProblem.requestIDReused, RegistryProblem.databaseUnavailable,
            ]
        ) { request in
            let body = try request.json(ClaimBody.self)
            guard let day = CalendarDate(text: body.happenedOn), let id = UUID(uuidString: body.requestId) else {
                throw Problem(HTTPProblem.invalidBody)
            }
            return try await claims.database.inTransaction { transaction in
                let policy = try await policy(request, in: transaction)
                let claim = try await filed(body.kind, on: day, under: policy, id, request, in: transaction)
                guard claim.policyID == policy.policy.id, claim.kind == body.kind, claim.happenedOn == day else {
                    throw Problem(MemberPolicyProblem.requestIDReused)
                }
                return Response.json(OwnClaimAnswer(claim, of: policy, request.language)).with("Cache-Control", "no-store")
            }
        }
    }

    /// The claim that the request id stands for, from now on or already.
    private func filed(
        _ kind: PolicyClaim.Kind, on day: CalendarDate, under own: OwnPolicy, _ id: UUID, _ request: Request, in querying: any Querying
    ) async throws -> PolicyClaim {
        if let known = try await claims.find(id, of: own.policy.memberID, in: querying) { return known }
        guard own.hasCovered else { throw Problem(MemberPolicyProblem.notCovering) }
        guard own.policy.coverFrom <= day, day < own.policy.coverUntil, day <= own.today else {
            throw Problem(MemberPolicyProblem.dayNotCovered)
        }
        if let made = try await claims.file(kind, on: day, under: own.policy, request: id, by: request.member.subject, in: querying) {
            try await life.outbox.emit(
                "policy_claim.filed", subject: "member:\(own.policy.memberID)", organization: own.organizationID, data: ClaimTold(made),
                in: querying)
            return made
        }
        guard let known = try await claims.find(id, of: own.policy.memberID, in: querying) else {
            throw PostgresError.decoding("a claim was expected")
        }
        return known
    }

    private func policy(_ request: Request, in querying: any Querying) async throws -> OwnPolicy {
        let numbers = try await members.numbers(of: request.member.memberID, in: querying)
        guard let found = try await own.policies(of: numbers, only: request.parameter("id"), limit: 1, in: querying).first else {
            throw Problem(InsuranceProblem.policyUnknown)
        }
        return found
    }

    private var ownList: Route {
        Route(
            .get, "/v1/me/policies/{id}/claims", summary: "Your claims under a policy", tag: OwnPolicyRoutes.tag, access: .permission(P.me),
            parameters: [OwnPolicyRoutes.id], responses: [.json(200, OwnClaimList.self, "The newest first")],
            problems: [InsuranceProblem.policyUnknown, RegistryProblem.databaseUnavailable]
        ) { request in
            try await claims.database.inTransaction { transaction in
                let policy = try await policy(request, in: transaction)
                let found = try await claims.claims(
                    of: [policy.policy.memberID], under: policy.policy.id, limit: Self.listMax, in: transaction)
                return Response.json(OwnClaimList(items: found.map { OwnClaimAnswer($0, of: policy, request.language) }))
                    .with("Cache-Control", "no-store")
            }
        }
    }

    // MARK: Organizers

    private var list: Route {
        Route(
            .get, "/v1/insurance-batches/{id}/claims", summary: "Claims under a batch's policies, in the order of their numbers",
            tag: ProductRoutes.tag, access: .permission(P.insuranceWrite),
            parameters: [BatchRoutes.id] + PageCursor.parameters + [
                .query("state", .oneOf(PolicyClaim.State.allCases.map(\.rawValue)), "In this state only")
            ],
            responses: [.json(200, ClaimList.self, "A page")],
            problems: [InsuranceProblem.batchUnknown, RegistryProblem.databaseUnavailable]
        ) { request in
            guard let batch = try await life.batches.find(request.parameter("id"), within: request.scope(of: P.insuranceWrite)) else {
                throw Problem(InsuranceProblem.batchUnknown)
            }
            let (after, limit) = PageCursor.read(request, of: PolicyClaim.self)
            let state: String? = request.optionalParameter("state")
            let found = try await claims.list(
                of: batch.id, state: state.flatMap(PolicyClaim.State.init(rawValue:)), after: after, limit: limit + 1)
            let (items, next) = PageCursor.page(found, limit: limit, id: \.id)
            return .json(ClaimList(items: items.map(ClaimAnswer.init), next: next))
        }
    }

    private var decide: Route {
        Route(
            .put, "/v1/policy-claims/{id}", summary: "Writes down what the insurer decided about a claim", tag: ProductRoutes.tag,
            access: .permission(P.insuranceWrite), parameters: [.path("id", .id, "The claim"), EntityTag.ifMatch],
            body: .json(ClaimDecisionBody.self, limitBytes: 4_096), responses: [.json(200, ClaimAnswer.self, "The claim as it is now")],
            problems: [
                MemberPolicyProblem.claimUnknown, MemberPolicyProblem.claimFinal, InsuranceProblem.changed, InsuranceProblem.invalid,
                RegistryProblem.databaseUnavailable,
            ]
        ) { request in
            let body = try request.json(ClaimDecisionBody.self)
            try body.check()
            let id: ID<PolicyClaim> = request.parameter("id")
            let scope = request.scope(of: P.insuranceWrite)
            return try await claims.database.inTransaction { transaction in
                guard let known = try await claims.find(id, within: scope, isHeld: false, in: transaction) else {
                    throw Problem(MemberPolicyProblem.claimUnknown)
                }
                // The batch before anything of it, as everywhere.
                try await own.hold(known.batchID, in: transaction)
                guard let claim = try await claims.find(id, within: scope, isHeld: true, in: transaction) else {
                    throw Problem(MemberPolicyProblem.claimUnknown)
                }
                if let version = request.versionToChange, version != claim.version { throw Problem(InsuranceProblem.changed) }
                return Self.answer(try await decided(claim, body, request, in: transaction))
            }
        }
    }

    private func decided(
        _ claim: PolicyClaim, _ body: ClaimDecisionBody, _ request: Request, in querying: any Querying
    ) async throws -> PolicyClaim {
        guard let state = PolicyClaim.State(rawValue: body.state.rawValue) else { preconditionFailure("every decision is a state") }
        guard claim.state != .paid || state == .paid else { throw Problem(MemberPolicyProblem.claimFinal) }
        if (claim.state, claim.paidFen, claim.reason) == (state, body.paidFen, body.reason) { return claim }
        let after = try await claims.decide(claim, state, paidFen: body.paidFen, reason: body.reason, in: querying)
        let subject = request.principal?.subject ?? "anyone"
        if state == .paid {
            // One that was paid under before, or whose days are over, stays what it is.
            _ = try await life.policies.move(
                [PolicyMove(claim.policyID, to: .claimed)], of: claim.batchID, acceptDays: nil, by: subject, in: querying)
        }
        let batch = try await life.batches.find(claim.batchID, in: querying)
        var details = ["batch": "\(claim.batchID)", "policy": "\(claim.policyID)", "state": state.rawValue]
        if let paidFen = body.paidFen { details["paidFen"] = "\(paidFen)" }
        try await life.audit.record(
            "policy_claim.decided", subject: "policy_claim:\(claim.id)", organization: batch?.organizationID, details: details, request,
            in: querying)
        try await life.outbox.emit(
            "policy_claim.\(state.rawValue)", subject: "member:\(claim.memberID)", organization: batch?.organizationID,
            data: ClaimTold(after), in: querying)
        return after
    }

    private static func answer(_ claim: PolicyClaim) -> Response {
        Response.json(ClaimAnswer(claim)).with("ETag", EntityTag.of(version: claim.version))
    }
}

/// What receivers of webhooks get of a claim.
private struct ClaimTold: Encodable, Sendable {
    let claimId: ID<PolicyClaim>
    let policyId: ID<Policy>
    let batchId: ID<InsuranceBatch>
    let memberId: ID<Member>
    let state: PolicyClaim.State

    init(_ claim: PolicyClaim) {
        claimId = claim.id
        policyId = claim.policyID
        batchId = claim.batchID
        memberId = claim.memberID
        state = claim.state
    }
}
