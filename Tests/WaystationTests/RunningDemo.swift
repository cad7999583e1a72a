import FoundationEssentials
import Glibc
import Runtime

/// A demo that runs in a folder of its own, and what it has written so far.
final class RunningDemo: Sendable {
    let process: ChildProcess
    private let output: String

    private struct Failure: Error { let text: String }

    init(folder: String, _ arguments: [String] = []) throws {
        output = folder + "/screen.txt"
        let descriptor = open(output, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        defer { close(descriptor) }
        process = try ChildProcess.start(
            try programPath("waystation"),
            ["demo", "--data", folder + "/data", "--members", "300", "--applicants", "200", "--port", "0"] + arguments,
            environment: programEnvironment,
            output: descriptor, errors: descriptor)
    }

    var text: String { String(decoding: FileManager.default.contents(atPath: output) ?? Data(), as: UTF8.self) }

    /// Waits for the last line of the screen.
    func screen() async throws -> String { try await screen(with: "Ctrl-C stops") }

    /// Waits until these words are there; fails when the program ends before.
    func screen(with words: String) async throws -> String {
        while !text.contains(words) {
            let ended = try await onThread(name: "demo") { [process] in process.wait(timeout: .milliseconds(50)) }.get()
            guard case .timedOut = ended else { throw Failure(text: "\(ended): \(text)") }
        }
        return text
    }

    func stop() async throws -> ChildProcess.Waited {
        process.send(SIGTERM)
        return try await onThread(name: "demo") { [process] in process.wait(timeout: .seconds(180)) }.get()
    }
}
