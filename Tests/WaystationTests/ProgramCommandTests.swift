import Crypto
import FoundationEssentials
import Postgres
import Programs
import Registry
import Runtime
import TestSupport
import Testing

@testable import waystation

/// `waystation programs` and `waystation allocate PROGRAM`, as an organizer runs them.
struct ProgramCommandTests {
    /// A program that closed an hour ago with 40 applicants for 10 places, 4 of them promised to a group of 8.
    private func closedProgram(_ database: Database, _ keys: Keys) async throws -> ID<UnionProgram> {
        let registry = Registry(database: database, keys: keys, loops: database.loops)
        let city = try #require(try await registry.organizations.ensure(.init(kind: .city, name: "常州"))).id
        func programs(hours: Int64) -> Programs {
            Programs(database: database, registry: registry, keys: keys, clock: Clock(offsetMicroseconds: hours * 3_600_000_000))
        }
        let now = Clock().nowMicroseconds
        let rules = ProgramRules(
            groups: [ProgramRules.Part(name: "gig", conditions: [])], floors: [ProgramRules.Promise(group: "gig", size: 4)])
        let facts = ProgramFacts(
            title: "疗休养", rules: rules, opensAt: Timestamp(microseconds: now - 3 * 3_600_000_000),
            closesAt: Timestamp(microseconds: now - 3_600_000_000))
        let actor = ProgramLife.Actor(subject: "account:1")
        let early = programs(hours: -2)
        let id = try await database.transaction { (transaction) async throws(any Error) in
            let id = try await early.programs.create(facts, of: city, quota: 10, by: "account:1", in: transaction).id
            _ = try await early.life.announce(id, by: actor, in: transaction)
            return id
        }
        _ = try await database.query(
            """
            insert into member (organization_id, status, worker_kind, employment_form, sex, birth_on, hardship_post, employer_checkup)
            select \(city), 'active', 'courier', 'platform', 'male', '1990-01-01', false, false from generate_series(1, 40)
            """)
        _ = try await database.query(
            """
            insert into program_application (
                member_id, program_id, ticket, wishes, organization_id, priority, groups, applied_by, applied_at, changed_at)
            select
                member_id, \(id), (('x' || rpad(encode(convert_to('T' || (1000 + member_id), 'UTF8'), 'hex'), 16, '0'))::bit(64))::bigint,
                '{1}', \(city), 1, (member_id % 5 = 0)::integer, 'test', now(), now()
            from member
            """)
        let present = programs(hours: 0)
        try await database.transaction { (transaction) async throws(any Error) in
            _ = try await present.life.open(id, by: actor, in: transaction)
            _ = try await present.life.close(id, by: actor, in: transaction)
        }
        return id
    }

    @Test func `programs are listed and shown, simulated and shared out; what cannot be done is told with its code`() async throws {
        try await withDatabase { database in
            let folder = "/tmp/waystation-programs-\(UInt64.random(in: 0 ... .max))"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let keys = try KeyFile.openOrCreate(path: folder + "/keys.json")
            let id = try await closedProgram(database, keys)
            let name = try await database.query("select current_database()::text")[0].decode(0, as: String.self)
            let shared =
                ["--database", try await TestCluster.shared.connectionString(name), "--keys", folder + "/keys.json", "--language", "en"]
            func run(_ arguments: String...) async throws -> (end: ChildProcess.End, output: String) {
                try await runProgram("waystation", arguments + shared)
            }
            let list = try await run("programs", "list")
            #expect(list.end == .status(0) && list.output.contains("closed") && list.output.contains("疗休养"), "\(list.output)")
            let unknown = try await run("programs", "show", "99")
            #expect(unknown.end == .status(1) && unknown.output.contains("program.not_found"), "\(unknown.output)")
            let simulated = try await run("allocate", "\(id)", "--simulate", "--floor", "gig=2,4,8")
            #expect(simulated.end == .status(0) && simulated.output.contains("All strict"), "\(simulated.output)")
            #expect(try await database.query("select count(*) from program_run")[0].decode(0, as: Int.self) == 0)
            let mixed = try await run("allocate", "\(id)", "--rules", "rules.json")
            #expect(mixed.end == .status(1) && mixed.output.contains("--rules is for files"), "\(mixed.output)")
            let made = try await run("allocate", "\(id)")
            #expect(made.end == .status(0) && made.output.contains("10 placed, 30 waiting"), "\(made.output)")
            #expect(made.output.contains("run 1") && made.output.contains("█") && made.output.contains("疗休养"), "\(made.output)")
            let json = try await run("allocate", "\(id)", "--json")
            #expect(json.end == .status(0) && json.output.contains(#""run":2"#), "\(json.output)")
            let shown = try await run("programs", "show", "\(id)")
            #expect(shown.output.contains("replaced") && shown.output.contains("command:allocate"), "\(shown.output)")
            try FileManager.default.removeItem(atPath: folder)
        }
    }
}
