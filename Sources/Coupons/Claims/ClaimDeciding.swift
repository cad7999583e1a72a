import Crypto
import HTTP
import Postgres
import Programs
import Registry
import Runtime

/// Decides claims: what the rules say of the persons here, everything else in `coupons_claim`.
struct ClaimDeciding: Sendable {
    let rounds: FrozenRounds
    let candidates: CandidateStore
    let clockOffsetMicroseconds: Int64

    /// How often a claim is looked at again, whose person has another in the batch or whose round's rules were others.
    private static let turnsMax = 8

    /// A claim ready to be decided, or known to be refused.
    private struct Judged {
        let claim: CouponClaim
        let place: Int
        let hash: [UInt8]
        /// Nil when nobody was looked up, for the round asks for nothing but an active membership.
        let organizationID: ID<Organization>?
        let groups: Int16
        let ticket: Int64
        let faults: [Violation]
    }

    func claim(_ claims: [CouponClaim], in querying: any Querying) async throws(PostgresError) -> [CouponClaim.Decision] {
        var decisions = [CouponClaim.Decision?](repeating: nil, count: claims.count)
        var waiting = Array(claims.indices)
        for _ in 0..<Self.turnsMax where !waiting.isEmpty {
            let judged = try await judge(waiting.map { ($0, claims[$0]) }, &decisions, in: querying)
            waiting = try await decide(judged, &decisions, in: querying)
        }
        let answered = decisions.compactMap(\.self)
        // One person's claims by the dozen, in one batch: the last of them are tried on their own.
        guard answered.count == claims.count else { throw .decoding("\(answered.count) answers to \(claims.count) claims") }
        return answered
    }

    private func judge(
        _ claims: [(place: Int, claim: CouponClaim)], _ decisions: inout [CouponClaim.Decision?], in querying: any Querying
    ) async throws(PostgresError) -> [Judged] {
        let entries = try await rounds.find(Set(claims.map(\.claim.roundID)), in: querying)
        let strangers = claims.filter { entries[$0.claim.roundID]?.looksAtPersons ?? true }
        let looked = try await candidates.find(strangers.map(\.claim.memberID), in: querying)
        let found = Dictionary(zip(strangers.map(\.place), looked)) { first, _ in first }
        var judged: [Judged] = []
        judged.reserveCapacity(claims.count)
        for (place, claim) in claims {
            guard let entry = entries[claim.roundID], entry.mode != .draw else {
                decisions[place] = CouponClaim.Decision(outcome: .roundUnknown, issuedWhenNoneLeft: nil)
                continue
            }
            // Only what is shuffled needs a number to be drawn by.
            let ticket = entry.mode == .equalStart ? Self.drawTicket() : 0
            guard entry.looksAtPersons else {
                judged.append(
                    Judged(claim: claim, place: place, hash: entry.hash, organizationID: nil, groups: 0, ticket: ticket, faults: []))
                continue
            }
            guard let found = found[place] ?? nil else {
                decisions[place] = CouponClaim.Decision(outcome: .memberUnknown, issuedWhenNoneLeft: nil)
                continue
            }
            let rank = entry.rules.rank(found.candidate)
            let membership = entry.rules.statuses.contains(found.candidate.status) ? [] : [ClaimReason.memberNotActive.violation]
            let faults = rank.failing.map { ClaimReason.notEligible(entry.rules.eligibility[$0].text(entry.names)) }
            judged.append(
                Judged(
                    claim: claim, place: place, hash: entry.hash, organizationID: found.organizationID, groups: Int16(rank.groups),
                    ticket: ticket, faults: membership + faults))
        }
        return judged
    }

    /// - Returns: the places of those to be looked at again.
    private func decide(
        _ judged: [Judged], _ decisions: inout [CouponClaim.Decision?], in querying: any Querying
    ) async throws(PostgresError) -> [Int] {
        if judged.isEmpty { return [] }
        var again: [Int] = []
        for row in try await querying.query(statement(judged)) {
            let position = Int(try row.decode(0, as: Int32.self)) - 1
            guard judged.indices.contains(position) else { throw .decoding("an answer to no claim") }
            let one = judged[position]
            guard let outcome = try outcome(row, one) else {
                again.append(one.place)
                continue
            }
            decisions[one.place] = CouponClaim.Decision(outcome: outcome, issuedWhenNoneLeft: try row.decode(5))
        }
        return again.sorted()
    }

    /// Nil for what is to be looked at again.
    private func outcome(_ row: Row, _ one: Judged) throws(PostgresError) -> CouponClaim.Outcome? {
        switch try row.decode(1, as: String.self) {
        case "won", "repeated_won": return .won(try row.decode(3), at: try row.decode(4))
        case "pending", "repeated_pending": return .pending(since: try row.decode(4))
        case "refused": return .refused(try Self.reasons(row) + one.faults)
        case "repeated_lost": return .refused(try Self.reasons(row))
        case "round_unknown": return .roundUnknown
        case "member_unknown": return .memberUnknown
        case "conflict": return .conflict
        case "again": return nil
        case "rules_changed":
            rounds.forget([one.claim.roundID])
            return nil
        default: throw .decoding("an outcome unknown to this version")
        }
    }

    private static func reasons(_ row: Row) throws(PostgresError) -> [Violation] {
        var reasons: [Violation] = []
        for code in try row.decode(2, as: [String]?.self) ?? [] {
            guard let reason = ClaimReason(rawValue: code) else { throw .decoding("a reason unknown to this version") }
            reasons.append(reason.violation)
        }
        return reasons
    }

    private func statement(_ judged: [Judged]) -> SQL {
        """
        select request, outcome, reasons, coupon_id, claimed_at, issued_when_none_left
        from coupons_claim(
            \(judged.map(\.claim.memberID)), \(judged.map(\.claim.roundID)), \(judged.map(\.claim.requestID)),
            \(judged.map(\.claim.venueID)), \(judged.map(\.hash)), \(judged.map(\.organizationID)), \(judged.map(\.groups)),
            \(judged.map(\.ticket)), \(judged.map(\.faults.isEmpty)), \(clockOffsetMicroseconds))
        """
    }

    private static func drawTicket() -> Int64 {
        Int64(bitPattern: SecureRandom.bytes(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }
}
