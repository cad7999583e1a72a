import Crypto
import FoundationEssentials
import Glibc
import Postgres
import Runtime
import Scheduler
import TestSupport
import Testing

/// Two real servers and the jobs that run by themselves, while one is frozen past its leases and the other killed.
struct TwoServersJobTests {
    private struct Servers {
        let database: Database
        let folder: String
        let connection: [String]

        init(_ database: Database) async throws {
            self.database = database
            folder = "/var/tmp/waystation-two-\(getpid())-\(UInt32.random(in: 0 ... .max))"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            _ = try KeyFile.openOrCreate(path: folder + "/keys.json")
            let name: String = try await database.query("select current_database()::text")[0].decode(0)
            connection = ["--database", try await TestCluster.shared.connectionString(name), "--keys", folder + "/keys.json"]
        }

        func checkpoints(_ name: String) -> [String] { ["--audit-checkpoints", folder + "/" + name + ".log"] }

        func start(_ name: String) throws -> ChildProcess {
            let own = ["--port", "0", "--data", folder + "/" + name, "--job-lease", "1", "--log-level", "error"]
            return try ChildProcess.start(
                try programPath("waystation"), ["serve"] + own + connection + checkpoints(name), environment: programEnvironment, errors: 2)
        }

        /// The recurring jobs that the process holds.
        func held(by process: ChildProcess) async throws -> [String] {
            try await RecurringJobStore(database).list().filter { $0.leasedBy?.contains(":\(process.id):") == true }.map(\.name)
        }

        func waitUntilAll(_ count: Int, heldBy process: ChildProcess) async throws {
            while try await held(by: process).count < count { try await Task.sleep(for: .milliseconds(20)) }
        }

        /// Something for the audit's job to seal, and the wait until it has.
        func writeAndSeal() async throws {
            _ = try await database.query(
                """
                insert into audit_entry (actor, action, subject, details)
                select 'test', 'member.created', 'member:' || n, '{}' from generate_series(1, 50) n
                """)
            while try await !database.query(
                "select (select count(*) from audit_link) >= (select count(*) from audit_entry)")[0].decode(0, as: Bool.self)
            {
                try await Task.sleep(for: .milliseconds(20))
            }
        }

        func end(_ process: ChildProcess) async throws {
            process.send(SIGKILL)
            _ = try await onThread(name: "wait") { process.wait() }.get()
        }
    }

    @Test func `recurring jobs change hands when their server freezes or dies, and what they leave is whole`() async throws {
        try await withDatabase { database in
            let servers = try await Servers(database)
            defer {
                do { try FileManager.default.removeItem(atPath: servers.folder) } catch {
                    Issue.record("\(servers.folder) stays: \(error)")
                }
            }
            let first = try servers.start("first")
            try await servers.writeAndSeal()
            var count = 0
            while try await servers.held(by: first).count > count {
                count = try await servers.held(by: first).count
                try await Task.sleep(for: .milliseconds(200))
            }
            #expect(count > 10, "every job of the service")
            let second = try servers.start("second")

            first.send(SIGSTOP)
            try await servers.waitUntilAll(count, heldBy: second)
            try await servers.writeAndSeal()
            // The first wakes up in the middle of what it believes to be its own.
            first.send(SIGCONT)
            for _ in 0..<5 { try await servers.writeAndSeal() }

            try await servers.end(second)
            try await servers.waitUntilAll(count, heldBy: first)
            try await servers.writeAndSeal()
            try await servers.end(first)

            for name in ["first", "second"] {
                let (end, output) = try await runProgram(
                    "waystation", ["audit", "verify"] + servers.connection + servers.checkpoints(name))
                #expect(end == .status(0) && output.contains("The audit is sound."), "\(name): \(output)")
            }
            let doubled = try await database.query("select count(*) - count(distinct entry_id) from audit_link")[0]
            #expect(try doubled.decode(0) == 0)
            let fences = try await RecurringJobStore(database).list()
            #expect(fences.allSatisfy { $0.failures == 0 }, "\(fences.filter { $0.failures > 0 }.map { ($0.name, $0.failure ?? "") })")
        }
    }
}
