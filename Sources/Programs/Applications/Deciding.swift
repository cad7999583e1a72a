import Allocation
import Crypto
import HTTP
import Postgres
import Registry
import Runtime

/// Decides applications: what the rules say of the persons here, everything else in `programs_apply`.
struct Deciding: Sendable {
    let rules: FrozenRules
    let candidates: CandidateStore
    let clockOffsetMicroseconds: Int64

    /// How often a request is looked at again, whose ticket another drew or whose program's rules were others.
    private static let roundsMax = 4

    /// An application ready to be written, or known to be refused.
    private struct Judged {
        let request: ApplyRequest
        let place: Int
        let entry: FrozenRules.Entry
        let found: CandidateStore.Found
        let rank: ProgramRules.Rank
        let faults: [Violation]
    }

    func apply(
        _ requests: [ApplyRequest], isDryRun: Bool = false, in querying: any Querying
    ) async throws(PostgresError) -> [ApplyOutcome] {
        var outcomes = [ApplyOutcome?](repeating: nil, count: requests.count)
        var waiting = Array(requests.indices)
        for _ in 0..<Self.roundsMax where !waiting.isEmpty {
            let judged = try await judge(waiting.map { ($0, requests[$0]) }, &outcomes, in: querying)
            waiting = try await write(judged, isDryRun: isDryRun, &outcomes, in: querying)
        }
        let answered = outcomes.compactMap(\.self)
        guard answered.count == requests.count else { throw .decoding("\(answered.count) answers to \(requests.count) applications") }
        return answered
    }

    private func judge(
        _ requests: [(place: Int, request: ApplyRequest)], _ outcomes: inout [ApplyOutcome?], in querying: any Querying
    ) async throws(PostgresError) -> [Judged] {
        let entries = try await rules.find(Set(requests.map(\.request.programID)), in: querying)
        let found = try await candidates.find(requests.map(\.request.memberID), in: querying)
        var judged: [Judged] = []
        for ((place, request), found) in zip(requests, found) {
            guard let entry = entries[request.programID] else {
                outcomes[place] = .programUnknown
                continue
            }
            guard let found else {
                outcomes[place] = .memberUnknown
                continue
            }
            let rank = entry.rules.rank(found.candidate)
            var faults = ApplicationReason.faults(of: request.wishes, entry, found.candidate.organizations)
            faults += Self.ineligibility(found.candidate, rank, entry)
            if entry.isHeld(by: found.candidate) { faults.append(ApplicationReason.benefitHeld) }
            judged.append(Judged(request: request, place: place, entry: entry, found: found, rank: rank, faults: faults))
        }
        return judged
    }

    /// Why the person may not apply, by the rules.
    static func ineligibility(_ candidate: Candidate, _ rank: ProgramRules.Rank, _ entry: FrozenRules.Entry) -> [Violation] {
        let membership = entry.rules.statuses.contains(candidate.status) ? [] : [ApplicationReason.memberNotActive]
        return membership + rank.failing.map { ApplicationReason.notEligible(entry.rules.eligibility[$0].text(entry.names)) }
    }

    /// - Returns: the places of those to be looked at again.
    private func write(
        _ judged: [Judged], isDryRun: Bool, _ outcomes: inout [ApplyOutcome?], in querying: any Querying
    ) async throws(PostgresError) -> [Int] {
        if judged.isEmpty { return [] }
        var again: [Int] = []
        var answered = 0
        for row in try await querying.query(statement(judged, isDryRun: isDryRun)) {
            let position = Int(try row.decode(0, as: Int32.self)) - 1
            guard judged.indices.contains(position) else { throw .decoding("an answer to no request") }
            answered += 1
            let one = judged[position]
            switch try row.decode(1, as: String.self) {
            case "applied":
                outcomes[one.place] = .applied(
                    ApplyOutcome.Receipt(
                        ticket: Ticket(rawValue: UInt64(bitPattern: try row.decode(3, as: Int64.self))), wishes: one.request.wishes,
                        appliedAt: try row.decode(4), changedAt: try row.decode(5)))
            case "refused": outcomes[one.place] = try Self.refusal(row, one)
            case "rules_changed":
                rules.forget([one.request.programID])
                again.append(one.place)
            case "ticket_taken": again.append(one.place)
            default: throw .decoding("an outcome unknown to this version")
            }
        }
        guard answered == judged.count else { throw .decoding("\(answered) answers to \(judged.count) applications") }
        return again
    }

    private static func refusal(_ row: Row, _ one: Judged) throws(PostgresError) -> ApplyOutcome {
        guard let code = try row.decode(2, as: String?.self) else { return .refused(one.faults) }
        if code == ProgramProblem.notFound.code { return .programUnknown }
        do throws(ApplicationReason.Unknown) {
            return .refused([try ApplicationReason.of(code)] + one.faults)
        } catch {
            throw .decoding("a reason unknown to this version")
        }
    }

    private func statement(_ judged: [Judged], isDryRun: Bool) -> SQL {
        let evidence = judged.map { one in
            let frozen = FrozenEvidence(candidate: one.found.candidate, organization: one.found.organizationID, frame: one.entry.evidence)
            return String(decoding: JSON.bytes(of: frozen), as: UTF8.self)
        }
        // Cut, for the column's check would end the batch; who wishes for more is refused anyhow.
        let wishes = judged.map { "{" + $0.request.wishes.prefix(64).map(String.init).joined(separator: ",") + "}" }
        return """
            select * from programs_apply(
                \(judged.map(\.request.memberID)), \(judged.map(\.request.programID)), \(judged.map(\.entry.hash)), \(wishes),
                \(judged.map(\.found.organizationID)), \(judged.map(\.entry.isLocal)), \(judged.map { _ in Self.drawTicket() }),
                \(judged.map { Int32($0.rank.priority) }), \(judged.map { Int64($0.rank.points) }),
                \(judged.map { Int16($0.rank.groups) }), \(evidence), \(judged.map(\.request.subject)),
                \(judged.map { $0.faults.isEmpty && !isDryRun }), \(clockOffsetMicroseconds))
            """
    }

    private static let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_".utf8)

    /// Eight characters at random: 48 bits.
    static func drawTicket() -> Int64 {
        let raw = SecureRandom.bytes(8).reduce(UInt64(0)) { $0 << 8 | UInt64(alphabet[Int($1 & 63)]) }
        return Int64(bitPattern: raw)
    }
}
