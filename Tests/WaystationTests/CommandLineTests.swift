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

    @Test func `progress shows rate and remaining time`() {
        let line = ProgressBar.line("Importing", unit: "rows", fraction: 0.25, count: 250_000, elapsed: .seconds(5))
        #expect(line.contains("25 %") && line.contains("250 000 rows") && line.contains("50 000/s") && line.contains("0:15 left"))
    }
}
