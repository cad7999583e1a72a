import Crypto
import FoundationEssentials
import Glibc
import Postgres
import Registry
import Runtime
import Synchronization

/// Mixed scans while PostgreSQL and the server are killed again and again: nothing acknowledged may be lost, nothing may happen twice.
///
/// Every request is sent, byte for byte the same, until it is acknowledged; one in eight is sent once more afterwards. Then the rows are
/// compared with what was acknowledged, and the counts with the rows. Not part of a run without named works.
struct StormWork: Work {
    static let name = "storm"
    static let summary = "scans while PostgreSQL and the server are killed five times each (only when named)"

    private static let members = 2_000
    private static let stations = 9
    private static let clients = 48
    private static let kills = 5

    /// What is shared while it storms: the server of the moment, and what the doors were told.
    private final class Shared: Sendable {
        let server: Mutex<ServerProcess>
        let ledger = Mutex(Ledger())

        init(_ server: ServerProcess) {
            self.server = Mutex(server)
        }
    }

    private struct Ledger: Sendable {
        var acknowledged: [String: [UInt8]] = [:]
        var repeatsThatDiffer = 0
        var repeats = 0
        var retried = 0
        var statuses: [Int: Int] = [:]
    }

    private let options: BenchOptions

    init(_ options: BenchOptions) {
        self.options = options
    }

    func run(_ report: Report) async throws {
        report.title(
            "storm: \(Self.clients) doors for \(options.seconds ?? 60) s, PostgreSQL and the server killed \(Self.kills) times each")
        try await BenchHouse.with { house in try await measure(house, report) }
    }

    private func measure(_ house: BenchHouse, _ report: Report) async throws {
        let deviceKeys = try await house.prepareDoors(members: Self.members, stations: Self.stations)
        let requests = try ScanRequests(keys: house.keys, deviceKeys: deviceKeys, members: Self.members, stations: Self.stations)
        let loop = try EventLoop.start(name: "storm")
        let server = try house.serve([])
        let port = server.port
        try await server.waitUntilReady(loop)
        let shared = Shared(server)
        let end = MonotonicTime.current + .seconds(options.seconds ?? 60)
        // Beyond the end the doors still insist on what they have begun; a minute is more than any restart takes.
        let giveUp = end + .seconds(60)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<Self.clients {
                group.addTask(executorPreference: loop) {
                    let client = StormClient(port: port, on: loop)
                    while MonotonicTime.current < end { await Self.scan(client, requests.next(), shared, giveUp) }
                }
            }
            group.addTask { await Self.killInTurn(house, shared, port, until: end, report) }
        }
        shared.server.withLock { $0 }.stop()
        let told = shared.ledger.withLock { $0 }
        try await check(told, house)
        try report.figure(Self.name, "acknowledged scans", ours: Double(told.acknowledged.count), unit: "scans", runs: 1)
        try report.figure(Self.name, "sent more than once", ours: Double(told.retried), unit: "scans", runs: 1)
        try report.figure(Self.name, "repeats answered as before", ours: Double(told.repeats), unit: "scans", runs: 1)
        try report.figure(Self.name, "lost, doubled or changed", ours: 0, unit: "scans", runs: 1, promise: "0")
        loop.shutDown()
    }

    private static func scan(_ client: StormClient, _ request: [UInt8], _ shared: Shared, _ giveUp: MonotonicTime) async {
        guard let (answer, tries) = await client.insist(request, isOver: { MonotonicTime.current > giveUp }) else { return }
        let id = requestID(request)
        let isRepeated = id.utf8.last.map { $0 % 8 == 0 } ?? false
        let second = isRepeated ? await client.insist(request, isOver: { MonotonicTime.current > giveUp }) : nil
        shared.ledger.withLock { ledger in
            ledger.statuses[answer.status, default: 0] += 1
            if answer.status == 200 { ledger.acknowledged[id] = answer.body }
            if tries > 1 { ledger.retried += 1 }
            if let second {
                ledger.repeats += 1
                if second.answer.body != answer.body { ledger.repeatsThatDiffer += 1 }
            }
        }
    }

    /// Kills PostgreSQL's postmaster and the server alternately, at even distances; both are started again.
    private static func killInTurn(
        _ house: BenchHouse, _ shared: Shared, _ port: UInt16, until end: MonotonicTime, _ report: Report
    ) async {
        let pause = (end - .current) / (2 * kills + 1)
        for kill in 0..<2 * kills {
            await sleep(pause)
            if kill % 2 == 0 {
                report.note("kill -9 PostgreSQL")
                house.killPostgres()
            } else {
                report.note("kill -9 the server")
                let old = shared.server.withLock { $0 }
                old.kill()
                do {
                    let fresh = try house.serve([], port: port)
                    shared.server.withLock { $0 = fresh }
                } catch {
                    report.note("the server did not start again: \(error)")
                }
            }
        }
    }

    private static func sleep(_ duration: Duration) async {
        do { try await Task.sleep(for: duration) } catch { return }
    }

    /// The request id as it stands at the end of the body.
    private static func requestID(_ request: [UInt8]) -> String { String(decoding: request.suffix(38).prefix(36), as: UTF8.self) }

    // MARK: The account

    private struct Told: Decodable {
        let open: Bool
        let peopleInside: Int
        let decidedAt: String
    }

    private func check(_ ledger: Ledger, _ house: BenchHouse) async throws {
        func require(_ isTrue: Bool, _ sentence: String) throws { if !isTrue { throw BenchError(description: sentence) } }
        try require(ledger.statuses.keys.allSatisfy { $0 == 200 }, "answers other than 200 and 503: \(ledger.statuses)")
        try require(
            !ledger.acknowledged.isEmpty && ledger.retried > 0,
            "the storm met no scan: \(ledger.acknowledged.count), \(ledger.retried) repeated")
        try require(ledger.repeatsThatDiffer == 0, "\(ledger.repeatsThatDiffer) repeats were answered otherwise than before")

        let database = house.database
        var rows: [String: (open: Bool, people: Int, at: String)] = [:]
        for row in try await database.query("select request_id::text as id, open, people_inside, recorded_at from access_event") {
            let id: String = try row.decode("id")
            try require(rows[id] == nil, "request \(id) left two events")
            rows[id] = (
                try row.decode("open"), try row.decode("people_inside"), try row.decode("recorded_at", as: Timestamp.self).description
            )
        }
        for (id, body) in ledger.acknowledged {
            let told = try JSONDecoder().decode(Told.self, from: Data(body))
            guard let row = rows[id] else { throw BenchError(description: "acknowledged request \(id) left no event") }
            try require(row.open == told.open && row.people == told.peopleInside, "request \(id) was told something else than was recorded")
        }
        try require(
            rows.count == ledger.acknowledged.count, "\(rows.count) events came of \(ledger.acknowledged.count) acknowledged requests")
        let wrong = try await database.query(
            """
            select
                (select coalesce(sum(people), 0) from station_occupancy)::bigint as counted,
                (select count(*) from access_presence where is_inside) as inside,
                (select coalesce(sum(inside_change), 0) from access_event)::bigint as rebuilt
            """)[0]
        let counted: Int = try wrong.decode("counted")
        try require(try counted == wrong.decode("inside") && counted == wrong.decode("rebuilt"), "the people inside differ from the events")
        let doubled = try await database.query(
            "select count(*) - count(distinct (member_id, access_point_id, code_sequence)) as n from access_event where open")[0].decode(
                0, as: Int.self)
        try require(doubled == 0, "\(doubled) codes opened the same door twice")
    }
}
