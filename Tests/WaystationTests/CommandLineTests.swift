import Crypto
import FoundationEssentials
import Glibc
import Runtime
import Testing

@testable import waystation

struct CommandLineTests {
    @Test func `it says which version it is`() async throws {
        let (end, output) = try await runProgram("waystation", ["--version"])
        #expect(end == .status(0) && output.hasPrefix("waystation "))
    }

    @Test func `help names every command and every setting with its variable`() {
        for command in Command.all {
            #expect(Help.text.contains(command.name), "\(command.name)")
            let own = Help.text(for: command)
            for option in command.options {
                #expect(own.contains("--\(option.name)") && own.contains(option.environmentName), "\(command.name) --\(option.name)")
                #expect(!option.help.isEmpty)
            }
        }
        for option in Settings.database + Settings.server {
            #expect(Help.text.contains("--\(option.name) ") && Help.text.contains(option.environmentName), "--\(option.name)")
        }
    }

    @Test func `help fits a terminal`() {
        for line in Help.text.split(separator: "\n") { #expect(line.count <= 140, "\(line)") }
    }

    @Test func `an unknown command ends with status 2 and a suggestion`() async throws {
        let (end, output) = try await runProgram("waystation", ["serv"])
        #expect(end == .status(2))
        #expect(output.contains("did you mean serve?"))
    }

    @Test func `an unknown setting ends with status 2 and a suggestion`() async throws {
        let (end, output) = try await runProgram("waystation", ["serve", "--prot", "80"])
        #expect(end == .status(2))
        #expect(output.contains("--port"))
    }

    @Test func `migrate --check tells what is missing, migrate mends it, and a file of members goes in`() async throws {
        let folder = "/var/tmp/waystation-migrate-test-\(getpid())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o711])
        let data = ["--data", folder + "/data"]
        let (before, missing) = try await runProgram("waystation", ["migrate", "--check"] + data)
        #expect(before == .status(1) && missing.contains("pending  migrations/0001_"), "\(missing)")
        let (migrated, applied) = try await runProgram("waystation", ["migrate"] + data)
        #expect(migrated == .status(0) && applied.contains("applied  migrations/0001_"), "\(applied)")
        let (after, text) = try await runProgram("waystation", ["migrate", "--check"] + data)
        #expect(after == .status(0) && text.contains("up to date"), "\(text)")

        let (made, token) = try await runProgram("waystation", ["owner", "create", "Ma Li"] + data)
        #expect(made == .status(0) && token.contains("wso_"), "\(token)")
        // A key file that is lost or another's is noticed, not replaced.
        let keys = folder + "/data/keys.json"
        try FileManager.default.moveItem(atPath: keys, toPath: folder + "/kept.json")
        let (lost, lostText) = try await runProgram("waystation", ["owner", "create", "Ma Li"] + data)
        #expect(lost == .status(1) && lostText.contains("--keys") && !FileManager.default.fileExists(atPath: keys), "\(lostText)")
        _ = try KeyFile.create(path: keys)
        let (foreign, foreignText) = try await runProgram("waystation", ["owner", "create", "Ma Li"] + data)
        #expect(foreign == .status(1) && foreignText.contains("another key file"), "\(foreignText)")
        try FileManager.default.removeItem(atPath: keys)
        try FileManager.default.moveItem(atPath: folder + "/kept.json", toPath: keys)

        let file = folder + "/members.csv"
        let rows = "name,nationalId,phone,workerKind,employmentForm\n=CMD,11010519491231002X,13800138000,courier,platform\n"
        try Data(rows.utf8).write(to: URL(filePath: file))
        let (imported, summary) = try await runProgram("waystation", ["members", "import", file] + data)
        #expect(imported == .status(0) && summary.contains("1 rows: 0 new, 0 updated, 0 unchanged, 1 refused"), "\(summary)")
        let rejections = String(decoding: try #require(FileManager.default.contents(atPath: file + ".rejections.csv")), as: UTF8.self)
        #expect(rejections.contains("member.name_characters") && !rejections.contains("11010519491231002X"), "\(rejections)")
        try FileManager.default.removeItem(atPath: folder)
    }

    @Test func `a server that waits for its database can be stopped`() async throws {
        let said = "/tmp/waystation-waits-\(UInt64.random(in: 0 ... .max))"
        let log = open(said, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
        defer {
            close(log)
            unlink(said)
        }
        let process = try ChildProcess.start(
            try programPath("waystation"), ["serve", "--port", "0", "--database", "host=127.0.0.1 port=1 dbname=nowhere user=nobody"],
            environment: programEnvironment, errors: log)
        while FileManager.default.contents(atPath: said)?.isEmpty != false { try await Task.sleep(for: .milliseconds(20)) }
        process.send(SIGTERM)
        let end = try await onThread(name: "wait") { process.wait(timeout: .seconds(180)) }.get()
        #expect(end == .ended(.status(1)))
    }

    @Test func `who names the family of a command is told its members`() async throws {
        for arguments in [["owner"], ["help", "events"], ["jobs", "foo"]] {
            let (end, output) = try await runProgram("waystation", arguments)
            let family = ["owner": "owner create", "events": "events export", "foo": "jobs show"][arguments.last ?? ""] ?? ""
            #expect(end == .status(2) && output.contains(family), "\(output)")
        }
        let (end, output) = try await runProgram("waystation-door", ["--help"])
        #expect(end == .status(0) && output.contains("--server") && output.contains("WAYSTATION_"), "\(output)")
    }

    @Test func `progress shows rate and remaining time`() {
        let line = ProgressBar.line("Importing", unit: "rows", fraction: 0.25, count: 250_000, elapsed: .seconds(5))
        #expect(line.contains("25 %") && line.contains("250 000 rows") && line.contains("50 000/s") && line.contains("0:15 left"))
    }
}
