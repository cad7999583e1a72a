import FoundationEssentials
import Glibc
import Runtime
import Testing

/// `waystation serve` as a process of its own over a database of the tests, at a time of the caller's choosing.
final class RunningServer: Sendable {
    let process: ChildProcess
    let port: Int
    private let log: String

    private struct Failure: Error { let text: String }

    /// Starts it and waits until it serves.
    /// - Parameter days: how far its clock is set ahead.
    init(_ connectionString: String, folder: String, days: Int = 0, _ more: [String] = []) async throws {
        let log = folder + "/server-\(UInt64.random(in: 0 ... .max)).log"
        let descriptor = open(log, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        defer { close(descriptor) }
        let process = try ChildProcess.start(
            try programPath("waystation"),
            [
                "serve", "--database", connectionString, "--keys", folder + "/keys.json", "--data", folder, "--port", "0",
                "--clock-offset", String(days * 86_400), "--log-format", "text", "--loops", "1",
            ] + more, environment: programEnvironment, output: descriptor, errors: descriptor)
        self.process = process
        self.log = log
        var found: Int?
        while found == nil {
            let text = String(decoding: FileManager.default.contents(atPath: log) ?? Data(), as: UTF8.self)
            found = text.components(separatedBy: " serving ").dropFirst().first?.components(separatedBy: "port=").dropFirst().first
                .flatMap { Int($0.prefix { $0.isNumber }) }
            guard found == nil else { break }
            let ended = try await onThread(name: "serve") { process.wait(timeout: .milliseconds(20)) }.get()
            guard case .timedOut = ended else { throw Failure(text: "\(ended): \(text)") }
        }
        port = found ?? 0
    }

    var text: String { String(decoding: FileManager.default.contents(atPath: log) ?? Data(), as: UTF8.self) }

    func stop() async throws {
        process.send(SIGTERM)
        let ended = try await onThread(name: "serve") { [process] in process.wait(timeout: .seconds(180)) }.get()
        #expect(ended == .ended(.status(0)), "\(text)")
    }

    /// Asks by curl; the status stands behind the body.
    func ask(_ method: String, _ path: String, _ body: String? = nil, bearer: String) async throws -> (status: Int, body: String) {
        var arguments = [
            "-s", "-X", method, "-w", "\n%{http_code}", "http://127.0.0.1:\(port)\(path)", "-H", "Authorization: Bearer \(bearer)",
        ]
        if let body { arguments += ["-H", "Content-Type: application/json", "-d", body] }
        let given = arguments
        let output = try await onThread(name: "curl") { () -> Result<String, SystemError> in
            Result { () throws(SystemError) in
                try ChildProcess.run("/usr/bin/curl", given, environment: ChildProcess.plainEnvironment).output
            }
        }.get().get()
        let lines = output.split(separator: "\n", omittingEmptySubsequences: false)
        return (lines.last.flatMap { Int($0) } ?? 0, lines.dropLast().joined(separator: "\n"))
    }
}
