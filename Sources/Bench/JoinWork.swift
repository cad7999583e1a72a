import FoundationEssentials
import Glibc
import Postgres
import Registry
import Runtime
import Synchronization

/// Joining by a code over HTTP against a real PostgreSQL, beside pgbench running one plain statement a join.
struct JoinWork: Work {
    static let name = "join"
    static let summary = "joins by a code over HTTP, 64 and 256 connections, beside pgbench with one statement a join"

    private let options: BenchOptions

    init(_ options: BenchOptions) {
        self.options = options
    }

    func run(_ report: Report) async throws {
        report.title("join: one organization, rule automatic; PostgreSQL durable")
        try raiseDescriptorLimit()
        try await BenchHouse.with { house in try await measure(house, report) }
    }

    private func measure(_ house: BenchHouse, _ report: Report) async throws {
        let seconds = options.seconds ?? 3
        let organization = try await house.ensureOrganization()
        _ = try await house.database.query(
            "update organization set join_rule = 'automatic' where organization_id = \(organization.id)")
        let rotated = try await house.database.transaction { (transaction) async throws(PostgresError) in
            try await house.registry.joining.codes.rotate(organization.id, by: "bench", in: transaction)
        }
        guard case .rotated(let issued) = rotated else { throw BenchError(description: "no join code was made") }
        let pgbench = try house.pgbench()
        let server = try house.serve(["--join-limit", "1000000000"])
        let loop = try EventLoop.start(name: "load")
        try await server.waitUntilReady(loop)
        let requests = JoinRequests(code: issued.code.text)

        var few: [Double] = []
        var many: [Double] = []
        var peer: [Double] = []
        var p99: [Double] = []
        for run in 1...options.runs {
            report.note("join \(run)/\(options.runs)")
            let slim = try await load(loop, requests, server, connections: 64, seconds)
            let wide = try await load(loop, requests, server, connections: 256, seconds)
            few.append(slim.perSecond)
            many.append(wide.perSecond)
            p99.append(wide.percentile(0.99))
            peer.append(
                try await pgbench.run(JoinPeer.script, defines: ["code": issued.code.text], seconds: seconds, folder: house.folder))
        }
        try report.figure(
            Self.name, "throughput, 256 connections", ours: median(many), peer: median(peer), peerName: "pgbench, one statement",
            unit: "joins/s", runs: options.runs, promise: "1.5 x")
        try report.figure(
            Self.name, "throughput, 64 connections", ours: median(few), peer: median(peer), peerName: "pgbench, one statement",
            unit: "joins/s", runs: options.runs)
        try report.figure(Self.name, "p99 at full load, 256 connections", ours: median(p99), unit: "ms", runs: options.runs)
        let wrong = try await house.database.query(
            """
            select count(*) from member
            where not exists (select from member_data_key where member_data_key.member_id = member.member_id)
                or not exists (select from national_id_directory where national_id_directory.member_id = member.member_id)
            """)
        guard try wrong.first?.decode(0, as: Int.self) == 0 else {
            throw BenchError(description: "a member without key or directory entry")
        }
        loop.shutDown()
    }

    private func load(
        _ loop: EventLoop, _ requests: JoinRequests, _ server: ServerProcess, connections: Int, _ seconds: Int
    ) async throws -> Load.Result {
        let result = try await Load(on: loop) { requests.next() }.run(
            port: server.port, connections: connections, warmUp: .milliseconds(500), duration: .seconds(seconds))
        guard result.broken == 0, result.statuses.count == 1, result.statuses[201] == result.answers, result.answers > 0 else {
            throw BenchError(description: "not every join was answered with 201: \(result.statuses), \(result.broken) connections broken")
        }
        return result
    }
}

/// Makes applications of people who are all different, each with a valid national id.
final class JoinRequests: Sendable {
    private static let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    private static let checkCharacters = Array("10X98765432".utf8)

    private let head: String
    private let count = Atomic<Int>(0)

    init(code: String) {
        head =
            "POST /v1/join/\(code)/applications HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
    }

    func next() -> [UInt8] {
        let number = count.add(1, ordering: .relaxed).newValue
        let body =
            "{\"name\":\"张三丰\",\"nationalId\":\"\(Self.nationalID(number))\",\"phone\":\"1\(3_000_000_000 + number)\","
            + "\"workerKind\":\"courier\",\"employmentForm\":\"platform\",\"consents\":[\"registry\"]}"
        return Array((head + "\(body.utf8.count)\r\nIdempotency-Key: \(number)\r\n\r\n" + body).utf8)
    }

    /// 18,000 days of birth from 1950 on, then a thousand sequences, then regions.
    private static func nationalID(_ number: Int) -> String {
        let birthOn = CalendarDate(daysSince1970: number % 18_000 - 7_305)
        let date = birthOn.year * 10_000 + birthOn.month * 100 + birthOn.day
        let value = (450_000 + number / 18_000_000) * 100_000_000_000 + date * 1_000 + number / 18_000 % 1_000
        var digits = Array(String(value).utf8)
        let sum = zip(digits, weights).reduce(0) { $0 + Int($1.0 - 0x30) * $1.1 }
        digits.append(checkCharacters[sum % 11])
        return String(decoding: digits, as: UTF8.self)
    }
}
