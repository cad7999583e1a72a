import HTTP
import Postgres
import Registry
import Runtime

/// What insurance keeps of a person: policies with beneficiaries, claims, what became of them, what was told.
struct PolicyPersonalData: Sendable {
    let own: OwnPolicyStore
    let beneficiaries: Beneficiaries
    let claims: PolicyClaimStore
    let people: PolicyPersonStore

    private static let limit = 10_000

    private struct Kept: Encodable, Sendable {
        let policies: [OwnPolicyAnswer]
        let claims: [ClaimAnswer]
        let events: [PolicyPersonStore.Event]
        let messages: [PolicyPersonStore.Message]
    }

    var section: PersonalDataSection {
        PersonalDataSection("insurance") { ids, querying in
            var policies: [OwnPolicyAnswer] = []
            for policy in try await own.policies(of: ids, limit: Self.limit, in: querying) {
                let named = try await beneficiaries.find(of: policy.policy, in: querying)
                policies.append(OwnPolicyAnswer(policy, .zh, isWhole: true, beneficiary: named))
            }
            return Kept(
                policies: policies, claims: try await claims.claims(of: ids, limit: Self.limit, in: querying).map(ClaimAnswer.init),
                events: try await people.events(of: ids, in: querying), messages: try await people.messages(to: ids, in: querying))
        } erase: { ids, querying in
            try await people.forget(ids, in: querying)
        }
    }
}
