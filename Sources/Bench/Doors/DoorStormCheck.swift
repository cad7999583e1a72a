import Postgres
import Registry
import Runtime

/// Compares what a door printed in a storm with what its server has.
struct DoorStormCheck {
    struct Told {
        var alone = 0
        var overruled = 0
        var annulled = 0
    }

    private struct Event {
        let requestID: String
        let memberID: Int64
        let sequence: Int64
        let occurredAt: Int64
        /// What came of it in the end: open and not taken back.
        let isOpen: Bool
        let isAlone: Bool
        let isOverruled: Bool
        let isAnnulled: Bool
    }

    /// How far a recorded time may lie from the scan.
    private static let toleranceMicroseconds: Int64 = 2_000_000

    private let database: Database

    init(_ database: Database) {
        self.database = database
    }

    /// Waits until the server knows every request that was printed; a minute is more than any upload takes.
    func waitUntilTold(_ account: DoorStormWork.Account) async throws {
        let printed = account.printed.compactMap(\.requestId)
        let deadline = MonotonicTime.current + .seconds(60)
        while MonotonicTime.current < deadline {
            let known = try await database.query(
                "select count(*) from access_event where request_id = any(\(printed)::uuid[])")[0].decode(0, as: Int.self)
            if known >= Set(printed).count { return }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    func check(_ account: DoorStormWork.Account) async throws -> Told {
        let events = try await events()
        func require(_ isTrue: Bool, _ sentence: @autoclosure () -> String) throws {
            if !isTrue { throw BenchError(description: sentence()) }
        }
        let byID = Dictionary(grouping: events, by: \.requestID)
        var seen: Set<String> = []
        for line in account.printed {
            guard let id = line.requestId, let open = line.open else { continue }
            try require(seen.insert(id).inserted, "\(id) was printed twice")
            guard let event = byID[id]?.first, byID[id]?.count == 1 else {
                throw BenchError(description: "\(id), printed as \(open ? "open" : "shut"), has \(byID[id]?.count ?? 0) events")
            }
            try require(
                event.isOpen == open,
                "\(id) was printed as \(open ? "open" : "shut") by \(line.decidedBy ?? "?") and is the contrary: \(line.reasons ?? [])")
        }
        try require(account.printed.contains { $0.decidedBy == "server" }, "the server decided nothing")

        // Every event is one scan's, and each scan has one at most.
        var scans = account.scans
        for event in events.sorted(by: { $0.occurredAt < $1.occurredAt }) {
            let index = scans.firstIndex { scan in
                scan.memberID == event.memberID && scan.sequence == event.sequence
                    && scan.from - Self.toleranceMicroseconds <= event.occurredAt
                    && event.occurredAt <= scan.until + Self.toleranceMicroseconds
            }
            guard let index else {
                let near = account.scans.filter { $0.sequence == event.sequence }.map { $0.from - event.occurredAt }
                throw BenchError(description: "\(event.requestID) is no scan's, or at a wrong time: \(near) µs")
            }
            scans.remove(at: index)
        }
        // A decision may have been taken and not yet printed when the controller was killed.
        try require(
            events.count <= seen.count + account.doorKills,
            "\(events.count) events of \(seen.count) printed decisions and \(account.doorKills) kills")
        let opened = events.filter(\.isOpen).map { "\($0.memberID) \($0.sequence)" }
        try require(Set(opened).count == opened.count, "\(opened.count - Set(opened).count) codes opened the door twice")
        try require(account.doorKills > 0 && account.faults > 0, "the storm did no harm")
        let balance = try await database.query(
            """
            select (select coalesce(sum(people), 0) from station_occupancy)::bigint,
                (select count(*) from access_presence where is_inside),
                ((select coalesce(sum(inside_change), 0) from access_event)
                    + (select coalesce(sum(inside_change), 0) from access_annulment))::bigint
            """)[0]
        let counts: [Int64] = [try balance.decode(0), try balance.decode(1), try balance.decode(2)]
        try require(Set(counts).count == 1, "counted, present and rebuilt are \(counts)")
        return Told(
            alone: events.count(where: \.isAlone), overruled: events.count(where: \.isOverruled),
            annulled: events.count(where: \.isAnnulled))
    }

    private func events() async throws -> [Event] {
        let rows = try await database.query(
            """
            select e.request_id::text as id, e.member_id, e.code_sequence, e.occurred_at, e.open, e.decided_by,
                e.open and cardinality(e.soft_reasons) > 0 as is_overruled, a.request_id is not null as is_annulled
            from access_event e
            left join access_annulment a using (station_id, request_id)
            """)
        var events: [Event] = []
        for row in rows {
            let isAnnulled: Bool = try row.decode("is_annulled")
            events.append(
                Event(
                    requestID: try row.decode("id"), memberID: try row.decode("member_id", as: Int64?.self) ?? 0,
                    sequence: try row.decode("code_sequence", as: Int64?.self) ?? 0,
                    occurredAt: try row.decode("occurred_at", as: Timestamp.self).microseconds,
                    isOpen: try row.decode("open", as: Bool.self) && !isAnnulled,
                    isAlone: try row.decode("decided_by", as: String.self) == "controller",
                    isOverruled: try row.decode("is_overruled"), isAnnulled: isAnnulled))
        }
        return events
    }
}
