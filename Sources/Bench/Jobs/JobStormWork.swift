import FoundationEssentials
import Glibc
import Postgres
import Runtime
import Scheduler

/// Queued jobs while the servers that do them are killed and frozen at random: each has its effect once, however often it was begun.
struct JobStormWork: Work {
    static let name = "job-storm"
    static let summary = "jobs while their servers are killed, and frozen past their leases (only when named)"

    private static let peers = 3
    private static let lease = Duration.milliseconds(400)

    private let options: BenchOptions

    init(_ options: BenchOptions) { self.options = options }

    func run(_ report: Report) async throws {
        let seconds = options.seconds ?? 60
        report.title("job-storm: \(Self.peers) servers for \(seconds) s, one after the other killed or frozen past its lease")
        try await BenchHouse.with { house in try await measure(house, .seconds(seconds), report) }
    }

    private func measure(_ house: BenchHouse, _ duration: Duration, _ report: Report) async throws {
        let database = house.database
        _ = try await database.query("create table trial_effect (job_id bigint not null, fence bigint not null)")
        let queue = QueuedJobStore(database)
        let output = open(house.folder + "/said", O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard output >= 0 else { throw SystemError.last("open") }
        defer { close(output) }
        var peers = try (0..<Self.peers).map { _ in try Self.start(house, output) }
        defer { for peer in peers { Self.end(peer) } }

        var (kills, freezes, asked) = (0, 0, 0)
        let end = MonotonicTime.current + duration
        while MonotonicTime.current < end {
            for _ in 0..<10 {
                asked += 1
                _ = try await queue.enqueue("trial", subject: "trial:\(asked % 40)", key: "\(asked)", by: "storm", in: database)
            }
            let victim = Int.random(in: peers.indices)
            if Bool.random() {
                Self.end(peers[victim])
                peers[victim] = try Self.start(house, output)
                kills += 1
            } else {
                peers[victim].send(SIGSTOP)
                try await Task.sleep(for: Self.lease * .random(in: 0.5...3))
                peers[victim].send(SIGCONT)
                freezes += 1
            }
            try await Task.sleep(for: .milliseconds(.random(in: 0...300)))
        }
        let giveUp = MonotonicTime.current + .seconds(60)
        while try await queue.figures().queued + queue.figures().running > 0 {
            guard MonotonicTime.current < giveUp else { throw BenchError(description: "jobs were left over") }
            try await Task.sleep(for: .milliseconds(50))
        }
        let again = try await check(database, asked)
        let said = FileManager.default.contents(atPath: house.folder + "/said").map { String(decoding: $0, as: UTF8.self) } ?? ""
        let lost = said.split(separator: "\n").count { $0.hasPrefix("lost ") }
        guard again > 0, lost > 0 else { throw BenchError(description: "the storm met no job: \(again) begun again, \(lost) lost") }
        try report.figure(Self.name, "jobs done", ours: Double(asked), unit: "jobs", runs: 1)
        try report.figure(Self.name, "servers killed", ours: Double(kills), unit: "servers", runs: 1)
        try report.figure(Self.name, "servers frozen", ours: Double(freezes), unit: "servers", runs: 1)
        try report.figure(Self.name, "jobs begun more than once", ours: Double(again), unit: "jobs", runs: 1)
        try report.figure(Self.name, "completions refused to a lost lease", ours: Double(lost), unit: "tries", runs: 1)
        try report.figure(Self.name, "effects missing or doubled", ours: 0, unit: "jobs", runs: 1, promise: "0")
    }

    /// - Returns: the jobs that were begun more than once.
    private func check(_ database: Database, _ asked: Int) async throws -> Int {
        let row = try await database.query(
            """
            select
                (select count(*) from queued_job where state = 'done'),
                (select count(*) from trial_effect),
                (
                    select count(*)
                    from queued_job job
                    join trial_effect effect on effect.job_id = job.queued_job_id and effect.fence = job.fence
                ),
                (select count(*) from queued_job where fence > 1)
            """)[0]
        let counts: [Int] = [try row.decode(0), try row.decode(1), try row.decode(2)]
        guard counts == [asked, asked, asked] else {
            throw BenchError(
                description: "of \(asked) jobs \(counts[0]) are done; \(counts[1]) effects, \(counts[2]) of them by the last owner")
        }
        return try row.decode(3)
    }

    private static func start(_ house: BenchHouse, _ output: CInt) throws -> ChildProcess {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return try ChildProcess.start(
            own, [JobPeer.name],
            environment: ChildProcess.plainEnvironment.merging(
                [
                    "WAYSTATION_TRIAL_DATABASE": house.embedded.connectionString(),
                    "WAYSTATION_TRIAL_LEASE": String(lease.milliseconds),
                ], uniquingKeysWith: { $1 }), output: output, errors: 2)
    }

    private static func end(_ peer: ChildProcess) {
        peer.send(SIGKILL)
        _ = peer.wait()
    }
}
