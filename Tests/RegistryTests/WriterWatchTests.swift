import FoundationEssentials
import Glibc
import HTTP
import Postgres
import Runtime
import TestSupport
import Testing

@testable import Registry

/// What waits for transactions that do not end, and for which.
@Suite struct WriterWatchTests {
    /// What a log holds after `body`.
    private static func logged(_ body: (Log) async throws -> Void) async throws -> String {
        let file = try #require(tmpfile())
        defer { fclose(file) }
        let log = Log(try LogSink(descriptor: fileno(file)))
        try await body(log)
        log.flush()
        let end = lseek(fileno(file), 0, SEEK_END)
        var bytes = [UInt8](repeating: 0, count: Int(end))
        #expect(pread(fileno(file), &bytes, bytes.count, 0) == bytes.count)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func `a transaction that does not end is named, with its process and age, and measured`() async throws {
        try await withDatabase { database in
            let metrics = Metrics()
            let gauge = "waystation_transaction_oldest_seconds"
            let text = try await Self.logged { log in
                let watch = WriterWatch(database, metrics: metrics, log: log, warnAfter: .zero)
                let patient = WriterWatch(database, metrics: Metrics(), log: log)
                let process = try await database.transaction { transaction in
                    let row = try await transaction.query("select pg_current_xact_id()::text::bigint, pg_backend_pid()").single
                    let id: Int64 = try row.decode(0)
                    // The server's own cleaning may be at work for a moment.
                    while try await OldestWriterStore(database).find()?.transactionID != id { await Task.yield() }
                    #expect(try await OldestWriterStore(database).find()?.seconds ?? -1 > 0)
                    try await patient.look()
                    try await watch.look()
                    try await watch.look()
                    #expect(!metrics.text().contains("\(gauge) 0.0\n"))
                    return try row.decode(1, as: Int32.self)
                }
                while !metrics.text().contains("\(gauge) 0.0\n") { try await watch.look() }
                log.notice("expected", ["process": .integer(Int64(process))])
            }
            let lines = text.split(separator: "\n")
            let process = try #require(lines.last?.split(separator: "\"process\":").last?.dropLast())
            #expect(lines[0].contains("transaction.holds_back") && lines[0].contains("\"process\":\(process),"), "\(text)")
        }
    }

    @Test func `a transaction of another database holds nothing up here, one of this database does until it ends`() async throws {
        try await withDatabase { database in
            try await withDatabase { other in
                let settled: SQL = "select registry_settled_before(pg_current_snapshot())::text::bigint"
                let current: SQL = "select pg_current_xact_id()::text::bigint"
                try await other.transaction { transaction in
                    let theirs = try await transaction.query(current).single.decode(0, as: Int64.self)
                    while try await database.query(settled).single.decode(0, as: Int64.self) <= theirs { await Task.yield() }
                    #expect(try await OldestWriterStore(database).find()?.transactionID != theirs)
                    try await database.transaction { transaction in
                        let ours = try await transaction.query(current).single.decode(0, as: Int64.self)
                        #expect(try await database.query(settled).single.decode(0, as: Int64.self) <= ours)
                        #expect(try await transaction.query(settled).single.decode(0, as: Int64.self) <= ours, "nor for itself")
                        // Theirs is waited for there.
                        #expect(try await other.query(settled).single.decode(0, as: Int64.self) <= theirs)
                    }
                }
            }
        }
    }

    @Test func `audit entries are sealed and events sent on while another database's transaction runs`() async throws {
        try await withDatabase { database in
            try await withDatabase { other in
                let scene = try await RegistryScene(database)
                try await other.transaction { transaction in
                    _ = try await transaction.query("select pg_current_xact_id()")
                    try await scene.registry.audit.record(
                        "test.done", subject: "test", organization: nil, actor: "test", in: database)
                    while try await scene.registry.auditChains.newestSeal(1) == nil {
                        _ = try await scene.registry.auditChains.seal(1)
                        await Task.yield()
                    }
                    _ = try await database.query(
                        "insert into outbox_event (type, subject, data) values ('member.joined', 'member:1', '{}')")
                    while try await database.query("select from outbox_event where enqueued_at is null").count > 0 {
                        _ = try await database.query("select webhooks_enqueue(100)")
                        await Task.yield()
                    }
                }
            }
        }
    }
}
