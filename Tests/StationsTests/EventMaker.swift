import FoundationEssentials
import Postgres
import Registry
import Runtime
import TestSupport

@testable import Stations

/// Writes events as doors leave them, without asking the doors: of any time, in any order.
struct EventMaker {
    let scene: StationScene
    private(set) var events: [Made] = []
    private var known: Set<UUID> = []
    private(set) var annulled: Set<UUID> = []
    /// What a station's clock is ahead of UTC, in seconds; Shanghai's where it does not stand here.
    var offsets: [ID<Station>: Int64] = [:]

    struct Made: Hashable {
        let station: ID<Station>
        let requestID: UUID
        let occurredAt: Int64
        let member: ID<Member>?
        let workerKind: String?
        let organization: ID<Organization>?
        let isOpen: Bool
        let direction: AccessDirection
        let decidedBy: String
        let dwellSeconds: Int32?
    }

    init(_ scene: StationScene) {
        self.scene = scene
    }

    static func random(_ scene: StationScene, around now: Int64, spread days: Int64, _ random: inout SeededGenerator) -> Made {
        let isOpen = random.chance(80)
        let direction: AccessDirection = random.chance(50) ? .inward : .outward
        let isNightly = isOpen && direction == .outward && random.chance(10)
        let member = isOpen || random.chance(50) ? scene.members.randomElement(using: &random) : nil
        let doors = scene.doors[Int.random(in: 0..<scene.doors.count, using: &random)]
        return Made(
            station: doors[0].station, requestID: StationScene.requestID(),
            occurredAt: now - Int64.random(in: 0..<max(1, days * 86_400_000_000), using: &random), member: member,
            workerKind: member.map { _ in random.chance(50) ? "courier" : "driver" }, organization: member.map { _ in scene.organization },
            isOpen: isOpen, direction: direction, decidedBy: isNightly ? "nightly" : random.chance(30) ? "controller" : "server",
            dwellSeconds: isOpen && direction == .outward && !isNightly && random.chance(80)
                ? Int32.random(in: 0..<40_000, using: &random) : nil)
    }

    /// One transaction's events; those that are there already are delivered again, and stay as they are.
    mutating func write(_ made: [Made], in querying: any Querying) async throws {
        _ = try await querying.query(
            """
            insert into access_event (
                station_id, access_point_id, member_id, occurred_at, recorded_at, request_id, relay_milliseconds, people_inside,
                inside_change, batch_position, open, direction, fingerprint, reasons, decided_by, dwell_seconds, worker_kind,
                member_organization_id)
            select
                station_id, (select min(access_point_id) from access_point where access_point.station_id = made.station_id), member_id,
                occurred_at, clock_timestamp(), request_id, 0, 0, 0, 1, open, direction, '',
                case when open then '{}' else array['door.member_not_active'] end, decided_by, dwell_seconds, worker_kind, organization_id
            from unnest(
                \(made.map(\.station)), \(made.map(\.member)), \(made.map { Timestamp(microseconds: $0.occurredAt) }),
                \(made.map(\.requestID)), \(made.map(\.isOpen)), \(made.map(\.direction.rawValue)), \(made.map(\.decidedBy)),
                \(made.map(\.dwellSeconds)), \(made.map(\.workerKind)), \(made.map(\.organization)))
                as made (
                    station_id, member_id, occurred_at, request_id, open, direction, decided_by, dwell_seconds, worker_kind,
                    organization_id)
            on conflict do nothing
            """)
        events += made.filter { !known.contains($0.requestID) }
        known.formUnion(made.map(\.requestID))
    }

    mutating func annul(_ made: Made, in querying: any Querying) async throws {
        guard annulled.insert(made.requestID).inserted else { return }
        _ = try await querying.query(
            """
            insert into access_annulment (
                station_id, request_id, access_point_id, member_id, device_id, reason, inside_change, presence_restored, people_inside,
                annulled_at)
            values (\(made.station), \(made.requestID), 1, \(made.member ?? ID(1)), 1, 'other', 0, false, 0, clock_timestamp())
            """)
    }

    /// What stands when all is counted.
    var counted: [Made] { events.filter { !annulled.contains($0.requestID) } }

    /// The figures of one station as they must be, by the named dimension, over all time. Shanghai has kept UTC+8 since 1991.
    func expected(_ station: ID<Station>, by key: (Made) -> String) -> [String: VisitFigures] {
        expected(by: key) { $0.station == station }
    }

    /// The figures of the events that `isWanted`, one by one.
    func expected(by key: (Made) -> String, where isWanted: (Made) -> Bool) -> [String: VisitFigures] {
        var lines: [String: VisitFigures] = [:]
        for event in counted where isWanted(event) {
            var one = VisitFigures()
            switch (event.isOpen, event.direction) {
            case (false, _): one.refused = 1
            case (true, .inward): one.entries = 1
            case (true, .outward):
                if event.decidedBy == "nightly" { one.automaticExits = 1 } else { one.exits = 1 }
                if let seconds = event.dwellSeconds {
                    one.dwells.count = 1
                    one.dwells.seconds = Int64(seconds)
                    let bounds = VisitFigures.Dwells.bounds
                    one.dwells.buckets[bounds.firstIndex { Int64(seconds) < $0 } ?? bounds.count] = 1
                }
            }
            lines[key(event), default: VisitFigures()] = lines[key(event), default: VisitFigures()] + one
        }
        return lines
    }

    static func day(_ event: Made) -> CalendarDate { day(event, ahead: 28_800) }

    static func hour(_ event: Made) -> String { hour(event, ahead: 28_800) }

    /// On the clock of the event's station.
    func day(_ event: Made) -> CalendarDate { Self.day(event, ahead: offsets[event.station] ?? 28_800) }

    /// On the clock of the event's station.
    func hour(_ event: Made) -> String { Self.hour(event, ahead: offsets[event.station] ?? 28_800) }

    /// 1970-01-01 was a Thursday.
    func weekday(_ event: Made) -> String { "\((day(event).daysSince1970 + 3) % 7 + 1)" }

    private static func day(_ event: Made, ahead seconds: Int64) -> CalendarDate {
        CalendarDate(daysSince1970: Int((event.occurredAt / 1_000_000 + seconds) / 86_400))
    }

    private static func hour(_ event: Made, ahead seconds: Int64) -> String {
        let hour = (event.occurredAt / 1_000_000 + seconds) / 3_600 % 24
        return hour < 10 ? "0\(hour)" : "\(hour)"
    }
}

extension FigureStore {
    /// Feeds until all is counted that was committed before.
    ///
    /// Transactions of other tests, which run on the same cluster, may hold the feed back for a moment.
    /// - Returns: how many events that were.
    @discardableResult
    func catchUp(_ database: Database, eventsMax: Int32 = 1_000) async throws -> Int {
        let target = try await database.query("select pg_current_xact_id()::text::bigint").single.decode(0, as: Int64.self)
        var fed = 0
        var isBehind = true
        while isBehind {
            let run = try await feed(eventsMax: eventsMax)
            fed += run.fed
            let horizon = try await database.query("select horizon::text::bigint from access_feed").single.decode(0, as: Int64.self)
            isBehind = run.hasMore || horizon <= target
            await Task.yield()
        }
        return fed
    }
}
