import HTTP
import Postgres
import Registry
import Runtime

/// Scans at lessons: decided in batches by one set function, which answers a request id once and for ever.
struct LessonScanStore: Sendable {
    private let database: Database
    private let clockOffsetMicroseconds: Int64
    private let scans: PerLoop<Coalescer<LessonScan, LessonScan.Decision>>

    /// What the coalescers did, over all loops.
    let figures = CoalescerFigures("lesson scans")

    /// Largest batch: a lesson's decisions wait for each other's lock anyhow.
    static let batchMax = 64

    init(_ database: Database, clock: Clock) {
        self.database = database
        let offset = clock.offsetMicroseconds
        clockOffsetMicroseconds = offset
        // A connection of its own: what waits for a lesson's lock stands before nobody else.
        let lane = database.lane("lesson scans", connections: 1)
        let figures = figures
        scans = PerLoop(database.loops) { loop in
            Coalescer(figures, loop: loop, batchMax: Self.batchMax, inFlight: 1) { (scans) async throws(PostgresError) in
                try Self.decisions(await lane.query(Self.statement(scans, isOffline: false, offset)), count: scans.count)
            }
        }
    }

    /// Decides one scan, together with those that wait beside it.
    func scan(_ scan: LessonScan) async throws(PostgresError) -> LessonScan.Decision {
        try await scans.current.submit(scan)
    }

    /// Decides what a device recorded without network, by its true times, in one transaction.
    func scan(batch scans: [LessonScan]) async throws(PostgresError) -> [LessonScan.Decision] {
        try Self.decisions(await database.query(Self.statement(scans, isOffline: true, clockOffsetMicroseconds)), count: scans.count)
    }

    static func statement(_ scans: [LessonScan], isOffline: Bool, _ clockOffsetMicroseconds: Int64) -> SQL {
        """
        select ordinality, outcome, reasons, member_id, state, is_guest, decided_at
        from night_school_scan(
            \(scans.map(\.classID)), \(scans.map(\.number)), \(scans.map(\.requestID)), \(scans.map(\.deviceID)),
            \(scans.map(\.code.memberID)), \(scans.map { $0.reason?.rawValue }), \(scans.map(\.code.kind.rawValue)),
            \(scans.map(\.code.digest)), \(scans.map(\.code.pinDigest)), \(scans.map(\.occurredAt)), \(scans.map(\.fingerprint)),
            \(scans.map(\.doneBy)), \(isOffline), \(clockOffsetMicroseconds))
        """
    }

    private static func decisions(_ rows: QueryResult, count: Int) throws(PostgresError) -> [LessonScan.Decision] {
        var decisions = [LessonScan.Decision?](repeating: nil, count: count)
        for row in rows {
            let position = Int(try row.decode(0, as: Int32.self)) - 1
            guard decisions.indices.contains(position) else { throw .decoding("an answer to no scan") }
            decisions[position] = try Self.decision(row)
        }
        let answered = decisions.compactMap(\.self)
        guard answered.count == count else { throw .decoding("\(answered.count) answers to \(count) scans") }
        return answered
    }

    private static func decision(_ row: Row) throws(PostgresError) -> LessonScan.Decision {
        let outcome: String = try row.decode(1)
        switch outcome {
        case "conflict": return .conflict
        case "lesson_unknown": return .lessonUnknown
        case "recorded", "refused", "repeated_recorded", "repeated_refused":
            var reasons: [AttendanceReason] = []
            for code in try row.decode(2, as: [String].self) {
                guard let reason = AttendanceReason(rawValue: code) else { throw .decoding("a reason unknown to this version") }
                reasons.append(reason)
            }
            return .decided(
                LessonScan.Decided(
                    state: try row.decode(4, as: String?.self).flatMap(AttendanceState.init(rawValue:)), reasons: reasons,
                    memberID: try row.decode(3), isGuest: try row.decode(5), decidedAt: try row.decode(6)),
                isRepeat: outcome.hasPrefix("repeated_"))
        default: throw .decoding("an outcome unknown to this version")
        }
    }
}
