import Crypto
import Postgres
import Runtime
import TestSupport
import Testing

@testable import Registry

/// The verifier alone: values in, the first fault out.
@Suite struct AuditChainTests {
    /// A chain of made-up entries, sealed in batches of one to nine.
    struct Chain {
        var rows: [AuditChain.Row] = []
        var seals: [AuditSeal] = []
        var checkpoints: [AuditSeal] = []

        init(count: Int, key: SigningKey, _ generator: inout SeededGenerator) {
            var hash = AuditEntry.origin(of: 1)
            var batchStart: Int64 = 1
            for position in 1...Int64(count) {
                let entry = AuditEntry(
                    id: ID(position + 100), chainID: 1, transactionID: 1_000 + position,
                    occurredAt: Timestamp(
                        microseconds: 1_790_000_000_000_000 + position * 1_000_000 + .random(in: 0..<9, using: &generator)),
                    actor: "account:\(Int.random(in: 1...3, using: &generator))",
                    action: ["member.created", "device.revoked"].randomElement(using: &generator) ?? "",
                    subject: "member:\(Int.random(in: 1...5, using: &generator))",
                    organizationID: generator.chance(50) ? ID(Int64.random(in: 1...3, using: &generator)) : nil,
                    requestID: generator.chance(50) ? "r\(position)" : nil, details: generator.chance(50) ? "{}" : "{\"n\":\"\(position)\"}"
                )
                hash = entry.hash(at: position, after: hash)
                rows.append(AuditChain.Row(position: position, entryID: entry.id, hash: hash, entry: entry))
                guard position == Int64(count) || position - batchStart == 8 || generator.chance(20) else { continue }
                let seal = AuditSeal(
                    chainID: 1, firstPosition: batchStart, lastPosition: position, lastHash: hash, horizon: 1_001 + position,
                    sealedAtMicroseconds: entry.occurredAt.microseconds + 1_000_000
                ).signed(by: key)
                seals.append(seal)
                checkpoints.append(seal)
                batchStart = position + 1
            }
        }

        func verify(_ key: PublicKey, unlinked: [AuditEntry] = []) -> AuditFault? {
            AuditChain.verify(1, rows: rows, seals: seals, checkpoints: checkpoints, unlinked: unlinked, key: key)
        }

        /// Every hash from `start` on anew, as somebody does who knows how the chain is made.
        mutating func rehash(from start: Int) {
            var hash = start == 0 ? AuditEntry.origin(of: 1) : rows[start - 1].hash
            for index in start..<rows.count {
                guard let entry = rows[index].entry else { return }
                hash = entry.hash(at: rows[index].position, after: hash)
                rows[index].hash = hash
            }
        }
    }

    private static func key(_ generator: inout SeededGenerator) throws -> SigningKey { try SigningKey(seed: generator.bytes(32)) }

    private static func flip(_ entry: inout AuditEntry, _ generator: inout SeededGenerator) {
        switch Int.random(in: 0..<9, using: &generator) {
        case 0: entry.actor += "0"
        case 1: entry.action = "member.read"
        case 2: entry.subject = String(entry.subject.dropLast())
        case 3: entry.organizationID = entry.organizationID == nil ? ID(1) : nil
        case 4: entry.requestID = entry.requestID == nil ? "" : nil
        case 5: entry.details += " "
        case 6: entry.transactionID += 1
        case 7: entry.chainID = 2
        default:
            entry.occurredAt = Timestamp(microseconds: entry.occurredAt.microseconds ^ 1 << Int64.random(in: 0..<40, using: &generator))
        }
    }

