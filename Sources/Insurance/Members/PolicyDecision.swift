import HTTP
import Postgres
import Registry
import Runtime

/// A member says yes or no to a policy: decided while its batch is held, by the database's clock, moved as everything else is.
struct PolicyDecision: Sendable {
    let own: OwnPolicyStore
    let policies: PolicyStore
    let members: MemberStore
    let beneficiaries: Beneficiaries

    /// Takes the policy; taken once more nothing changes.
    func accept(
        _ id: ID<Policy>, naming named: Beneficiary?, by member: MemberPrincipal, in querying: any Querying
    ) async throws {
        let held = try await held(id, member.memberID, in: querying)
        if held.isAcceptedByMember, [.accepted, .active, .claimed, .expired].contains(held.state) {
            guard let named else { return }
            guard try await beneficiaries.find(of: held.policy, in: querying) == named else {
                throw Problem(MemberPolicyProblem.alreadyAccepted)
            }
            return
        }
        switch held.state {
        case .sent: throw Problem(MemberPolicyProblem.withInsurer)
        case .reserved, .rejected: throw Problem(MemberPolicyProblem.notIssued)
        case .refused, .returned, .cancelled: throw Problem(MemberPolicyProblem.over)
        case .issued, .accepted, .active, .claimed, .expired: break
        }
        guard held.isAcceptedByMember else { throw Problem(MemberPolicyProblem.noAcceptance) }
        guard !held.isTooLate else { throw Problem(MemberPolicyProblem.tooLate) }
        switch (held.beneficiary, named) {
        case (.named, nil): throw Problem(MemberPolicyProblem.beneficiaryRequired)
        case (.statutory, .some): throw Problem(MemberPolicyProblem.beneficiaryStatutory)
        case (.named, let named?): try await beneficiaries.write(named, of: held.policy, in: querying)
        case (.statutory, nil): break
        }
        try await move(held, PolicyMove(id, to: .accepted), by: member.subject, in: querying)
    }

    /// Gives the policy to whoever comes next; once more nothing changes.
    func refuse(_ id: ID<Policy>, reason: String, by member: MemberPrincipal, in querying: any Querying) async throws {
        let held = try await held(id, member.memberID, in: querying)
        switch held.state {
        case .refused: return
        case .sent: throw Problem(MemberPolicyProblem.withInsurer)
        case .active, .claimed: throw Problem(MemberPolicyProblem.notRefusable)
        case .returned, .cancelled, .expired: throw Problem(MemberPolicyProblem.over)
        case .reserved, .rejected, .issued, .accepted: break
        }
        guard !held.isTooLate else { throw Problem(MemberPolicyProblem.tooLate) }
        try await move(held, PolicyMove(id, to: .refused, reason: reason), by: member.subject, in: querying)
    }

    /// The policy as it is while nothing of its batch can move.
    private func held(_ id: ID<Policy>, _ member: ID<Member>, in querying: any Querying) async throws -> OwnPolicy {
        let numbers = try await members.numbers(of: member, in: querying)
        guard let found = try await own.policies(of: numbers, only: id, limit: 1, in: querying).first else {
            throw Problem(InsuranceProblem.policyUnknown)
        }
        try await own.hold(found.policy.batchID, in: querying)
        // Once more: a statement after a lock sees what it waited for.
        guard let held = try await own.policies(of: numbers, only: id, limit: 1, in: querying).first else {
            throw Problem(InsuranceProblem.policyUnknown)
        }
        return held
    }

    private func move(_ held: OwnPolicy, _ move: PolicyMove, by subject: String, in querying: any Querying) async throws {
        let moved = try await policies.move([move], of: held.policy.batchID, acceptDays: nil, by: subject, in: querying)
        guard moved.first?.verdict == .moved else { throw Problem(InsuranceProblem.wrongState) }
    }
}
