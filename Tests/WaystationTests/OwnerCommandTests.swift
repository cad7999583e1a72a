import Crypto
import FoundationEssentials
import HTTP
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

/// `waystation owner create` with a password, as somebody sets a city's first account up.
struct OwnerCommandTests {
    private struct Scene {
        let database: Database
        let folder: String
        let arguments: [String]
        let client: TestClient

        func write(_ text: String, to name: String = "password") throws -> String {
            let path = folder + "/" + name
            try Data(text.utf8).write(to: URL(filePath: path))
            return path
        }

        func create(_ name: String, _ more: [String] = []) async throws -> (end: ChildProcess.End, output: String) {
            try await runProgram("waystation", ["owner", "create", name] + more + arguments)
        }

        func signIn(_ name: String, _ password: String) async -> TestResponse {
            await client.send(
                .post, "/v1/account-sessions", body: Array(#"{"name":"\#(name)","password":"\#(password)"}"#.utf8),
                contentType: "application/json")
        }

        func count(_ table: String) async throws -> Int {
            try await database.query("select count(*) from \(raw: table)")[0].decode(0)
        }
    }

    private func withScene(_ body: (Scene) async throws -> Void) async throws {
        try await withDatabase { database in
            let folder = "/tmp/waystation-owner-\(UInt64.random(in: 0 ... .max))"
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            let keys = try KeyFile.create(path: folder + "/keys.json")
            let name = try await database.query("select current_database()::text")[0].decode(0, as: String.self)
            let registry = Registry(database: database, keys: keys, loops: database.loops)
            let outcome: Swift.Result<Void, any Error>
            do {
                outcome = .success(
                    try await body(
                        Scene(
                            database: database, folder: folder,
                            arguments: [
                                "--database", try await TestCluster.shared.connectionString(name), "--keys", folder + "/keys.json",
                            ],
                            client: TestClient(
                                API(routes: registry.routes, authenticator: registry.authenticator), loop: database.loops[0]))))
            } catch {
                outcome = .failure(error)
            }
            try FileManager.default.removeItem(atPath: folder)
            try outcome.get()
        }
    }

    @Test func `the password that stands in the file signs in by name, and is shown nowhere`() async throws {
        try await withScene { scene in
            let password = "correct horse battery"
            // As editors of other systems end a line, and with a second line, which is not part of it.
            let file = try scene.write(password + "\r\nnot this\n")
            let (end, output) = try await scene.create("Ma Li", ["--password-file", file])
            #expect(end == .status(0) && !output.contains(password), "\(output)")
            let token = try #require(output.split(whereSeparator: \.isWhitespace).first { $0.hasPrefix("wso_") })
            #expect(await scene.client.send(.get, "/v1/account", bearer: String(token)).status == 200)
            let session = await scene.signIn("Ma Li", password)
            #expect(session.status == 201, "\(session.text)")
            #expect(await scene.signIn("Ma Li", password + "\\r").status == 403)

            struct Made: Decodable { let token: String }
            let signedIn = try session.json(Made.self).token
            let changed = try scene.write("another horse battery")
            #expect(try await scene.create("Ma Li", ["--password-file", changed]).end == .status(0))
            #expect(try await scene.count("account") == 1, "the same account")
            #expect(await scene.signIn("Ma Li", password).status == 403)
            #expect(await scene.signIn("Ma Li", "another horse battery").status == 201)
            let ended: Int = try await scene.database.query(
                "select count(*) from account_token where made_by = 'password' and revoked_at is not null")[0].decode(0)
            #expect(ended == 1 && !signedIn.isEmpty, "what was signed in by the one before has ended")
        }
    }

    @Test func `a pipe will do for a file`() async throws {
        try await withScene { scene in
            let command = (["owner", "create", "Ma Li", "--password-file", "/dev/stdin"] + scene.arguments)
                .map { "'\($0)'" }.joined(separator: " ")
            let program = try programPath("waystation")
            let (end, output) = try await onThread(name: "bash") { () -> Result<(end: ChildProcess.End, output: String), SystemError> in
                do throws(SystemError) {
                    let line = "printf 'correct horse battery\\n' | '\(program)' \(command)"
                    return .success(try ChildProcess.run("/bin/bash", ["-c", line], environment: programEnvironment))
                } catch {
                    return .failure(error)
                }
            }.get().get()
            #expect(end == .status(0), "\(output)")
            #expect(await scene.signIn("Ma Li", "correct horse battery").status == 201)
        }
    }

    @Test(arguments: [
        ("password1", "Everybody tries"), ("short", "at least 8"), ("", "at least 8"), ("Ma Li Ma Li", "the account's name"),
    ])
    func `a password that breaks a rule makes no owner and no token`(password: String, sentence: String) async throws {
        try await withScene { scene in
            let file = try scene.write(password + "\n")
            let (end, output) = try await scene.create("Ma Li", ["--password-file", file])
            #expect(end == .status(1) && !output.contains("wso_") && output.contains(sentence), "\(output)")
            for table in ["account", "account_token", "account_grant", "account_password"] {
                #expect(try await scene.count(table) == 0, "\(table)")
            }
        }
    }

    @Test func `a file that is not there, or is no text, makes no owner and is named`() async throws {
        try await withScene { scene in
            let missing = scene.folder + "/none"
            let (end, output) = try await scene.create("Ma Li", ["--password-file", missing])
            #expect(end == .status(1) && output.contains(missing), "\(output)")
            let path = scene.folder + "/bytes"
            try Data([0xFF, 0xFE, 0x41, 0x0A]).write(to: URL(filePath: path))
            let (refused, text) = try await scene.create("Ma Li", ["--password-file", path])
            #expect(refused == .status(1) && text.contains(path) && text.contains("UTF-8"), "\(text)")
            #expect(try await scene.count("account") == 0)
        }
    }
}
