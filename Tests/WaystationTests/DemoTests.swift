import FoundationEssentials
import Glibc
import Runtime
import Testing

/// The demo as a newcomer meets it: started, its printed command pasted, stopped, continued, started over.
struct DemoTests {
    private struct Failure: Error { let text: String }

    private func value(_ name: String, in screen: String) throws -> String {
        let line = try #require(screen.split(separator: "\n").first { $0.contains("  \(name) ") })
        return try #require(line.split(separator: " ").dropFirst(name.split(separator: " ").count).first.map(String.init))
    }

    @Test func `the demo's own command opens a door, and starting again continues`() async throws {
        let folder = "/var/tmp/waystation-demo-test-\(getpid())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o711])
        defer { removeFolder(folder) }

        let first = try RunningDemo(folder: folder, [])
        let screen = try await first.screen()
        let lines = screen.split(separator: "\n").map(String.init)
        let start = try #require(lines.firstIndex { $0.hasPrefix("code=") })
        let command = lines[start...start + 1].joined(separator: "\n")
        let (_, answer) = try ChildProcess.run("/bin/bash", ["-c", command])
        #expect(answer.contains("\"open\":true"), "\(command)\n\(answer)")
        try await signIn(first, screen)
        try await claim(lines)
        try school(lines, screen)
        try await watchController(lines, folder: folder)
        #expect(try await first.stop() == .ended(.status(0)))

        let second = try RunningDemo(folder: folder, [])
        let again = try await second.screen()
        #expect(try value("Owner token", in: again) == value("Owner token", in: screen))
        #expect(!again.contains("Making up members"))
        // Killed, not stopped: the next start finds the orphaned PostgreSQL.
        second.process.send(SIGKILL)

        let third = try RunningDemo(folder: folder, ["--fresh", "--storm"])
        let fresh = try await third.screen()
        #expect(try value("Owner token", in: fresh) != value("Owner token", in: screen))
        #expect(fresh.contains("Making up members"))
        let storm = try await third.screen(with: "The ledger balances.")
        #expect(storm.contains("  75 won, 225 came too late, 0 without an answer"), "\(storm)")
        #expect(try await third.stop() == .ended(.status(0)))

        // Nothing of the life before is left that its audit could be held against.
        let program = try programPath("waystation")
        let (end, said) = try await onThread(name: "verify") { () -> Result<(end: ChildProcess.End, output: String), SystemError> in
            Result { () throws(SystemError) in
                try ChildProcess.run(program, ["audit", "verify", "--data", folder + "/data"], environment: programEnvironment)
            }
        }.get().get()
        #expect(end == .status(0), "\(said)")
    }

    /// The term is there, the waitlists moved, and what the screen shows of it answers.
    private func school(_ lines: [String], _ screen: String) throws {
        #expect(screen.contains("108 courses, 774 lessons. 600 asked for a seat"), "\(screen)")
        let freed = try #require(lines.first { $0.contains("gave a seat up") })
        #expect(!freed.contains(" 0 who waited"), "\(freed)")
        for (part, expected) in [("/figures?by=category", "\"lessons\""), ("/why", "school.why_waits"), ("calendar.ics", "BEGIN:VEVENT")] {
            let command = try #require(lines.first { $0.hasPrefix("curl") && $0.contains(part) }, "\(part)")
            let (_, answer) = try ChildProcess.run("/bin/bash", ["-c", command], environment: programEnvironment)
            #expect(answer.contains(expected), "\(command)\n\(answer)")
        }
    }

    private struct Person: Decodable { let phone: String }

    /// What the server answers to a body.
    private func ask(_ address: String, _ body: String, _ more: String = "") throws -> String {
        let command = "curl -s \(address) \(more) -H 'Content-Type: application/json' -d '\(body)'"
        return try ChildProcess.run("/bin/bash", ["-c", command], environment: programEnvironment).output
    }

