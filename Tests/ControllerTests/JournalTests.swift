import Crypto
import Glibc
import Runtime
import TestSupport
import Testing

@testable import Controller

@Suite struct JournalTests {
    private static func scan(_ random: inout SeededGenerator, at microseconds: Int64 = 1_795_000_000_000_000) -> DoorScan {
        DoorScan(
            requestID: UUIDv7(microseconds: microseconds, random: random.next()), direction: random.chance(50) ? .inward : .outward,
            moment: Moment(microseconds: microseconds, isCertain: random.chance(50), bootMicroseconds: 5, bootID: random.next()),
            code: String(repeating: "码", count: Int.random(in: 0...50, using: &random)))
    }

    private static func decision(_ random: inout SeededGenerator) -> DoorDecision {
        let isOpen = random.chance(50)
        return DoorDecision(
            isOpen: isOpen, reasons: isOpen ? [] : ["door.code_expired", "door.locked_down"],
            decider: random.chance(50) ? .server : .controller, relayMilliseconds: isOpen ? 3_000 : 0)
    }

    private static func record(_ random: inout SeededGenerator) -> JournalRecord {
        let anchor = DoorClock.Anchor(
            bootID: random.next(), bootMicroseconds: 1, trueMicroseconds: -2, uncertaintyMicroseconds: .max, wallErrorMicroseconds: .min)
        let code = AcceptedCodes.Code(memberID: .random(in: 1...99, using: &random), sequence: .max, expiresAtSeconds: 77)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: return .begun(scan(&random))
        case 1: return .decided(decision(&random), random.chance(50) ? code : nil)
        case 2: return .acknowledged(random.next())
        case 3: return .heard(anchor)
        case 4: return .commanded(12)
        default:
            return .summary(
                JournalSummary(
                    anchor: random.chance(50) ? anchor : nil, accepted: AcceptedCodes([code], forgottenThroughSeconds: 5),
                    commands: [4, 7],
                    floorMicroseconds: 9, decided: 3))
        }
    }

    @Test(arguments: SeededGenerator.seeds(20)) func `every record is read as it was written, and no other bytes are one`(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<50 {
            let record = Self.record(&random)
            let bytes = record.bytes
            #expect(JournalRecord(bytes: bytes) == record, "seed \(seed)")
            #expect(JournalRecord(bytes: bytes + [0]) == nil)
            #expect(JournalRecord(bytes: bytes.dropLast()) == nil, "seed \(seed)")
        }
    }

    @Test func `the checksum is that of RFC 3720`() {
        #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(CRC32C.checksum(Array("123456789".utf8)) == 0xE306_9283)
    }

    @Test(arguments: SeededGenerator.seeds(12)) func `whatever is written, acknowledged, compacted and cut, each decision is told`(
        _ seed: UInt64
    ) throws {
        var random = SeededGenerator(seed: seed)
        let folder = try TemporaryFolder()
        var told: [UUIDv7] = []
        var expected: [UUIDv7] = []
        for _ in 0..<12 {
            var journal = try Journal(folder: folder.path)
            if journal.replay.unfinished != nil { try Self.decide(&journal, &random, &expected) }
            for _ in 0..<Int.random(in: 0...20, using: &random) {
                try journal.append(.begun(Self.scan(&random)), isDurable: false)
                if random.chance(20) { try journal.append(.commanded(3), isDurable: false) }
                if random.chance(20) { try Self.tell(&journal, &random, &told) }
                try Self.decide(&journal, &random, &expected)
                if random.chance(20) { try Self.tell(&journal, &random, &told) }
                if random.chance(10) { try journal.compact() }
            }
            if random.chance(30) { try journal.append(.begun(Self.scan(&random)), isDurable: true) }
            if random.chance(30) { try journal.compact() }
            // A write that was cut short.
            if random.chance(50) { try folder.append([0x57, 0x53, 0x4A, 0x31, 0, 0, 0, 9, 1, 2, 3], to: "journal") }
        }
        var journal = try Journal(folder: folder.path)
        while journal.replay.pending > 0 { try Self.tell(&journal, &random, &told) }
        #expect(told == expected, "seed \(seed)")
    }

    private static func decide(
        _ journal: inout Journal, _ random: inout SeededGenerator, _ expected: inout [UUIDv7]
    ) throws {
        let decision = decision(&random)
        if decision.decider == .controller, let scan = journal.replay.unfinished { expected.append(scan.requestID) }
        try journal.append(.decided(decision, nil), isDurable: random.chance(10))
    }

    private static func tell(_ journal: inout Journal, _ random: inout SeededGenerator, _ told: inout [UUIDv7]) throws {
        let page = try journal.page(limit: Int.random(in: 1...5, using: &random))
        told += page.entries.map(\.scan.requestID)
        try journal.acknowledge(page)
    }

    @Test(arguments: SeededGenerator.seeds(10)) func `a journal cut or damaged anywhere keeps every whole record`(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let folder = try TemporaryFolder()
        var scans: [DoorScan] = []
        var ends: [Int] = [0]
        do {
            var journal = try Journal(folder: folder.path)
            for _ in 0..<10 {
                let scan = Self.scan(&random)
                scans.append(scan)
                try journal.append(.begun(scan), isDurable: false)
                try journal.append(
                    .decided(DoorDecision(isOpen: true, reasons: [], decider: .controller, relayMilliseconds: 1), nil), isDurable: false)
                ends.append(try folder.read("journal").count)
            }
        }
        let whole = try folder.read("journal")
        let cut = Int.random(in: 0...whole.count, using: &random)
        try folder.write(Array(whole[..<cut]), to: "journal")
        do {
            let journal = try Journal(folder: folder.path)
            let kept = try journal.page(limit: 100).entries.map(\.scan)
            #expect(kept == Array(scans.prefix(ends.count { $0 <= cut } - 1)), "seed \(seed), cut at \(cut)")
        }
        // One byte wrong somewhere: at most the decision that it belongs to is lost.
        var damaged = whole
        let place = Int.random(in: 0..<whole.count, using: &random)
        damaged[place] ^= 1 << UInt8.random(in: 0...7, using: &random)
        try folder.write(damaged, to: "journal")
        let journal = try Journal(folder: folder.path)
        let kept = try journal.page(limit: 100).entries.map(\.scan)
        let hurt = ends.lastIndex { $0 <= place } ?? 0
        #expect(kept == scans.enumerated().filter { $0.offset != hurt }.map(\.element), "seed \(seed), byte \(place)")
        #expect(journal.damagedBytes > 0)
    }

    @Test func `a journal that has been told does not grow for ever`() throws {
        var random = SeededGenerator(seed: 1)
        let folder = try TemporaryFolder()
        var journal = try Journal(folder: folder.path)
        for number in 0..<20_000 {
            try journal.append(.begun(Self.scan(&random)), isDurable: false)
            try journal.append(
                .decided(DoorDecision(isOpen: true, reasons: [], decider: .server, relayMilliseconds: 1), nil), isDurable: false)
            if number % 100 == 0 { try journal.acknowledge(journal.page(limit: 1_000)) }
        }
        try journal.acknowledge(journal.page(limit: 1_000))
        #expect(try folder.read("journal").count < 1_200_000)
        #expect(journal.replay.summary.decided == 20_000)
    }
}
