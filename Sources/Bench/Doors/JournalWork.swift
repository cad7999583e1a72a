import Crypto
import FoundationEssentials
import HTTP
import MemberCode
import Postgres
import Registry
import Runtime

/// The upload of what one door decided alone in a whole day, over HTTP and with PostgreSQL's durable defaults.
struct JournalWork: Work {
    static let name = "journal"
    static let summary = "the upload of a day's 50,000 decisions of one door"

    private static let entries = 50_000
    private static let page = 5_000
    private static let members = 20_000

    private let options: BenchOptions

    init(_ options: BenchOptions) {
        self.options = options
    }

    func run(_ report: Report) async throws {
        report.title("journal: \(Self.entries) decisions of one door, \(Self.page) an upload")
        try await BenchHouse.with { house in
            let keys = try await house.prepareDoors(members: Self.members, stations: options.runs)
            let server = try house.serve([])
            let loop = try EventLoop.start(name: "load")
            try await server.waitUntilReady(loop)
            var seconds: [Double] = []
            var again: [Double] = []
            for run in 0..<options.runs {
                report.note("journal \(run + 1)/\(options.runs)")
                let uploads = uploads(house.keys, door: 2 * run + 1)
                seconds.append(try await send(uploads, to: server.port, key: keys[2 * run]))
                again.append(try await send(uploads, to: server.port, key: keys[2 * run]))
                let events = try await house.database.query(
                    "select count(*) from access_event where access_point_id = \(Int64(2 * run + 1))")[0].decode(0, as: Int.self)
                guard events == Self.entries else { throw BenchError(description: "\(events) events of \(Self.entries) entries") }
            }
            try report.figure(Self.name, "a day of one door", ours: median(seconds), unit: "s", runs: options.runs, promise: "below 5 s")
            try report.figure(Self.name, "decisions", ours: Double(Self.entries) / median(seconds), unit: "/s", runs: options.runs)
            try report.figure(Self.name, "the same again", ours: median(again), unit: "s", runs: options.runs)
            try report.figure(Self.name, "memory of the server", ours: server.residentMegabytes, unit: "MB", runs: 1)
            loop.shutDown()
        }
    }

    private func send(_ uploads: [[UInt8]], to port: UInt16, key: String) async throws -> Double {
        try await onThread(name: "journal") { () -> Swift.Result<Double, BenchError> in
            do {
                let client = try BlockingClient(port: port, timeoutSeconds: 60)
                let headers = [("Authorization", "Bearer \(key)"), ("Content-Type", "application/json")]
                let start = MonotonicTime.current
                for upload in uploads {
                    let answer = try client.call(.post, "/v1/access/journal", headers: headers, body: upload)
                    guard answer?.status == 200 else { return .failure(BenchError(description: answer?.text ?? "no answer")) }
                }
                return .success((MonotonicTime.current - start).secondsValue)
            } catch {
                return .failure(BenchError(description: "\(error)"))
            }
        }.get().get()
    }

    /// The uploads, ready to be sent: two scans a second through the day, in and out, with true codes.
    private func uploads(_ keys: Keys, door: Int) -> [[UInt8]] {
        let issuer = MemberCodeIssuer(keys)
        let now = Clock().nowMicroseconds
        var uploads: [[UInt8]] = []
        var random = SeededGenerator(seed: UInt64(door))
        for start in stride(from: 0, to: Self.entries, by: Self.page) {
            var body = "{\"accessPointId\":\(door),\"entries\":["
            for number in start..<start + Self.page {
                let at = now - Int64(Self.entries - number) * 1_728_000
                let member = Int64.random(in: 1...Int64(Self.members), using: &random)
                let code = issuer.issue(memberID: member, nowMicroseconds: at).text
                body += number == start ? "" : ","
                body += "{\"requestId\":\"\(UUIDv7(microseconds: at))\",\"direction\":\"\(number % 2 == 0 ? "in" : "out")\","
                body += "\"occurredAt\":\"\(timestamp(microseconds: at))\",\"code\":\"\(code)\",\"open\":true,\"reasons\":[],"
                body += "\"relayMilliseconds\":3000}"
            }
            uploads.append(Array((body + "]}").utf8))
        }
        return uploads
    }
}
