import Crypto
import FoundationEssentials
import Postgres
import Runtime
import TestSupport
import Testing

@testable import Registry

/// A program's whole year, rehearsed by servers whose clocks are set ahead: nothing but the clock differs from the real one.
struct YearTests {
    private struct Scene {
        let database: Database
        let connectionString: String
        let folder: String
        let owner: String
        let second: String
        let members: [(id: Int64, token: String)]
        let city: Int64

        func server(days: Int) async throws -> RunningServer { try await RunningServer(connectionString, folder: folder, days: days) }

        func value<Value: PostgresDecodable>(_ sql: SQL, as _: Value.Type = Value.self) async throws -> Value {
            try await database.query(sql)[0].decode(0)
        }

        /// Waits for what the server does by itself.
        func wait(for state: String, of program: Int64) async throws {
            while try await value("select state from program where program_id = \(program)", as: String.self) != state {
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    private func withScene(_ body: (Scene) async throws -> Void) async throws {
        try await withDatabase { database in
            let folder = "/tmp/waystation-year-\(UInt64.random(in: 0 ... .max))"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            defer { removeFolder(folder) }
            let name = try await database.query("select current_database()::text")[0].decode(0, as: String.self)
            let connectionString = try await TestCluster.shared.connectionString(name)
            // Made by the program itself, for the key file is its own.
            func owner(_ name: String) async throws -> String {
                let (end, output) = try await runProgram(
                    "waystation", ["owner", "create", name, "--database", connectionString, "--keys", folder + "/keys.json"])
                try #require(end == .status(0), "\(output)")
                return try #require(output.split(whereSeparator: \.isWhitespace).map(String.init).first { $0.hasPrefix("wso_") })
            }
            let (first, second) = (try await owner("first"), try await owner("second"))
            let city: Int64 = try await database.query(
                "insert into organization (kind, name) values ('city', '常州市总工会') returning organization_id")[0].decode(0)
            _ = try await database.query(
                "insert into organization_ancestor (organization_id, ancestor_id, distance) values (\(city), \(city), 0)")
            var members: [(id: Int64, token: String)] = []
            for _ in 0..<4 {
                let id: Int64 = try await database.query(
                    """
                    insert into member (
                        organization_id, status, worker_kind, employment_form, sex, birth_on, hardship_post, employer_checkup)
                    values (\(city), 'active', 'courier', 'platform', 'female', '1990-01-01', false, false)
                    returning member_id
                    """)[0].decode(0)
                let session = try await MemberSessionStore(database: database).create(ID(id), lifetimeSeconds: 400 * 86_400)
                members.append((id, session.token))
            }
            try await body(
                Scene(
                    database: database, connectionString: connectionString, folder: folder, owner: first, second: second,
                    members: members, city: city))
        }
    }

    private func removeFolder(_ folder: String) {
        do { try FileManager.default.removeItem(atPath: folder) } catch { Issue.record("\(folder) stays behind: \(error)") }
    }

    private struct Made: Decodable { let id: Int64 }

    private func at(_ scene: Scene, day: Int, _ body: (RunningServer) async throws -> Void) async throws {
        let server = try await scene.server(days: day)
        let outcome: Result<Void, any Error>
        do { outcome = .success(try await body(server)) } catch { outcome = .failure(error) }
        try await server.stop()
        try outcome.get()
    }

    @Test func `a year of a program passes in a minute, and its servers take every step by themselves`() async throws {
        try await withScene { scene in
            func time(_ day: Int) -> String {
                Timestamp(microseconds: Clock().nowMicroseconds + Int64(day) * 86_400_000_000).description
            }
            var program: Int64 = 0
            try await at(scene, day: 0) { server in
                let body = """
                    {"organizationId":\(scene.city),"title":"疗休养","quota":2,"family":"convalescence","period":"2026","offerHours":48,\
                    "tickMinutes":1,"opensAt":"\(time(30))","closesAt":"\(time(60))","runAt":"\(time(61))","resultsAt":"\(time(63))",\
                    "endsAt":"\(time(300))"}
                    """
                let made = try await server.ask("POST", "/v1/programs", body, bearer: scene.owner)
                try #require(made.status == 201, "\(made.body)")
                program = try JSONDecoder().decode(Made.self, from: Data(made.body.utf8)).id
                let announced = try await server.ask("POST", "/v1/programs/\(program)/announce", bearer: scene.owner)
                #expect(announced.status == 200, "\(announced.body)")
                let early = try await server.ask(
                    "PUT", "/v1/me/programs/\(program)/application", #"{"wishes":[1]}"#, bearer: scene.members[0].token)
                #expect(early.body.contains("program.not_open"), "\(early.body)")
            }
            try await at(scene, day: 40) { server in
                for member in scene.members.prefix(3) {
                    let taken = try await server.ask(
                        "PUT", "/v1/me/programs/\(program)/application", #"{"wishes":[1]}"#, bearer: member.token)
                    #expect(taken.status < 300, "\(taken.body)")
                }
            }
            try await at(scene, day: 62) { server in
                let late = try await server.ask(
                    "PUT", "/v1/me/programs/\(program)/application", #"{"wishes":[1]}"#, bearer: scene.members[3].token)
                #expect(late.body.contains("program.closed"), "\(late.body)")
                try await scene.wait(for: "run", of: program)
                let accepted = try await server.ask(
                    "POST", "/v1/programs/\(program)/runs/1/review", #"{"decision":"accept"}"#, bearer: scene.second)
                #expect(accepted.status == 200, "\(accepted.body)")
            }
            var winners: [Int64] = []
            try await at(scene, day: 64) { server in
                try await scene.wait(for: "published", of: program)
                winners = try await scene.database.query(
                    "select member_id from program_award where state = 'offered' order by member_id"
                ).map { try $0.decode(0) }
                #expect(winners.count == 2)
                let first = try #require(scene.members.first { $0.id == winners.first })
                let confirmed = try await server.ask("POST", "/v1/me/programs/\(program)/award/confirm", bearer: first.token)
                #expect(confirmed.status == 200, "\(confirmed.body)")
            }
            try await at(scene, day: 70) { server in
                // The other offer has lapsed; its place goes to who waited.
                let waited = try #require(scene.members.prefix(3).first { !winners.contains($0.id) })
                while try await scene.value(
                    "select count(*) from program_award where state = 'offered' and member_id = \(waited.id)", as: Int64.self) == 0
                {
                    try await Task.sleep(for: .milliseconds(50))
                }
                let confirmed = try await server.ask("POST", "/v1/me/programs/\(program)/award/confirm", bearer: waited.token)
                #expect(confirmed.status == 200, "\(confirmed.body)")
            }
            try await at(scene, day: 301) { _ in try await scene.wait(for: "ended", of: program) }
            let states = try await scene.database.query("select state from program_award order by state").map {
                try $0.decode(0, as: String.self)
            }
            #expect(states == ["confirmed", "confirmed", "lapsed"])
            let taken: Int32 = try await scene.value("select taken from program where program_id = \(program)")
            #expect(taken == 2)
            let steps = try await scene.database.query("select step from program_event order by event_id").map {
                try $0.decode(0, as: String.self)
            }
            for step in ["announce", "open", "close", "run", "review", "publish", "end"] { #expect(steps.contains(step), "\(steps)") }
        }
    }
}
