import FoundationEssentials
import Glibc
import Runtime
import Testing

@testable import AllocationFiles

/// A verifier in Python, written by somebody who had nothing but the description of the audit file, and this program agree on every byte.
struct StrangerTests {
    private static let verifier =
        (0..<3).reduce(URL(filePath: #filePath)) { folder, _ in folder.deletingLastPathComponent() }.path
        + "/.ci/allocation-verifier"

    private func ask(_ arguments: [String]) async throws -> (end: ChildProcess.End, output: String) {
        try await onThread(name: "verifier") {
            Result { () throws(SystemError) in try ChildProcess.run("/usr/bin/env", ["python3", Self.verifier] + arguments) }
        }.get().get()
    }

    @Test(arguments: (0..<12).map { _ in UInt64.random(in: 0...UInt64.max) })
    func `a file that the stranger makes is sound here`(seed: UInt64) async throws {
        let (end, text) = try await ask(["--make", "\(seed)"])
        #expect(end == .status(0))
        let verdict = try AuditFile.verify(SourceFile(name: "audit.txt", bytes: Array(text.utf8)))
        #expect(verdict.isSound, "\(verdict.faults.text(.en))")
    }

    @Test(arguments: (0..<8).map { _ in UInt64.random(in: 0...UInt64.max) })
    func `a file made here is sound to the stranger, and a changed result is not`(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let bytes = try auditBytes(try randomScene(&generator, isLocal: seed % 2 == 0).read())
        let path = "/tmp/waystation-audit-\(getpid())-\(seed).txt"
        defer { unlink(path) }
        try Data(bytes).write(to: URL(filePath: path))
        let (end, output) = try await ask([path])
        #expect(end == .status(0) && output == "sound\n", "\(output)")

        let changed = String(decoding: bytes, as: UTF8.self).replacing(",waiting,", with: ",excluded,", maxReplacements: 1)
        guard changed.utf8.count != bytes.count else { return }
        try Data(changed.utf8).write(to: URL(filePath: path))
        let (refused, reason) = try await ask([path])
        #expect(refused == .status(1) && reason.hasPrefix("line "), "\(reason)")
    }
}
