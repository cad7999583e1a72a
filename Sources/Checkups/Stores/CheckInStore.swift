import FoundationEssentials
import HTTP
package import Postgres
import Programs
package import Registry
package import Runtime

/// Check-ins and swaps: decided in batches by set functions, which answer a request id once and for ever.
package struct CheckInStore: Sendable {
    private let database: Database
    private let clockOffsetMicroseconds: Int64
    private let checkIns: PerLoop<Coalescer<VanScan, VanDecision>>
    private let swaps: PerLoop<Coalescer<VanSwap, VanSwap.Outcome>>

    /// What the coalescers did, over all loops.
    package let figures = CoalescerFigures("checkups")

    /// Largest batch: one campaign's decisions wait for each other's lock anyhow, so a batch is worth as many waits.
    package static let batchMax = 64

    /// - Parameter clock: its offset is added to the database's clock in every decision.
    package init(_ database: Database, clock: Clock) {
        self.database = database
        let offset = clock.offsetMicroseconds
        clockOffsetMicroseconds = offset
        // Connections of their own: a statement that waits for a campaign's lock stands before nobody else.
        let lane = database.lane("checkups", connections: 1)
        let figures = figures
        checkIns = PerLoop(database.loops) { loop in
            Coalescer(figures, loop: loop, batchMax: Self.batchMax, inFlight: 1) { (scans) async throws(PostgresError) in
                try Self.decisions(await lane.query(Self.checkInStatement(scans, offset)), count: scans.count)
            }
        }
        swaps = PerLoop(database.loops) { loop in
            Coalescer(CoalescerFigures("swaps"), loop: loop, batchMax: Self.batchMax, inFlight: 1) {
                (swaps) async throws(PostgresError) in
                try Self.outcomes(await lane.query(Self.swapStatement(swaps, offset)), count: swaps.count)
            }
        }
    }

    /// Decides one scan, together with those that wait beside it.
    package func checkIn(_ scan: VanScan) async throws(PostgresError) -> VanDecision {
        try await checkIns.current.submit(scan)
    }

    /// Decides these scans in their order, in one transaction.
    package func checkIn(batch scans: [VanScan]) async throws(PostgresError) -> [VanDecision] {
        try Self.decisions(await database.query(Self.checkInStatement(scans, clockOffsetMicroseconds)), count: scans.count)
    }

    static func checkInStatement(_ scans: [VanScan], _ clockOffsetMicroseconds: Int64) -> SQL {
        """
        select ordinality, outcome, reasons, member_id, number, decided_at
        from checkups_check_in(
            \(scans.map(\.requestID)), \(scans.map(\.visitID)), \(scans.map(\.code.memberID)),
            \(scans.map { $0.code.reason?.rawValue }), \(scans.map(\.code.kind)), \(scans.map(\.code.digest)),
            \(scans.map(\.code.pinDigest)), \(scans.map(\.occurredAt)), \(scans.map(\.fingerprint)), \(scans.map(\.doneBy)),
            \(clockOffsetMicroseconds))
        """
    }

    private static func decisions(_ rows: QueryResult, count: Int) throws(PostgresError) -> [VanDecision] {
        var decisions = [VanDecision?](repeating: nil, count: count)
        for row in rows {
            let position = Int(try row.decode(0, as: Int32.self)) - 1
            guard decisions.indices.contains(position) else { throw .decoding("an answer to no request") }
            let outcome = try row.decode(1, as: String.self)
            decisions[position] = try Self.decision(outcome) { outcome throws(PostgresError) in
                VanDecision.Decided(
                    outcome: outcome, reasons: try Self.reasons(row, 2), memberID: try row.decode(3), number: try row.decode(4),
                    ahead: nil, decidedAt: try row.decode(5))
            }
        }
        let answered = decisions.compactMap(\.self)
        guard answered.count == count else { throw .decoding("\(answered.count) answers to \(count) scans") }
        return answered
    }

    /// What a function of the van's says as its outcome.
    static func decision(
        _ text: String, _ make: (VanDecision.Outcome) throws(PostgresError) -> VanDecision.Decided
    ) throws(PostgresError) -> VanDecision {
        switch text {
        case "conflict": return .conflict
        case "visit_unknown": return .visitUnknown
        default:
            let isRepeat = text.hasPrefix("repeated_")
            guard let outcome = VanDecision.Outcome(rawValue: isRepeat ? String(text.dropFirst(9)) : text) else {
                throw .decoding("an outcome unknown to this version")
            }
            return .decided(try make(outcome), isRepeat: isRepeat)
        }
    }

    static func reasons(_ row: Row, _ column: Int) throws(PostgresError) -> [CheckupReason] {
        var reasons: [CheckupReason] = []
        for code in try row.decode(column, as: [String].self) {
            guard let reason = CheckupReason(rawValue: code) else { throw .decoding("a reason unknown to this version") }
            reasons.append(reason)
        }
        return reasons
    }

    // MARK: Swaps

    /// Takes another time of the visit, together with those that wait beside it.
    package func swap(_ swap: VanSwap) async throws(PostgresError) -> VanSwap.Outcome {
        try await swaps.current.submit(swap)
    }

    static func swapStatement(_ swaps: [VanSwap], _ clockOffsetMicroseconds: Int64) -> SQL {
        """
        select ordinality, outcome
        from checkups_swap(
            \(swaps.map(\.memberID)), \(swaps.map(\.visitID)), \(swaps.map(\.number)), \(swaps.map { "member:\($0.memberID)" }),
            \(clockOffsetMicroseconds))
        """
    }

    private static func outcomes(_ rows: QueryResult, count: Int) throws(PostgresError) -> [VanSwap.Outcome] {
        var outcomes = [VanSwap.Outcome?](repeating: nil, count: count)
        for row in rows {
            let position = Int(try row.decode(0, as: Int32.self)) - 1
            guard outcomes.indices.contains(position), let outcome = VanSwap.Outcome(rawValue: try row.decode(1)) else {
                throw .decoding("an outcome unknown to this version")
            }
            outcomes[position] = outcome
        }
        let answered = outcomes.compactMap(\.self)
        guard answered.count == count else { throw .decoding("\(answered.count) answers to \(count) swaps") }
        return answered
    }
}

/// Another time of the same visit, asked for by its person.
package struct VanSwap: Sendable {
    package let memberID: ID<Member>
    package let visitID: ID<VanVisit>
    package let number: Int32

    package enum Outcome: String, Sendable {
        case moved, unchanged
        case visitUnknown = "visit_unknown"
        case noPlace = "no_place"
        case sessionUnknown = "session_unknown"
        case sessionOver = "session_over"
        case sessionFull = "session_full"
        case quotaFull = "quota_full"
        case offerOver = "offer_over"
        case programNotPublished = "program_not_published"
        case notAllowed = "not_allowed"
        case noAward = "no_award"
    }
}
