import Crypto
import FoundationEssentials
import MemberCode
import Postgres
import Registry
import Runtime

@testable import Stations

/// Decisions of a controller beside a `StationScene`.
struct JournalScene {
    let scene: StationScene
    let journal: JournalStore

    init(_ scene: StationScene) {
        self.scene = scene
        journal = JournalStore(scene.database, keys: scene.keys, clock: scene.clock)
    }

    var now: Int64 { scene.clock.nowMicroseconds }

    /// What the controller of the front door would upload of a scan `secondsAgo`.
    func entry(
        _ member: ID<Member>, _ direction: AccessDirection = .inward, secondsAgo: Int64 = 60, open: Bool = true,
        reasons: [String] = ["door.offline_too_long"], requestID: UUID? = nil, code: String? = nil
    ) -> JournalBody.Entry {
        let at = now - secondsAgo * 1_000_000
        let shown = code ?? scene.issuer.issue(memberID: member.rawValue, nowMicroseconds: at).text
        return JournalBody.Entry(
            requestId: requestID?.lowercased ?? UUIDv7(microseconds: at).description, direction: direction,
            occurredAt: Timestamp(microseconds: at).description, code: shown, open: open, reasons: open ? [] : reasons)
    }

    func upload(_ entries: [JournalBody.Entry], at door: StationScene.Door? = nil) async throws -> [String] {
        let door = door ?? scene.front
        let body = JournalBody(accessPointId: door.accessPoint, entries: entries)
        guard let results = try await journal.record(body, by: door.device) else { return ["foreign"] }
        return results.map { $0.reason?.rawValue ?? $0.outcome.rawValue }
    }

    /// All that the uploads have led to, in one text.
    func picture() async throws -> String {
        var lines: [String] = []
        let events = try await scene.database.query(
            """
            select e.request_id::text || ' ' || e.occurred_at || ' ' || e.open || ' ' || e.reasons::text || ' ' || e.soft_reasons::text
                || ' ' || e.decided_by || ' ' || coalesce(e.controller_open::text, '-') || ' ' || (a.request_id is not null)
            from access_event e left join access_annulment a using (station_id, request_id)
            order by e.request_id
            """)
        for row in events { lines.append(try row.decode(0)) }
        return lines.joined(separator: "\n")
    }

    /// Who is inside, by number.
    var inside: [Int64] {
        get async throws {
            try await scene.database.query(
                "select coalesce(array_agg(member_id order by member_id), '{}') from access_presence where is_inside"
            ).single.decode(0)
        }
    }

    /// Whether counts, presence and events say the same: lanes, presence rows, and the changes of events and annulments.
    var isInBalance: Bool {
        get async throws {
            try await scene.database.query(
                """
                select (select coalesce(sum(people), 0) from station_occupancy) = (select count(*) from access_presence where is_inside)
                    and (select count(*) from access_presence where is_inside)
                        = (select coalesce(sum(inside_change), 0) from access_event)
                            + (select coalesce(sum(inside_change), 0) from access_annulment)
                """
            ).single.decode(0)
        }
    }
}
