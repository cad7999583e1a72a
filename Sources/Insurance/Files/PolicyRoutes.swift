import HTTP
import Postgres
import Programs
import Registry
import Runtime

/// A batch's policies: listed, mended, taken back.
struct PolicyRoutes: Sendable {
    let mending: PolicyMending
    let members: MemberStore
    let idempotency: IdempotencyStore

    private static let path = "/v1/insurance-batches/{id}/policies"
    private static let policy = Parameter.path("policy", .id, "The policy")
    private typealias P = RegistryPermission

    var all: [Route] { [list, mend, mendMany, takeBack] }

    private var list: Route {
        Route(
            .get, Self.path, summary: "A batch's policies in the order of their numbers in our books", tag: ProductRoutes.tag,
            access: .permission(P.insuranceRead),
            parameters: [BatchRoutes.id, .query("state", .oneOf(PolicyState.allCases.map(\.rawValue)), "In this state only")]
                + PageCursor.parameters,
            responses: [.json(200, PolicyList.self, "A page, masked")],
            problems: [InsuranceProblem.batchUnknown, RegistryProblem.databaseUnavailable]
        ) { request in
            let scope = request.scope(of: P.insuranceRead)
            guard let batch = try await mending.life.batches.find(request.parameter("id"), within: scope) else {
                throw Problem(InsuranceProblem.batchUnknown)
            }
            let state: String? = request.optionalParameter("state")
            let (after, limit) = PageCursor.read(request, of: Policy.self)
            let found = try await mending.life.policies.list(
                of: batch.id, state: state.flatMap(PolicyState.init(rawValue:)), after: after, limit: limit + 1)
            let (items, next) = PageCursor.page(found, limit: limit, id: \.id)
            return .json(PolicyList(items: try await answers(items), next: next))
        }
    }

    private func answers(_ policies: [Policy], in querying: (any Querying)? = nil) async throws -> [PolicyAnswer] {
        var known: [ID<Member>: Member] = [:]
        for member in try await members.members(policies.map(\.memberID), within: .everything, in: querying) { known[member.id] = member }
        return policies.map { PolicyAnswer($0, known[$0.memberID]) }
    }

    private var mend: Route {
        step("mend", "A rejected policy was mended: it goes out by the next roster", body: .none) { request, querying in
            try await mending.move(
                request.parameter("policy"), of: request.parameter("id"), to: .reserved, "insurance_policy.mended",
                within: request.scope(of: P.insuranceFiles), by: ProgramLife.Actor(request), in: querying)
        }
    }

    private var takeBack: Route {
        step(
            "return", "Takes a policy back that does not cover yet: its place goes to who waits",
            body: .json(BatchReasonBody.self, limitBytes: 4_096)
        ) { request, querying in
            try await mending.move(
                request.parameter("policy"), of: request.parameter("id"), to: .returned, "insurance_policy.returned",
                reason: try request.json(BatchReasonBody.self).reason, within: request.scope(of: P.insuranceFiles),
                by: ProgramLife.Actor(request), in: querying)
        }
    }

    private func step(
        _ name: String, _ summary: String, body: BodyDeclaration,
        _ take: @escaping @Sendable (Request, any Querying) async throws -> Policy
    ) -> Route {
        Route(
            .post, "\(Self.path)/{policy}/\(name)", summary: summary, tag: ProductRoutes.tag, access: .permission(P.insuranceFiles),
            parameters: [BatchRoutes.id, Self.policy, IdempotencyStore.parameter], body: body,
            responses: [.json(200, PolicyAnswer.self, "As it is now")],
            problems: [InsuranceProblem.batchUnknown, InsuranceProblem.policyUnknown, InsuranceProblem.wrongState]
                + IdempotencyStore.problems
        ) { request in
            try await idempotency.once(request) { querying in
                .json(try await answers([try await take(request, querying)], in: querying)[0])
            }
        }
    }

    private var mendMany: Route {
        Route(
            .post, "\(Self.path)/mend",
            summary: "Rejected policies were mended, these or all of one reason: they go out by the next roster",
            tag: ProductRoutes.tag, access: .permission(P.insuranceFiles), parameters: [BatchRoutes.id, IdempotencyStore.parameter],
            body: .json(MendBody.self, limitBytes: 262_144), responses: [.json(200, MendAnswer.self, "What became of it")],
            problems: [InsuranceProblem.batchUnknown, InsuranceProblem.wrongState, InsuranceProblem.invalid] + IdempotencyStore.problems
        ) { request in
            let body = try request.json(MendBody.self)
            guard (body.policyIds == nil) != (body.reason == nil) else {
                throw InsuranceProblem.invalid([
                    Violation(
                        "insurance.mend_unclear", pointer: "", zh: "请指定保单或原因之一", en: "Name the policies, or one reason, and not both")
                ])
            }
            return try await idempotency.once(request) { querying in
                .json(
                    try await mending.mend(
                        body, of: request.parameter("id"), within: request.scope(of: P.insuranceFiles), by: ProgramLife.Actor(request),
                        in: querying))
            }
        }
    }
}
