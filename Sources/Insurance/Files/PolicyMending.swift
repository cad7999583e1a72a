import HTTP
import Postgres
import Programs
import Registry
import Runtime

/// What organizers do to single policies: rejected ones are mended and go out again, others are taken back.
struct PolicyMending: Sendable {
    let life: InsuranceBatchLife
    let audit: AuditStore

    /// Moves one policy of a batch.
    /// - Throws: `insurance.policy_unknown`; `insurance.wrong_state` where its present state does not allow it.
    func move(
        _ policy: ID<Policy>, of batch: ID<InsuranceBatch>, to state: PolicyState, _ action: String, reason: String? = nil,
        within scope: Scope, by actor: ProgramLife.Actor, in querying: any Querying
    ) async throws -> Policy {
        let (whole, _) = try await life.hold(batch, in: [.confirmed, .closed], within: scope, in: querying)
        let move = PolicyMove(policy, to: state, reason: reason)
        switch try await life.policies.move([move], of: batch, acceptDays: nil, by: actor.subject, in: querying).first?.verdict {
        case .moved:
            try await audit.record(
                action, subject: "policy:\(policy)", organization: whole.organizationID, details: ["batch": "\(batch)"],
                actor: actor.subject, requestID: actor.requestID, in: querying)
        // Said twice, done once.
        case .unchanged: break
        case .noPolicy, nil: throw Problem(InsuranceProblem.policyUnknown)
        default: throw Problem(InsuranceProblem.wrongState)
        }
        guard let after = try await life.policies.find(policy, of: batch, in: querying) else {
            throw Problem(InsuranceProblem.policyUnknown)
        }
        return after
    }

    /// Mends many: all of one reason, or those that are named.
    func mend(
        _ body: MendBody, of id: ID<InsuranceBatch>, within scope: Scope, by actor: ProgramLife.Actor, in querying: any Querying
    ) async throws -> MendAnswer {
        let (batch, _) = try await life.hold(id, in: [.confirmed, .closed], within: scope, in: querying)
        let policies: [ID<Policy>]
        if let reason = body.reason {
            policies = try await life.policies.rejected(of: id, reason: reason, in: querying)
        } else {
            policies = Array(Set(body.policyIds ?? [])).sorted { $0.rawValue < $1.rawValue }
        }
        let moved = try await life.policies.move(
            policies.map { PolicyMove($0, to: .reserved) }, of: id, acceptDays: nil, by: actor.subject, in: querying)
        let mended = moved.count { $0.verdict == .moved }
        if mended > 0 {
            try await life.told("policies_mended", batch, details: ["mended": "\(mended)"], by: actor, in: querying)
        }
        let left = zip(policies, moved).filter { $1.verdict != .moved }.map { MendAnswer.Left(policyId: $0, state: $1.before) }
        return MendAnswer(mended: mended, left: left)
    }
}