    /// Signs a member in by the code that a phone would be sent, and which the demo shows.
    private func signIn(_ demo: RunningDemo, _ screen: String) async throws {
        let address = try value("API", in: screen)
        let owner = try value("Owner token", in: screen)
        let reason = #"{"reason":"演示会员登录"}"#
        let shown = try ask(address + "/v1/members/1/unmask", reason, "-H 'Authorization: Bearer \(owner)'")
        let phone = try JSONDecoder().decode(Person.self, from: Data(shown.utf8)).phone
        _ = try ask(address + "/v1/member-sessions/codes", #"{"phone":"\#(phone)"}"#)
        while !demo.text.contains("验证码 ") {
            let ended = try await onThread(name: "demo") { demo.process.wait(timeout: .milliseconds(50)) }.get()
            guard case .timedOut = ended else { throw Failure(text: "\(ended): \(demo.text)") }
        }
        let code = try #require(demo.text.components(separatedBy: "验证码 ").last?.prefix(6))
        let session = try ask(address + "/v1/member-sessions", #"{"phone":"\#(phone)","code":"\#(code)"}"#)
        #expect(session.contains("\"token\":\"wsm_"), "\(session)")
        // The screen offers it for the worker's page; the log of messages does not add to that.
        let times = { (text: String) in text.components(separatedBy: phone).count }
        #expect(times(demo.text) == times(screen), "the number itself stays masked")
    }

    /// Pastes what a member's phone does about coupons.
    private func claim(_ lines: [String]) async throws {
        let start = try #require(lines.firstIndex { $0.contains("/v1/me/coupon-rounds") })
        let (_, said) = try ChildProcess.run("/bin/bash", ["-c", lines[start...start + 3].joined(separator: "\n")])
        for words in [#""phase":"open""#, #""phase":"not_open""#, #""phase":"ended""#, #""result":"won""#, #""state":"claimed""#] {
            #expect(said.contains(words), "\(words): \(said)")
        }
    }

    /// Starts the controller by the screen's own command, shows it a code with and without network, and waits for what it says.
    private func watchController(_ lines: [String], folder: String) async throws {
        let start = try #require(lines.first { $0.contains(" door --rehearse") })
        let show = try #require(lines.first { $0.hasPrefix("curl ") && $0.hasSuffix("/scanner") })
        let screen = folder + "/door.txt"
        let descriptor = open(screen, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        defer { close(descriptor) }
        let controller = try ChildProcess.start(
            "/bin/bash", ["-c", "exec " + start], environment: programEnvironment, output: descriptor, errors: descriptor)
        func said(_ count: Int, _ text: String) async throws {
            while true {
                let all = String(decoding: FileManager.default.contents(atPath: screen) ?? Data(), as: UTF8.self)
                if all.components(separatedBy: text).count > count { return }
                let ended = try await onThread(name: "door") { controller.wait(timeout: .milliseconds(50)) }.get()
                guard case .timedOut = ended else { throw Failure(text: "\(ended): \(all)") }
            }
        }
        func paste(_ command: String) async throws {
            let outcome = try await onThread(name: "paste") { () -> Result<ChildProcess.End, SystemError> in
                do throws(SystemError) {
                    return .success(try ChildProcess.run("/bin/bash", ["-c", command], environment: programEnvironment).end)
                } catch {
                    return .failure(error)
                }
            }.get().get()
            #expect(outcome == .status(0), "\(command)")
        }
        try await said(1, "door.ready")
        try await paste(show)
        try await said(1, "\"open\":true")
        try await paste(try #require(lines.first { $0.hasPrefix("echo '#offline'") }))
        try await paste(show)
        try await said(2, "\"open\":true")
        try await paste(try #require(lines.first { $0.hasPrefix("echo '#online'") }))
        try await said(1, "network.back")
        controller.send(SIGTERM)
        _ = try await onThread(name: "door") { controller.wait(timeout: .seconds(30)) }.get()
    }

    private func removeFolder(_ folder: String) {
        do { try FileManager.default.removeItem(atPath: folder) } catch { Issue.record("\(folder) stays behind: \(error)") }
    }
}
