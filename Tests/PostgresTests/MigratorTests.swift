import Postgres
import SQLFiles
import TestSupport
import Testing

struct MigratorTests {
    private let first = SQLFile(path: "migrations/0001_create_entry.sql", text: "create table entry (n int); insert into entry values (1);")
    private let second = SQLFile(path: "migrations/0002_add_note.sql", text: "alter table entry add note text;")
    private func function(_ body: String) -> SQLFile {
        SQLFile(
            path: "functions/demo/answer.sql", text: "create or replace function answer() returns int language sql as 'select \(body)';")
    }

    @Test func `migrations run once, in order, and functions when their text changes`() async throws {
        try await withEmptyDatabase { database in
            let one = try await Migrator([function("1"), first]).run(on: database)
            #expect(one == ["migrations/0001_create_entry.sql", "functions/demo/answer.sql"])
            #expect(try await Migrator([first, function("1")]).run(on: database) == [])
            let two = Migrator([second, first, function("2")])
            #expect(
                try await two.pending(in: database)
                    == Migrator.Pending(migrations: [second.path], functions: ["functions/demo/answer.sql"]))
            #expect(try await two.run(on: database) == ["migrations/0002_add_note.sql", "functions/demo/answer.sql"])
            #expect(try await database.query("select answer()")[0].decode(0, as: Int.self) == 2)
        }
    }

    @Test func `a migration that fails leaves nothing of itself`() async throws {
        try await withEmptyDatabase { database in
            let broken = SQLFile(path: second.path, text: "alter table entry add note text; select 1/0;")
            await #expect(throws: MigratorError.self) { try await Migrator([first, broken]).run(on: database) }
            let healed = try await Migrator([first, second]).run(on: database)
            #expect(healed == [second.path])
        }
    }

    @Test func `servers that start together migrate once`() async throws {
        try await withEmptyDatabase { database in
            let files = [first, second, function("1")]
            let applied = try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 0..<4 { group.addTask { try await Migrator(files).run(on: database) } }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(applied.sorted() == files.map(\.path).sorted())
            #expect(try await database.query("select count(*) from entry")[0].decode(0, as: Int.self) == 1)
        }
    }

    @Test func `a newer schema and an edited migration are refused`() async throws {
        try await withEmptyDatabase { database in
            _ = try await Migrator([first, second]).run(on: database)
            await #expect(throws: MigratorError.self) { try await Migrator([first]).run(on: database) }
            let edited = SQLFile(path: first.path, text: first.text + " ")
            await #expect(throws: MigratorError.self) { try await Migrator([edited, second]).run(on: database) }
        }
    }
}
