import Runtime
import TestSupport
import Testing

@testable import Postgres

struct DatabaseTests {
    struct Refusal: Error {}

    @Test func `a failing statement leaves its pipelined neighbours alone`() async throws {
        try await withEmptyDatabase { database in
            let outcomes = await withTaskGroup(of: Bool.self) { group in
                for index in 0..<300 {
                    group.addTask {
                        do {
                            let sql: SQL = index % 3 == 0 ? "select 1 / \(index - index) as value" : "select \(index) as value"
                            return try await database.query(sql)[0].decode(0, as: Int.self) == index
                        } catch {
                            return index % 3 == 0
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.count == 300 && outcomes.allSatisfy { $0 })
        }
    }

    @Test func `a refused transaction keeps its reason and leaves nothing behind`() async throws {
        try await withEmptyDatabase { database in
            _ = try await database.query("create table entry (entry_id bigint primary key)")
            await #expect(throws: TransactionError<Refusal>.self) {
                try await database.transaction { (transaction) async throws(Refusal) in
                    do { _ = try await transaction.query("insert into entry values (1)") } catch { throw Refusal() }
                    throw Refusal()
                }
            }
            #expect(try await database.query("select count(*) from entry")[0].decode(0, as: Int.self) == 0)
        }
    }

    @Test func `a constraint is known by its name`() async throws {
        try await withEmptyDatabase { database in
            _ = try await database.query("create table entry (amount int constraint amount_is_positive check (amount > 0))")
            do throws(PostgresError) {
                _ = try await database.query("insert into entry values (\(-1))")
                Issue.record("accepted")
            } catch {
                #expect(error.isConstraint("amount_is_positive"))
                #expect(!error.description.contains("-1"), "descriptions hold no data")
            }
        }
    }

    @Test func `deadlocks and serialization failures are tried again, but not for ever`() async throws {
        try await withEmptyDatabase { database in
            // A sequence is not rolled back, so it counts the attempts.
            _ = try await database.query("create sequence attempt")
            _ = try await database.query("create table entry (attempt bigint)")
            _ = try await database.query(
                """
                create function stumble(state text, times int) returns bigint language plpgsql as $$
                declare this bigint := nextval('attempt');
                begin
                    if this <= times then raise exception using errcode = state; end if;
                    return this;
                end $$
                """)
            for state in ["40001", "40P01"] {
                _ = try await database.query("alter sequence attempt restart")
                try await database.transaction { _ = try await $0.query("insert into entry select stumble(\(state), \(Int32(3)))") }
            }
            _ = try await database.query("alter sequence attempt restart")
            await #expect(throws: TransactionError<any Error>.self) {
                try await database.transaction { _ = try await $0.query("insert into entry select stumble('40001', 100)") }
            }
            let attempts = try await database.query("select array_agg(attempt) from entry")[0].decode(0, as: [Int].self)
            #expect(attempts == [4, 4])
            #expect(try await database.query("select last_value from attempt")[0].decode(0, as: Int.self) == 5)
        }
    }

    @Test func `more transactions than connections take turns`() async throws {
        try await withEmptyDatabase { database in
            let sum = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<40 {
                    group.addTask {
                        try await database.transaction { try await $0.query("select \(number) as n")[0].decode("n", as: Int.self) }
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(sum == 780)
        }
    }

    @Test func `rows copied in come out again`() async throws {
        try await withEmptyDatabase { database in
            _ = try await database.query("create table entry (entry_id bigint primary key, name text)")
            let copied = try await database.transaction { transaction in
                try await transaction.copyIn(into: "entry (entry_id, name)") { writer in
                    for number in 0..<50_000 {
                        try await writer.row(fields: 2) { row in
                            row.add(number)
                            row.add(number % 7 == 0 ? nil : "name \(number)")
                        }
                    }
                }
            }
            #expect(copied == 50_000)
            let pieces = Pieces()
            try await database.transaction { transaction in
                try await transaction.copyOut("select entry_id, name from entry order by entry_id") { await pieces.add($0) }
            }
            let lines = String(decoding: await pieces.bytes, as: UTF8.self).split(separator: "\n")
            #expect(lines.count == 50_000)
            #expect(lines[0] == "0\t\\N" && lines[49_999] == "49999\tname 49999")
        }
    }

    @Test func `a copy that breaks a constraint copies nothing and leaves the connection usable`() async throws {
        try await withEmptyDatabase { database in
            _ = try await database.query("create table entry (entry_id bigint primary key)")
            for _ in 0..<10 {
                await #expect(throws: TransactionError<any Error>.self) {
                    try await database.transaction { transaction in
                        _ = try await transaction.copyIn(into: "entry (entry_id)") { writer in
                            for _ in 0..<2 { try await writer.row(fields: 1) { $0.add(1) } }
                        }
                    }
                }
                await #expect(throws: TransactionError<any Error>.self) {
                    try await database.transaction { transaction in
                        _ = try await transaction.copyIn(into: "entry (entry_id)") { writer in
                            try await writer.row(fields: 1) { $0.add(1) }
                            throw Refusal()
                        }
                    }
                }
            }
            #expect(try await database.query("select count(*) from entry")[0].decode(0, as: Int.self) == 0)
        }
    }

    @Test func `a lost connection is an unknown outcome, and the next statement finds another`() async throws {
        try await withEmptyDatabase { database in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    await #expect(throws: PostgresError.self) { try await database.query("select pg_sleep(30)") }
                }
                var killed = 0
                while killed == 0 {
                    // The sleeper is on one of two connections; the statement that ends it goes over the other.
                    killed = try await database.transaction {
                        try await $0.query(
                            """
                            select pg_terminate_backend(pid) from pg_stat_activity
                            where query like '%pg_sleep%' and pid <> pg_backend_pid() and datname = current_database()
                            """
                        ).count
                    }
                }
                try await group.waitForAll()
            }
            var answered = false
            while !answered {
                do throws(PostgresError) {
                    answered = try await database.query("select 1")[0].decode(0, as: Int.self) == 1
                } catch {
                    #expect(error.isOutage)
                }
            }
        }
    }

    @Test func `a deadline tells the caller and lets the statement finish`() async throws {
        let name = "deadline"
        try await withEmptyDatabase { database in
            _ = try await database.query("create table entry (name text)")
            let settings = try ConnectionSettings(
                await TestCluster.shared.connectionString(database.settings.value("dbname") ?? ""), deadline: .milliseconds(50))
            let hasty = Database(settings, loops: TestLoops.all, connections: 1)
            // On a busy machine the deadline may pass before a connection stands: then nothing was sent, and it is tried again.
            var (rows, tries) = (0, 0)
            while rows == 0 {
                tries += 1
                await #expect(throws: PostgresError.self) {
                    try await hasty.query("with pause as materialized (select pg_sleep(1)) insert into entry select \(name) from pause")
                }
                while try await !database.query(
                    "select from pg_stat_activity where datname = current_database() and state = 'active' and query like 'with pause%'"
                ).isEmpty {}
                rows = try await database.query("select name from entry").count
            }
            #expect(rows <= tries)
            await hasty.stop(grace: .seconds(2))
        }
    }

    @Test func `the pooler's mode prepares nothing`() async throws {
        try await withEmptyDatabase { database in
            let settings = try ConnectionSettings(
                await TestCluster.shared.connectionString(database.settings.value("dbname") ?? ""), pooler: true)
            let pooled = Database(settings, loops: [TestLoops.all[0]], connections: 1)
            for number in 0..<3 { #expect(try await pooled.query("select \(number)")[0].decode(0, as: Int.self) == number) }
            #expect(try await pooled.query("select count(*) from pg_prepared_statements where name <> ''")[0].decode(0, as: Int.self) == 0)
            await pooled.stop(grace: .seconds(1))
        }
    }

    @Test func `a changed table does not strand the statements prepared on it`() async throws {
        try await withEmptyDatabase { database in
            _ = try await database.query("create table entry (a int)")
            for _ in 0..<4 { _ = try await database.query("select * from entry") }
            _ = try await database.query("alter table entry add b int")
            for _ in 0..<4 { _ = try await database.query("select * from entry") }
        }
    }

    @Test func `a wrong password and a wrong host are told apart`() async throws {
        #expect(throws: PostgresError.self) { try ConnectionSettings("host=x nonsense=1") }
        let nowhere = Database(try ConnectionSettings("host=/nonexistent dbname=x user=x"), loops: [TestLoops.all[0]])
        await #expect(throws: PostgresError.self) { try await nowhere.query("select 1") }
        await nowhere.stop(grace: .zero)
    }

    @Test func `of several hosts one that lives is enough, whatever stands before it`() async throws {
        try await withEmptyDatabase { database in
            let name = database.settings.value("dbname") ?? ""
            let folder = database.settings.value("host") ?? ""
            let user = database.settings.value("user") ?? ""
            for hosts in ["/nonexistent,\(folder)", "127.0.0.1,\(folder)"] {
                let settings = try ConnectionSettings(
                    "host='\(hosts)' port=5432,5432 dbname=\(name) user=\(user) target_session_attrs=read-write")
                let several = Database(settings, loops: [TestLoops.all[0]], connections: 1)
                #expect(try await several.query("select 1")[0].decode(0, as: Int.self) == 1, "\(hosts)")
                await several.stop(grace: .seconds(1))
            }
        }
    }

    @Test func `attempts turn the list of hosts`() throws {
        let settings = try ConnectionSettings("host=a,b,c port=1,2,3 dbname=x")
        #expect(settings.parameters(attempt: 1).first { $0.keyword == "host" }?.value == "b,c,a")
        #expect(settings.parameters(attempt: 2).first { $0.keyword == "port" }?.value == "3,1,2")
        #expect(settings.parameters(attempt: 3).first { $0.keyword == "dbname" }?.value == "x")
    }

    private actor Pieces {
        var bytes: [UInt8] = []
        func add(_ piece: [UInt8]) { bytes += piece }
    }
}
