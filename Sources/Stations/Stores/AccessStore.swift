package import Crypto
import FoundationEssentials
package import Postgres
package import Runtime

/// The scans: their decisions and the events they leave.
package struct AccessStore: Sendable {
    let database: Database
    private let coalescers: PerLoop<Coalescer<AccessScan, Admission>>
    private let lane: Lane
    private let clockOffsetMicroseconds: Int64
    private let fingerprints: ScanFingerprints

    /// What the coalescers did, over all loops.
    package let figures = CoalescerFigures("scans")

    /// Largest batch. Measured with two connections, durable, 200,000 members: 32, 64 and 128 a batch; beyond 64 little is won and each
    /// scan waits longer.
    package static let batchMax = 64

    /// - Parameter clock: its offset is added to the database's clock in every decision.
    package init(_ database: Database, keys: Keys, clock: Clock) {
        self.database = database
        let offset = clock.offsetMicroseconds
        // Connections of their own: a slow list never stands before a door.
        let lane = database.lane("scans", connections: 2)
        self.lane = lane
        clockOffsetMicroseconds = offset
        let fingerprints = ScanFingerprints(keys)
        self.fingerprints = fingerprints
        let figures = figures
        coalescers = PerLoop(database.loops) { loop in
            Coalescer(figures, loop: loop, batchMax: Self.batchMax, inFlight: 2) { (scans) async throws(PostgresError) in
                try await Self.admit(scans, fingerprints, offset, on: lane)
            }
        }
    }

    /// Decides one scan, together with those that wait beside it.
    package func admit(_ scan: AccessScan) async throws(PostgresError) -> Admission {
        try await coalescers.current.submit(scan)
    }

    /// Decides these scans in their order, in one transaction.
    /// - Parameter clockOffsetMicroseconds: what is added to the database's clock; nil for the store's own.
    package func admit(
        batch scans: [AccessScan], clockOffsetMicroseconds: Int64? = nil
    ) async throws(PostgresError) -> [Admission] {
        try await Self.admit(scans, fingerprints, clockOffsetMicroseconds ?? self.clockOffsetMicroseconds, on: lane)
    }

    private static func admit(
        _ scans: [AccessScan], _ fingerprints: ScanFingerprints, _ clockOffsetMicroseconds: Int64, on lane: Lane
    ) async throws(PostgresError) -> [Admission] {
        try admissions(await lane.query(statement(scans, fingerprints, clockOffsetMicroseconds)), count: scans.count)
    }

    /// Makes the partitions of this month and `months` ahead; returns how many were missing.
    package func makePartitions(monthsAhead months: Int32) async throws(PostgresError) -> Int32 {
        try await database.query("select stations_make_partitions(\(months))").single.decode(0)
    }

    static func statement(_ scans: [AccessScan], _ fingerprints: ScanFingerprints, _ clockOffsetMicroseconds: Int64) -> SQL {
        let isAsking = scans.map { $0.credential.kind == .doorCode }
        let admit = admitStatement(scans, fingerprints, clockOffsetMicroseconds)
        guard isAsking.contains(true) else { return admit }
        return AccessCommandStore.commanding(
            admit, asked: scans.map(\.requestID), at: scans.map(\.accessPointID), isAsking: isAsking)
    }

    private static func admitStatement(_ scans: [AccessScan], _ fingerprints: ScanFingerprints, _ clockOffsetMicroseconds: Int64) -> SQL {
        """
        select * from stations_admit(\(scans.map(\.requestID)), \(scans.map(\.deviceID)), \(scans.map(\.accessPointID)), \
        \(scans.map(\.direction.rawValue)), \(scans.map(\.memberID)), \(scans.map(\.codeSequence)), \
        \(scans.map { $0.codeReason?.rawValue }), \(scans.map(\.occurredAt)), \(scans.map { fingerprints($0) }), \
        \(scans.map(\.credential.kind.rawValue)), \(scans.map(\.credential.digest)), \(scans.map(\.credential.pinDigest)), \
        \(clockOffsetMicroseconds))
        """
    }

    private static func admissions(_ rows: QueryResult, count: Int) throws(PostgresError) -> [Admission] {
        var admissions = [Admission?](repeating: nil, count: count)
        for row in rows {
            let position = Int(try row.decode(0, as: Int32.self)) - 1
            guard admissions.indices.contains(position) else { throw .decoding("an answer to no request") }
            admissions[position] = try admission(row)
        }
        let answered = admissions.compactMap(\.self)
        guard answered.count == count else { throw .decoding("\(answered.count) answers to \(count) scans") }
        return answered
    }

    private static func admission(_ row: Row) throws(PostgresError) -> Admission {
        let outcome = try row.decode(1, as: String.self)
        switch outcome {
        case "decided", "repeated":
            var reasons: [AccessReason] = []
            for code in try row.decode(4, as: [String].self) {
                guard let reason = AccessReason(rawValue: code) else { throw .decoding("a reason unknown to this version") }
                reasons.append(reason)
            }
            let decision = AccessDecision(
                isOpen: try row.decode(2), relayMilliseconds: try row.decode(3), reasons: reasons, peopleInside: try row.decode(5),
                decidedAt: try row.decode(6), memberID: try row.decode(7))
            return .decided(decision, isRepeat: outcome == "repeated")
        case "conflict": return .conflict
        case "foreign": return .foreign
        default: throw .decoding("an outcome unknown to this version")
        }
    }
}

extension UUID {
    /// As RFC 9562 writes it.
    var lowercased: String { uuidString.lowercased() }
}
