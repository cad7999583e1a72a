import Crypto
import FoundationEssentials
import Glibc
import HTTP
import Postgres
import Runtime
import Scheduler
import TestSupport
import Testing

@testable import Registry

/// The chain in PostgreSQL: sealed by the job, changed by hand, checked.
@Suite struct AuditSealingTests {
    private func record(_ scene: RegistryScene, _ count: Int, in querying: (any Querying)? = nil) async throws {
        for number in 0..<count {
            try await scene.registry.audit.record(
                "member.created", subject: "member:\(number)", organization: scene.organization.id, details: ["n": "\(number)"],
                actor: "job:test", in: querying ?? scene.database)
        }
    }

    /// Seals until the chain has `count` links: what runs in other databases of the cluster holds the horizon back too.
    @discardableResult
    private func seal(_ scene: RegistryScene, upTo count: Int64, batchMax: Int = 1_000) async throws -> AuditSeal {
        while true {
            if let seal = try await scene.registry.auditChains.newestSeal(1), seal.lastPosition >= count { return seal }
            _ = try await scene.registry.auditChains.seal(1, batchMax: batchMax)
        }
    }

    private func fault(_ scene: RegistryScene, _ checkpoints: [AuditSeal] = []) async throws -> AuditFault? {
        try await scene.registry.auditChains.verify(checkpoints: checkpoints).fault
    }

