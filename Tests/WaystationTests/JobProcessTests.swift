import FoundationEssentials
import Glibc
import Postgres
import Runtime
import Scheduler
import TestSupport
import Testing

/// Two real processes over one queue: one is killed or frozen somewhere in its work, and the work is done once.
struct JobProcessTests {
    private final class Peers: Sendable {
        let database: Database
        let queue: QueuedJobStore
        let folder: String
        private let connection: String

        init(_ database: Database) async throws {
            self.database = database
            queue = QueuedJobStore(database)
            folder = "/tmp/waystation-jobs-\(UInt64.random(in: 0 ... .max))"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let name: String = try await database.query("select current_database()::text")[0].decode(0)
            connection = try await TestCluster.shared.connectionString(name)
            _ = try await database.query("create table trial_effect (job_id bigint not null, fence bigint not null)")
        }

        var gate: String { folder + "/gate" }

        /// A worker that stops at `point` until the gate is there; what it says goes into the file of its name.
        func start(_ name: String, pauseAt point: String? = nil) throws -> ChildProcess {
            let output = open(folder + "/" + name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
            defer { close(output) }
            var environment = programEnvironment
            environment["WAYSTATION_TRIAL_DATABASE"] = connection
            environment["WAYSTATION_TRIAL_LEASE"] = "500"
            if let point { (environment["WAYSTATION_TRIAL_PAUSE"], environment["WAYSTATION_TRIAL_GATE"]) = (point, gate) }
            return try ChildProcess.start(
                try programPath("waystation-bench"), ["job-peer"], environment: environment, output: output, errors: 2)
        }

        /// The whole lines of `name` that begin with one of `words`, as soon as there is one.
        @discardableResult func waitUntil(_ name: String, says words: String...) async throws -> [Substring] {
            while true {
                let said = FileManager.default.contents(atPath: folder + "/" + name).map { String(decoding: $0, as: UTF8.self) } ?? ""
                let lines = said.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
                    .filter { line in words.contains(where: line.hasPrefix) }
                if !lines.isEmpty { return lines }
                try await Task.sleep(for: .milliseconds(5))
            }
        }

        /// The fence under which `name` came to `point` last: 1, or more where the machine was so busy that it had lost a lease before.
        func fence(_ name: String, at point: String, of id: Int64) async throws -> Int64 {
            let words = "at \(point) \(id) "
            return try #require(try await waitUntil(name, says: words).last.flatMap { Int64($0.dropFirst(words.count)) })
        }

        func waitUntilDone(_ id: Int64) async throws {
            while try await queue.find(id)?.state != .done { try await Task.sleep(for: .milliseconds(5)) }
        }

        func enqueue(_ key: String) async throws -> Int64 {
            try await queue.enqueue("trial", subject: "trial:1", key: key, by: "test", in: database)
        }

        /// The fences of the owners whose effects stand.
        func effects(of id: Int64) async throws -> [Int64] {
            try await database.query("select fence from trial_effect where job_id = \(id)").map { try $0.decode(0) }
        }

        func end(_ process: ChildProcess) async throws {
            process.send(SIGKILL)
            _ = try await onThread(name: "wait") { process.wait() }.get()
        }
    }

    private func withPeers(_ body: (Peers) async throws -> Void) async throws {
        try await withDatabase { database in
            let peers = try await Peers(database)
            defer {
                do { try FileManager.default.removeItem(atPath: peers.folder) } catch { Issue.record("\(peers.folder) stays: \(error)") }
            }
            try await body(peers)
        }
    }

    @Test func `a server killed anywhere in a job leaves it to another, and the work is done once`() async throws {
        try await withPeers { peers in
            for point in ["begun", "computed", "inside", "after"] {
                let id = try await peers.enqueue(point)
                let killed = try peers.start("killed-\(point)", pauseAt: point)
                try await peers.waitUntil("killed-\(point)", says: "at \(point)")
                try await peers.end(killed)
                let held = try await peers.fence("killed-\(point)", at: point, of: id)
                let other = try peers.start("other-\(point)")
                try await peers.waitUntil("other-\(point)", says: "ready")
                try await peers.waitUntilDone(id)
                try await peers.end(other)
                let done = try #require(try await peers.queue.find(id))
                #expect(try await peers.effects(of: id) == [done.fence], "killed when it was \(point)")
                #expect(done.state == .done && (point == "after" ? done.fence == held : done.fence > held), "\(done.fence) after \(held)")
            }
        }
    }

    @Test func `a server frozen past its lease wakes up as a stranger: the later owner finished, and it changes nothing`() async throws {
        try await withPeers { peers in
            for point in ["computed", "inside"] {
                let id = try await peers.enqueue(point)
                let frozen = try peers.start("frozen-\(point)", pauseAt: point)
                try await peers.waitUntil("frozen-\(point)", says: "at \(point)")
                frozen.send(SIGSTOP)
                let held = try await peers.fence("frozen-\(point)", at: point, of: id)
                let other = try peers.start("other-\(point)")
                // Inside its transaction, too: the database ends a transaction that is silent for longer than a lease.
                try await peers.waitUntilDone(id)
                let done = try #require(try await peers.queue.find(id))
                try await peers.end(other)

                #expect(FileManager.default.createFile(atPath: peers.gate, contents: nil))
                frozen.send(SIGCONT)
                // The heartbeat may see it before the work does, which is then called off.
                try await peers.waitUntil("frozen-\(point)", says: "lost \(id)", "failed \(id)")
                // It is of use again: the next job is its own.
                let next = try await peers.enqueue("next-\(point)")
                try await peers.waitUntilDone(next)
                try await peers.end(frozen)
                try FileManager.default.removeItem(atPath: peers.gate)

                #expect(done.fence > held, "frozen when it was \(point)")
                #expect(try await peers.effects(of: id) == [done.fence], "frozen when it was \(point)")
                let after = try #require(try await peers.queue.find(id))
                #expect(after.state == .done && after.finishedAt == done.finishedAt && after.failure == "lease_ran_out")
                #expect(after.fence == done.fence)
                let itsOwn = try #require(try await peers.queue.find(next))
                #expect(try await peers.effects(of: next) == [itsOwn.fence])
            }
        }
    }

    /// By the bench's own work, which exits with 1 at the first effect missing or doubled.
    @Test func `however servers are killed and frozen, each of many jobs has its effect once`() async throws {
        let (end, output) = try await runProgram("waystation-bench", ["job-storm", "--seconds", "20", "--json"])
        #expect(end == .status(0), "\(output)")
        #expect(output.contains("\"figure\":\"effects missing or doubled\""), "\(output)")
    }
}