    /// Changes a sound chain somehow.
    /// - Returns: what was done, and the first bad place where it can be told.
    private static func mutate(_ chain: inout Chain, _ generator: inout SeededGenerator) throws -> (what: String, position: Int64?) {
        let count = chain.rows.count
        let index = Int.random(in: 0..<count, using: &generator)
        let position = Int64(index + 1)
        switch Int.random(in: 0..<15, using: &generator) {
        case 0:
            guard var entry = chain.rows[index].entry else { return ("nothing", nil) }
            flip(&entry, &generator)
            chain.rows[index].entry = entry
            return ("flip", position)
        case 1:
            chain.rows[index].hash[Int.random(in: 0..<32, using: &generator)] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            return ("flip a hash", position)
        case 2:
            chain.rows.remove(at: index)
            return ("delete", position)
        case 3:
            chain.rows[index].entry = nil
            return ("delete an entry", position)
        case 4:
            let other = (index + Int.random(in: 1..<count, using: &generator)) % count
            (chain.rows[index].entry, chain.rows[other].entry) = (chain.rows[other].entry, chain.rows[index].entry)
            return ("swap entries", min(position, Int64(other + 1)))
        case 5:
            let other = (index + Int.random(in: 1..<count, using: &generator)) % count
            let (left, right) = (chain.rows[index], chain.rows[other])
            (chain.rows[index], chain.rows[other]) = (right, left)
            (chain.rows[index].position, chain.rows[other].position) = (left.position, right.position)
            return ("swap links", min(position, Int64(other + 1)))
        case 6:
            var row = chain.rows[index]
            row.entryID = ID(9_999)
            row.entry?.id = ID(9_999)
            chain.rows.insert(row, at: index)
            for later in index..<chain.rows.count { chain.rows[later].position = Int64(later + 1) }
            if generator.chance(50) { chain.rehash(from: index) }
            return ("insert", nil)
        case 7:
            chain.rows.removeLast(count - index)
            return ("cut", position)
        case 8:
            chain.rows.removeLast(count - index)
            chain.seals.removeAll { $0.lastPosition > Int64(index) }
            return ("cut with the seals", nil)
        case 9:
            chain.rows[index].entry?.occurredAt = Timestamp(microseconds: .random(in: 0..<4_000_000_000_000_000, using: &generator))
            return ("re-date", position)
        case 10:
            chain.rows[index].position += generator.chance(50) ? 1 : -1
            return ("re-number", position)
        case 11:
            chain.rows.remove(at: index)
            for later in index..<chain.rows.count { chain.rows[later].position = Int64(later + 1) }
            chain.rehash(from: index)
            return ("delete and hash anew", nil)
        case 12:
            chain.rows[index].entry?.subject += "9"
            chain.rehash(from: index)
            return ("change and hash anew", chain.seals.first { $0.lastPosition >= position }?.firstPosition)
        case 13:
            let seal = Int.random(in: 0..<chain.seals.count, using: &generator)
            let start = chain.seals[seal].firstPosition
            if generator.chance(50) {
                chain.seals.remove(at: seal)
                return ("delete a seal", start)
            }
            let changed = Int.random(in: 0..<3, using: &generator)
            if changed == 0 { chain.seals[seal].signature[Int.random(in: 0..<64, using: &generator)] ^= 4 }
            if changed == 1 { chain.seals[seal].sealedAtMicroseconds += 1 }
            if changed == 2 { chain.seals[seal].horizon -= 1 }
            return ("change a seal", chain.seals[seal].lastPosition)
        default:
            // All of it made anew, soundly, under a key that is not ours.
            var rewritten = Chain(count: count, key: try key(&generator), &generator)
            rewritten.checkpoints = generator.chance(50) ? chain.checkpoints : []
            chain = rewritten
            // The first thing that speaks against it: a seal, or a checkpoint of the chain that was.
            // One that names a row which came out the same does not.
            let speaking = chain.checkpoints.filter { $0.lastHash != chain.rows[Int($0.lastPosition) - 1].hash }
            return ("another key", (chain.seals + speaking).map(\.lastPosition).min())
        }
    }

