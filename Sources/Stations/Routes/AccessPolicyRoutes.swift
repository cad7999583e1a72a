import HTTP
import Postgres
import Registry
import Runtime

/// Policies: tried on the scans there were, warned of, and set.
struct AccessPolicyRoutes: Sendable {
    let stations: StationStore
    let accessPoints: AccessPointStore
    let policies: AccessPolicyStore
    let commands: AccessCommandStore
    let idempotency: IdempotencyStore
    var audit: AuditStore { AuditStore() }

    var all: [Route] { [set, trial] }

    private var set: Route {
        Route(
            .put, "/v1/access-points/{id}/policy", summary: "Replaces the policy of an access point", tag: "Stations",
            access: .permission(RegistryPermission.stationsWrite),
            parameters: [
                .path("id", .id, "The access point"), EntityTag.ifMatch,
                .query("confirm", .boolean, "true: set it although nobody at all could enter"),
            ],
            body: .json(AccessPolicy.self),
            responses: [.json(200, AccessPoint.self, "The access point with its new policy, and what should be known of it")],
            problems: [
                StationProblem.accessPointUnknown, StationProblem.invalid, StationProblem.policyChanged,
                StationProblem.policyLocksEveryoneOut, RegistryProblem.databaseUnavailable,
            ]
        ) { request in
            let policy = try request.json(AccessPolicy.self)
            try await policies.check(policy)
            let id = request.parameter("id", as: ID<AccessPoint>.self)
            let (_, station) = try await find(request)
            let findings = try await policies.findings(
                policy, policies.trial(AccessPolicyTrialDraft(policy: policy), at: id), station: station)
            let isConfirmed = request.optionalParameter("confirm", as: Bool.self) ?? false
            let grave = findings.filter(\.locksEveryoneOut)
            guard grave.isEmpty || isConfirmed else {
                throw Problem(StationProblem.policyLocksEveryoneOut, violations: grave.map(\.violation))
            }
            return try await idempotency.once(request) { querying in
                var accessPoint = try await accessPoints.setPolicy(
                    policy, of: id, replacing: request.versionToChange, changedBy: request.principal?.subject ?? "anyone", in: querying)
                try await audit.record(
                    "access_point.policy_set", subject: "access_point:\(id)", organization: station.organizationId,
                    details: ["station": "station:\(station.id)", "version": String(accessPoint.version)], request, in: querying)
                try await commands.tell(.sync, station: station.id, in: querying)
                accessPoint.warnings = findings.map { $0.warning(request.language) }
                return Response.json(accessPoint).with("ETag", accessPoint.entityTag)
            }
        }
    }

    private var trial: Route {
        Route(
            .post, "/v1/access-points/{id}/policy-trials", summary: "Tries a policy on the entries of the last days: who would be refused",
            tag: "Stations", access: .permission(RegistryPermission.stationsRead),
            parameters: [.path("id", .id, "The access point")],
            body: .json(AccessPolicyTrialDraft.self),
            responses: [.json(200, AccessPolicyTrial.self, "What it would have changed; nothing is switched on")],
            problems: [StationProblem.accessPointUnknown, StationProblem.invalid, RegistryProblem.databaseUnavailable]
        ) { request in
            let draft = try request.json(AccessPolicyTrialDraft.self)
            try await policies.check(draft.policy, at: "/policy")
            let (accessPoint, station) = try await find(request)
            var trial = try await policies.trial(draft, at: accessPoint.id)
            trial.warnings = try await policies.findings(draft.policy, trial, station: station).map { $0.warning(request.language) }
            return .json(trial)
        }
    }

    /// The access point of the path, within what the caller reaches.
    private func find(_ request: Request) async throws(StationError) -> (AccessPoint, Station) {
        let permission: Permission = request.method == .put ? RegistryPermission.stationsWrite : RegistryPermission.stationsRead
        let accessPoint = try await accessPoints.find(request.parameter("id"), scope: request.scope(of: permission))
        return (accessPoint, try await stations.find(accessPoint.stationId))
    }
}

extension AccessPolicyStore {
    /// Refuses a policy that contradicts itself or names organizations that do not exist.
    /// - Parameter pointer: leads to the policy in the body.
    func check(_ policy: AccessPolicy, at pointer: String = "") async throws {
        var violations = policy.violations(at: pointer)
        for position in try await unknownOrganizations(policy.organizationIds) {
            violations.append(
                Violation(
                    "station.organization_unknown", pointer: "\(pointer)/organizationIds/\(position)", zh: "没有这个工会组织",
                    en: "There is no such organization"))
        }
        guard violations.isEmpty else { throw Problem(StationProblem.invalid, violations: violations) }
    }
}
