import Crypto
package import SQLFiles

/// Brings the schema up to what this program was built with: forward only.
///
/// Each file of `migrations/` runs once, in its own transaction, whose first statement inserts the migration's row: of two servers that
/// start together one waits for the other at that row and then finds the work done. A file never changes once it has landed, which
/// its checksum enforces. Files of `functions/` are applied again whenever their text changed. A schema with migrations this program
/// does not know is newer than the program, which then refuses to work on it.
package struct Migrator: Sendable {
    /// What a schema lacks.
    package struct Pending: Sendable, Equatable {
        package let migrations: [String]
        package let functions: [String]

        package init(migrations: [String], functions: [String]) {
            self.migrations = migrations
            self.functions = functions
        }

        package var isEmpty: Bool { migrations.isEmpty && functions.isEmpty }
    }

    struct Migration: Sendable {
        let version: Int32
        let file: SQLFile
        let checksum: String
    }

    private let migrations: [Migration]
    private let functions: [(file: SQLFile, checksum: String)]

    /// - Parameter files: `migrations/0001_verb_phrase.sql` and `functions/**`; anything else is a programmer's error.
    package init(_ files: [SQLFile] = sqlFiles) {
        var migrations: [Migration] = []
        var functions: [(file: SQLFile, checksum: String)] = []
        for file in files.sorted(by: { $0.path < $1.path }) {
            let checksum = Hex.encode(SHA256.hash(Array(file.text.utf8)))
            if file.path.hasPrefix("migrations/") {
                let digits = file.path.dropFirst("migrations/".count).prefix { $0 != "_" }
                guard digits.count == 4, let version = Int32(digits) else {
                    preconditionFailure("\(file.path) does not start with a number of four digits")
                }
                precondition(migrations.last?.version != version, "two migrations have the number \(version)")
                migrations.append(Migration(version: version, file: file, checksum: checksum))
            } else {
                precondition(file.path.hasPrefix("functions/"), "\(file.path) is neither a migration nor a function")
                functions.append((file, checksum))
            }
        }
        self.migrations = migrations
        self.functions = functions
    }

    /// What `run` would do.
    package func pending(in database: Database) async throws(MigratorError) -> Pending {
        try await attempt("schema_migration") { () async throws(PostgresError) in
            let exists = try await database.query(
                "select to_regclass('schema_migration') is not null and to_regclass('schema_function') is not null")
            guard try exists.first?.decode(0, as: Bool.self) == true else {
                return Result<Pending, MigratorError>.success(
                    Pending(migrations: migrations.map(\.file.path), functions: functions.map(\.file.path)))
            }
            var applied: [Int32: String] = [:]
            for row in try await database.query("select version, checksum from schema_migration") {
                applied[try row.decode(0)] = try row.decode(1, as: String.self)
            }
            var current: [String: String] = [:]
            for row in try await database.query("select path, checksum from schema_function") {
                current[try row.decode(0)] = try row.decode(1, as: String.self)
            }
            if let newest = applied.keys.max(), let known = migrations.last?.version, newest > known {
                return .failure(.newerSchema(schema: newest, program: known))
            }
            if let changed = migrations.first(where: { applied[$0.version].map { $0 } ?? $0.checksum != $0.checksum }) {
                return .failure(.changed(changed.file.path))
            }
            return .success(
                Pending(
                    migrations: migrations.filter { applied[$0.version] == nil }.map(\.file.path),
                    functions: functions.filter { current[$0.file.path] != $0.checksum }.map(\.file.path)))
        }.get()
    }

    /// Applies what is pending.
    /// - Returns: the files applied, in order.
    package func run(on database: Database) async throws(MigratorError) -> [String] {
        try await createTables(in: database)
        let missing = try await pending(in: database)
        var applied: [String] = []
        for migration in migrations where missing.migrations.contains(migration.file.path) {
            let isOurs = try await apply(
                migration.file, in: database,
                claim: """
                    insert into schema_migration (version, name, checksum)
                    values (\(migration.version), \(migration.file.path), \(migration.checksum))
                    on conflict (version) do nothing
                    returning 1
                    """)
            if isOurs { applied.append(migration.file.path) }
        }
        for function in functions where missing.functions.contains(function.file.path) {
            let isOurs = try await apply(
                function.file, in: database,
                claim: """
                    insert into schema_function (path, checksum) values (\(function.file.path), \(function.checksum))
                    on conflict (path) do update set checksum = excluded.checksum, applied_at = now()
                    where schema_function.checksum <> excluded.checksum
                    returning 1
                    """)
            if isOurs { applied.append(function.file.path) }
        }
        return applied
    }

    private func apply(_ file: SQLFile, in database: Database, claim: SQL) async throws(MigratorError) -> Bool {
        do throws(TransactionError<PostgresError>) {
            return try await database.transaction { (transaction) async throws(PostgresError) -> Bool in
                if try await transaction.query(claim).isEmpty { return false }
                try await transaction.script(file.text)
                return true
            }
        } catch {
            switch error {
            case .aborted(let cause), .database(let cause): throw .failed(file: file.path, cause)
            }
        }
    }

    private func createTables(in database: Database) async throws(MigratorError) {
        let statements: [SQL] = [
            """
            create table if not exists schema_migration (
                version integer primary key,
                name text not null,
                checksum text not null,
                applied_at timestamptz not null default now()
            )
            """,
            """
            create table if not exists schema_function (
                path text primary key,
                checksum text not null,
                applied_at timestamptz not null default now()
            )
            """,
        ]
        for statement in statements {
            do throws(PostgresError) {
                _ = try await database.query(statement)
            } catch {
                // `if not exists` looks before it leaps: of two at once one may still meet the other's row in the catalogue.
                guard case .server(let server) = error, ["23505", "42P07", "42710"].contains(server.sqlState) else {
                    throw .failed(file: "schema_migration", error)
                }
            }
        }
    }

    private func attempt<Value>(_ file: String, _ body: () async throws(PostgresError) -> Value) async throws(MigratorError) -> Value {
        do throws(PostgresError) { return try await body() } catch { throw .failed(file: file, error) }
    }
}

/// Why a schema was not brought up to date.
package enum MigratorError: Error, Sendable, CustomStringConvertible {
    case newerSchema(schema: Int32, program: Int32)
    /// A migration was edited after it had been applied.
    case changed(String)
    case failed(file: String, PostgresError)

    package var description: String {
        switch self {
        case .newerSchema(let schema, let program):
            "the database's schema is at migration \(schema), this program knows \(program): use a newer waystation"
        case .changed(let path): "\(path) differs from what was applied: migrations are never edited, add one"
        case .failed(let file, .server(let error)): "\(file): \(error): \(error.message)"
        case .failed(let file, let error): "\(file): \(error)"
        }
    }
}
