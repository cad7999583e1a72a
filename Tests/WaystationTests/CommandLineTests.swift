import FoundationEssentials
import Glibc
import Runtime
import Testing

@testable import waystation

struct CommandLineTests {
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
        let file = folder + "/members.csv"
        let rows = "name,nationalId,phone,workerKind,employmentForm\n=CMD,11010519491231002X,13800138000,courier,platform\n"
        try Data(rows.utf8).write(to: URL(filePath: file))
        let (imported, summary) = try await runProgram("waystation", ["members", "import", file] + data)
        #expect(imported == .status(0) && summary.contains("1 rows: 0 new, 0 updated, 0 unchanged, 1 refused"), "\(summary)")
        let rejections = String(decoding: try #require(FileManager.default.contents(atPath: file + ".rejections.csv")), as: UTF8.self)
        #expect(rejections.contains("member.name_characters") && !rejections.contains("11010519491231002X"), "\(rejections)")
        try FileManager.default.removeItem(atPath: folder)
    }

    @Test func `progress shows rate and remaining time`() {
        let line = ProgressBar.line("Importing", unit: "rows", fraction: 0.25, count: 250_000, elapsed: .seconds(5))
        #expect(line.contains("25 %") && line.contains("250 000 rows") && line.contains("50 000/s") && line.contains("0:15 left"))
    }
}
