import Crypto
import FoundationEssentials
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

/// `waystation keys rotate`, as an operator runs it.
struct KeysCommandTests {
    @Test func `keys are rotated in three calls, or in one while nobody is connected`() async throws {
        let folder = "/tmp/waystation-keys-\(UInt64.random(in: 0 ... .max))"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer {
            do { try FileManager.default.removeItem(atPath: folder) } catch { Issue.record("\(folder) stays: \(error)") }
        }
        try await withDatabase { database in
            let keys = try KeyFile.create(path: folder + "/keys.json")
            #expect(try await KeyFingerprintStore(database).check(keys) == .accepted)
            let name: String = try await database.query("select current_database()::text")[0].decode(0)
            let arguments = [
                "keys", "rotate", "--data", folder, "--database", try await TestCluster.shared.connectionString(name),
            ]
            let (refused, words) = try await runProgram("waystation", arguments + ["--servers-stopped"])
            #expect(refused == .status(1) && words.contains("something else is connected"), "\(words)")
            for sentence in ["not in force yet. Copy the key file", "is in force. Copy the key file", "destroy every older copy"] {
                let (end, output) = try await runProgram("waystation", arguments)
                #expect(end == .status(0) && output.contains(sentence), "\(output)")
            }
            let after = try KeyFile.open(path: folder + "/keys.json")
            #expect(after.masterKeys.keys.sorted() == [2] && after.currentMasterKeyID == 2)

            try KeyFile.replace(path: folder + "/keys.json", with: keys)
            let (old, text) = try await runProgram("waystation", arguments)
            #expect(old == .status(1) && text.contains("lacks master key 2"), "\(text)")
        }
    }
}