    @Test func `entries are sealed in batches, in order, once, and only those of ended transactions`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let chains = scene.registry.auditChains
            #expect(try await chains.seal(1) == nil)
            try await record(scene, 25)
            let open = Task {
                try await database.transaction { transaction in
                    try await self.record(scene, 1, in: transaction)
                    try await self.seal(scene, upTo: 25, batchMax: 10)
                    #expect(try await chains.seals(1, before: nil, limit: 100, in: database).count >= 3)
                    #expect(try await chains.seal(1) == nil, "the open transaction's entry waits")
                    let verdict = try await chains.verify(checkpoints: [])
                    #expect(verdict.fault == nil && verdict.links == 25)
                }
            }
            try await open.value
            let last = try await seal(scene, upTo: 26)
            #expect(last.firstPosition == 26 && last.lastPosition == 26)
            let verdict = try await chains.verify(checkpoints: [last])
            #expect(verdict.fault == nil && verdict.links == 26 && verdict.waiting == 0)
        }
    }

    @Test func `two who seal at once make one chain`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let chains = scene.registry.auditChains
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask { try await self.record(scene, 30) }
                    group.addTask { for _ in 0..<10 { _ = try await chains.seal(1, batchMax: 7) } }
                }
                try await group.waitForAll()
            }
            try await seal(scene, upTo: 120)
            let verdict = try await chains.verify(checkpoints: [])
            #expect(verdict.fault == nil && verdict.links == 120 && verdict.waiting == 0)
        }
    }

    @Test(arguments: SeededGenerator.seeds(1))
    func `whatever is changed in the tables by hand is found`(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let chains = scene.registry.auditChains
            var checkpoints: [AuditSeal] = []
            for batch in 1...5 {
                try await record(scene, 6)
                checkpoints.append(try await seal(scene, upTo: Int64(batch * 6)))
            }
            // Which of a batch's seals there are hangs on what else runs; the last of each six is there.
            #expect(checkpoints.map(\.lastPosition) == [6, 12, 18, 24, 30])
            #expect(try await fault(scene, checkpoints) == nil)
            // As somebody who owns the tables can.
            _ = try await database.query("alter table audit_link drop constraint audit_link_entry_exists")
            _ = try await database.query("alter table audit_seal drop constraint audit_seal_link_exists")
            let kinds: [(String, (Int) -> String)] = [
                ("flip", { "update audit_entry set actor = 'account:9' where entry_id = \($0)" }),
                ("re-date", { "update audit_entry set occurred_at = occurred_at + interval '1 microsecond' where entry_id = \($0)" }),
                ("details", { "update audit_entry set details = details || ' ' where entry_id = \($0)" }),
                ("organization", { "update audit_entry set organization_id = null where entry_id = \($0)" }),
                ("transaction", { "update audit_entry set transaction_id = '3' where entry_id = \($0)" }),
                ("move to another chain", { "update audit_entry set chain_id = 2 where entry_id = \($0)" }),
                ("delete the entry", { "delete from audit_entry where entry_id = \($0)" }),
                ("delete the link", { "delete from audit_link where entry_id = \($0)" }),
                ("re-number", { "update audit_link set position = 1000 where entry_id = \($0)" }),
                ("hash", { "update audit_link set hash = sha256(hash) where entry_id = \($0)" }),
                ("swap", { "update audit_entry set subject = 'member:' || (entry_id * 7) where entry_id in (\($0), \($0 % 30 + 1))" }),
                (
                    "insert",
                    { _ in "insert into audit_entry (transaction_id, actor, action, subject, details) values ('5', 'a', 'b', 'c', '{}')" }
                ),
                (
                    "insert into a chain nobody seals",
                    { _ in "insert into audit_entry (chain_id, actor, action, subject, details) values (9, 'a', 'b', 'c', '{}')" }
                ),
                ("cut", { "delete from audit_link where position > \($0 - 1)" }),
                (
                    "cut with the seals",
                    {
                        """
                        with seals as (delete from audit_seal where last_position >= \($0)),
                            links as (delete from audit_link where position >= \($0) returning entry_id)
                        delete from audit_entry where entry_id in (select entry_id from links)
                        """
                    }
                ),
                ("seal", { "delete from audit_seal where last_position = \(($0 + 5) / 6 * 6)" }),
                ("sign", { "update audit_seal set signature = sha512(signature) where last_position = \(($0 + 5) / 6 * 6)" }),
            ]
            for round in 0..<4 {
                for (what, statement) in kinds {
                    let entry = Int.random(in: 1...30, using: &generator)
                    struct Undo: Error {}
                    do {
                        try await database.transaction { transaction in
                            _ = try await transaction.query(SQL(raw: statement(entry)))
                            let verdict = try await chains.verify(checkpoints: checkpoints, in: transaction)
                            #expect(verdict.fault != nil, "\(what), entry \(entry), round \(round), seed \(seed)")
                            throw Undo()
                        }
                    } catch TransactionError<any Error>.aborted(is Undo) {
                        continue
                    }
                }
            }
            #expect(try await fault(scene, checkpoints) == nil, "all of it was undone")
            #expect(
                try await AuditChainStore(database: database, key: AuditSeal.key(.random())).verify(checkpoints: []).fault?.reason
                    == .sealForged)
        }
    }

    @Test func `a database restored elsewhere goes on where it was`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let chains = scene.registry.auditChains
            try await record(scene, 3)
            try await seal(scene, upTo: 3)
            // The dump of a cluster far ahead: its horizon, and an entry that had no seal yet.
            try await record(scene, 1)
            _ = try await database.query("update audit_chain set horizon = '99000000'")
            _ = try await database.query("update audit_entry set transaction_id = '98000000' where entry_id = 4")
            try await record(scene, 2)
            try await seal(scene, upTo: 6)
            let verdict = try await chains.verify(checkpoints: [])
            #expect(verdict.fault == nil && verdict.links == 6 && verdict.waiting == 0)
        }
    }

    @Test func `each seal reaches the second sink, also after a crash between the two`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let chains = scene.registry.auditChains
            let path = "/tmp/waystation-checkpoints-\(UUID().uuidString)"
            defer { unlink(path) }
            func sealing() -> AuditSealing { AuditSealing(chains, checkpoints: AuditCheckpointFile(path: path)) }
            let first = sealing()
            #expect(AuditCheckpointFile.read(path) == nil)
            _ = try await first.job.run()
            var places: [Int64] { AuditCheckpointFile.read(path)?.checkpoints.map(\.lastPosition) ?? [] }
            for batch in 1...3 {
                try await record(scene, 2)
                while places.last != Int64(batch * 2) { _ = try await first.job.run() }
                _ = try await first.job.run()
            }
            #expect(Set([2, 4, 6]).isSubset(of: places) && places == places.sorted())
            // Sealed, and killed before the file was told; the last line was cut by the same power cut.
            try await record(scene, 1)
            let seal = try await self.seal(scene, upTo: 7)
            let lines = try #require(AuditCheckpointFile.read(path)).checkpoints.map(\.line)
            truncate(path, off_t(lines.reduce(0) { $0 + $1.utf8.count + 1 } - 20))
            _ = try await sealing().job.run()
            let read = try #require(AuditCheckpointFile.read(path))
            #expect(read.checkpoints.map(\.line) == lines.dropLast() + [seal.line] && read.damagedLines == [lines.count])
            #expect(try await fault(scene, read.checkpoints) == nil)
        }
    }

    @Test func `auditors find entries by subject, actor, action and time, within their subtree, with the seal`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            try await record(scene, 5)
            try await scene.registry.audit.record(
                "device.revoked", subject: "device:1", organization: nil, actor: "account:7", in: database)
            let newest = try await seal(scene, upTo: 6)
            func get(_ query: String, bearer: String? = nil) async throws -> AuditEntryList {
                let response = await scene.client.send(.get, "/v1/audit-entries\(query)", bearer: bearer ?? scene.owner)
                #expect(response.status == 200 && response.undeclared == nil, "\(response.text)")
                return try response.json(AuditEntryList.self)
            }
            #expect(try await get("").items.map(\.subject) == ["device:1", "member:4", "member:3", "member:2", "member:1", "member:0"])
            let page = try await get("?limit=2")
            #expect(page.items.count == 2 && page.items[0].position == 6)
            #expect(try await get("?limit=2&after=\(page.next ?? "")").items.map(\.subject) == ["member:3", "member:2"])
            #expect(try await get("?subject=member:3").items.map(\.details) == [["n": "3"]])
            #expect(try await get("?actor=account:7").items.count == 1)
            #expect(try await get("?action=member.created").items.count == 5)
            #expect(try await get("?until=2020-01-01T00:00:00Z").items.isEmpty)
            #expect(try await get("?from=2020-01-01T00:00:00Z").items.count == 6)
            let one = await scene.client.send(.get, "/v1/audit-entries/3", bearer: scene.owner)
            #expect(one.undeclared == nil)
            let entry = try one.json(AuditEntryAnswer.self)
            #expect(entry.seal.map { ($0.firstPosition...$0.lastPosition).contains(3) } == true && entry.hash?.utf8.count == 64)
            let seals = await scene.client.send(.get, "/v1/audit-seals", bearer: scene.owner)
            #expect(seals.undeclared == nil)
            #expect(try seals.json(AuditSealList.self).items.first?.line == newest.line)
            #expect(
                await scene.client.send(.get, "/v1/audit-entries/99", bearer: scene.owner).problemCode == "registry.audit_entry_not_found")
            #expect(await scene.client.send(.get, "/v1/audit-entries?from=yesterday", bearer: scene.owner).status == 422)
        }
    }

    @Test func `a digest is the same for one person, and another for each key file and each kind`() throws {
        let (keys, id) = (Keys.random(), try NationalID("11010519491231002X"))
        #expect(AuditDigest(keys)(id) == AuditDigest(keys)(id) && AuditDigest(keys)(id).utf8.count == 32)
        #expect(AuditDigest(keys)(id) != AuditDigest(.random())(id))
        #expect(AuditDigest(keys)(try PhoneNumber("13800138000")) != AuditDigest(keys)(try PhoneNumber("13800138001")))
    }
}
