import Crypto
import FoundationEssentials
import Glibc
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

/// `waystation audit verify`, as an auditor runs it.
struct AuditVerifyTests {
    @Test func `the command tells a sound audit from one whose row was changed or whose tail was cut off`() async throws {
        let folder = "/tmp/waystation-audit-\(getpid())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { for file in ["keys.json", "checkpoints", ""] { remove("\(folder)/\(file)") } }
        try await withDatabase { database in
            let keys = try KeyFile.openOrCreate(path: folder + "/keys.json")
            let registry = Registry(database: database, keys: keys, loops: TestLoops.all)
            let checkpoints = AuditCheckpointFile(path: folder + "/checkpoints")
            for number in 1...20 {
                try await registry.audit.record(
                    "member.created", subject: "member:\(number)", organization: nil, actor: "account:1", in: database)
                guard number % 10 == 0 else { continue }
                while try await registry.auditChains.newestSeal(1)?.lastPosition ?? 0 < Int64(number) {
                    _ = try await registry.auditChains.seal(1)
                }
                try checkpoints.append(try #require(try await registry.auditChains.newestSeal(1)))
            }
            let name: String = try await database.query("select current_database()")[0].decode(0)
            let arguments = [
                "audit", "verify", "--data", folder, "--database", try await TestCluster.shared.connectionString(name),
                "--audit-checkpoints", folder + "/checkpoints",
            ]
            let (sound, words) = try await runProgram("waystation", arguments)
            #expect(sound == .status(0) && words.contains("20 rows sound") && words.contains("rows/s"), "\(words)")
            #expect(words.contains("The audit is sound."))

            _ = try await database.query("update audit_entry set actor = 'account:2' where entry_id = 7")
            let (changed, fault) = try await runProgram("waystation", arguments)
            #expect(changed == .status(1) && fault.contains("position 7, entry 7"), "\(fault)")

            _ = try await database.query("update audit_entry set actor = 'account:1' where entry_id = 7")
            _ = try await database.query("delete from audit_seal where last_position > 10")
            _ = try await database.query("delete from audit_link where position > 10")
            _ = try await database.query("delete from audit_entry where entry_id > 10")
            let (cut, tail) = try await runProgram("waystation", arguments)
            #expect(cut == .status(1) && tail.contains("tail was cut off"), "\(tail)")
            let (missing, text) = try await runProgram("waystation", arguments.dropLast() + [folder + "/none"])
            #expect(missing == .status(1) && text.contains("there is no file"), "\(text)")
        }
    }
}
