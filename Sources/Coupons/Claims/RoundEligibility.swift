import HTTP
import Postgres
import Programs
import Registry
import Runtime

/// Which rounds are for a member: the rules as they were announced, the member as they are now.
struct RoundEligibility: Sendable {
    let rounds: FrozenRounds
    let candidates: CandidateStore

    /// Why each of these rounds is not for the member; none for those that are. One statement for the member, none for rounds known by now.
    func refusals(
        of member: ID<Member>, in ids: [ID<CouponRound>], querying: any Querying
    ) async throws(PostgresError) -> [ID<CouponRound>: Violation] {
        let entries = try await rounds.find(Set(ids), in: querying)
        guard !entries.isEmpty, let found = try await candidates.find([member], in: querying).first ?? nil else { return [:] }
        var refusals: [ID<CouponRound>: Violation] = [:]
        for (id, entry) in entries {
            if !entry.rules.statuses.contains(found.candidate.status) {
                refusals[id] = ClaimReason.memberNotActive.violation
            } else if entry.looksAtPersons, let failing = entry.rules.rank(found.candidate).failing.first {
                refusals[id] = ClaimReason.notEligible(entry.rules.eligibility[failing].text(entry.names))
            }
        }
        return refusals
    }
}

extension OwnRoundAnswer {
    /// The same, with what was found of the member.
    func with(_ refusal: Violation?, _ language: Language) -> OwnRoundAnswer {
        var answer = self
        answer.eligible = refusal == nil
        answer.reason = refusal.map { ClaimReasonAnswer(code: $0.code, text: $0.detail[language]) }
        return answer
    }
}