    @Test(arguments: SeededGenerator.seeds(10))
    func `of ten thousand random changes every one is found, and the first bad row named`(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let key = try Self.key(&generator)
        let chain = Chain(count: 24, key: key, &generator)
        #expect(chain.verify(key.publicKey) == nil)
        for _ in 0..<1_000 {
            var mutated = chain
            let (what, position) = try Self.mutate(&mutated, &generator)
            let fault = mutated.verify(key.publicKey)
            #expect(fault != nil, "\(what), seed \(seed)")
            if let position { #expect(fault?.position == position, "\(what): \(String(describing: fault)), seed \(seed)") }
        }
    }

    @Test func `a chain written anew with the very key is found by a checkpoint, and a cut tail too`() throws {
        var generator = SeededGenerator(seed: 7)
        let key = try Self.key(&generator)
        let chain = Chain(count: 40, key: key, &generator)
        var rewritten = Chain(count: 40, key: key, &generator)
        #expect(rewritten.verify(key.publicKey) == nil, "sound by itself")
        rewritten.checkpoints = chain.checkpoints
        #expect(rewritten.verify(key.publicKey)?.reason == .checkpointDiffers)
        var cut = chain
        let last = try #require(cut.seals.last)
        cut.seals.removeLast()
        cut.rows.removeAll { $0.position >= last.firstPosition }
        #expect(cut.verify(key.publicKey) == AuditFault(chainID: 1, position: last.firstPosition, entryID: nil, reason: .tailCut))
        cut.checkpoints.removeLast()
        #expect(cut.verify(key.publicKey) == nil, "nobody can know without the checkpoint")
        cut.checkpoints.append(last)
        cut.checkpoints[cut.checkpoints.count - 1].lastPosition += 1
        #expect(cut.verify(key.publicKey)?.reason == .checkpointForged, "a line made up by somebody")
        #expect(AuditChain.verify(1, rows: [], seals: [], checkpoints: chain.checkpoints, key: key.publicKey)?.reason == .tailCut)
        #expect(AuditChain.verify(1, rows: [], seals: [], checkpoints: [], key: key.publicKey) == nil)
    }

    @Test func `an entry of a sealed time that stands in no link is found`() throws {
        var generator = SeededGenerator(seed: 8)
        let key = try Self.key(&generator)
        let chain = Chain(count: 12, key: key, &generator)
        var entry = try #require(chain.rows.last?.entry)
        entry.id = ID(5_000)
        entry.transactionID = 1_005
        #expect(
            chain.verify(key.publicKey, unlinked: [entry])
                == AuditFault(chainID: 1, position: 12, entryID: entry.id, reason: .neverSealed))
        entry.transactionID = 2_000
        #expect(chain.verify(key.publicKey, unlinked: [entry]) == nil, "it waits for the next seal")
    }

    @Test func `a checkpoint's line reads back as it was, and a damaged one does not`() throws {
        var generator = SeededGenerator(seed: 9)
        let key = try Self.key(&generator)
        let chain = Chain(count: 30, key: key, &generator)
        for seal in chain.seals {
            let line = seal.line
            #expect(AuditSeal(line: line[...]) == seal)
            for _ in 0..<200 {
                var bytes = Array(seal.line.utf8)
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                if generator.chance(50) { bytes.remove(at: place) } else { bytes[place] = .random(in: 32..<127, using: &generator) }
                guard bytes != Array(seal.line.utf8), let read = AuditSeal(line: Substring(decoding: bytes, as: UTF8.self)) else {
                    continue
                }
                #expect(!read.isSigned(by: key.publicKey))
            }
        }
    }

    @Test func `every field of an entry changes its hash, and none runs into the next`() {
        let entry = AuditEntry(
            id: ID(1), chainID: 1, transactionID: 1, occurredAt: Timestamp(microseconds: 1), actor: "a", action: "b", subject: "c",
            organizationID: nil, requestID: nil, details: "{}")
        var others: [AuditEntry] = []
        func add(_ change: (inout AuditEntry) -> Void) {
            var other = entry
            change(&other)
            others.append(other)
        }
        add { $0.id = ID(2) }
        add { $0.chainID = 2 }
        add { $0.transactionID = 2 }
        add { $0.occurredAt = Timestamp(microseconds: 2) }
        add { ($0.actor, $0.action) = ("ab", "") }
        add { ($0.actor, $0.action) = ("", "ab") }
        add { ($0.action, $0.subject) = ("bc", "") }
        add { $0.organizationID = ID(1) }
        add { $0.requestID = "" }
        add { $0.requestID = "1" }
        add { $0.details = "{ }" }
        let origin = AuditEntry.origin(of: 1)
        let hashes = Set(([entry] + others).map { $0.hash(at: 1, after: origin) } + [entry.hash(at: 2, after: origin)])
        #expect(hashes.count == others.count + 2)
        #expect(AuditEntry.origin(of: 1) != AuditEntry.origin(of: 2))
    }
}
