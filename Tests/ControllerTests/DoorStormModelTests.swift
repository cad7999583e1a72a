import Crypto
import MemberCode
import Runtime
import TestSupport
import Testing

@testable import Controller

/// The door, its journal on a disk, a network and a server, all of it values and one file: every interleaving of answers that come in time,
/// late or never, kills at any step, repeats of uploads and clocks that differ by up to 90 seconds.
///
/// Afterwards each code opened the door once at most, whoever decided, and the server holds what the door did, once, at its true time.
@Suite struct DoorStormModelTests {
    /// What the server holds of a request.
    private struct Recorded: Equatable {
        var isOpen: Bool
        var occurredAt: Int64
        var isControllers: Bool
    }

    /// The rules of `stations_admit` and `stations_journal`, as far as the door can tell: the newest code accepted, and the lost reply.
    private struct Server {
        var newest: [Int64: Int64] = [:]
        var refuses: Set<Int64> = []
        var events: [UUIDv7: Recorded] = [:]
        let verifier = MemberCodeVerifier(DoorScene.keys)

        mutating func admit(_ scan: DoorScan, now: Int64) -> DoorAnswer {
            if let event = events[scan.requestID] {
                return DoorAnswer(isOpen: event.isOpen, reasons: event.isOpen ? [] : ["door.code_replayed"], relayMilliseconds: 1)
            }
            var isOpen = false
            if case .valid(let code) = verifier.verify(scan.code, nowMicroseconds: now), !refuses.contains(code.memberID),
                code.sequence > newest[code.memberID] ?? 0
            {
                isOpen = true
                newest[code.memberID] = code.sequence
            }
            events[scan.requestID] = Recorded(isOpen: isOpen, occurredAt: scan.moment.microseconds, isControllers: false)
            return DoorAnswer(isOpen: isOpen, reasons: isOpen ? [] : ["door.member_not_active"], relayMilliseconds: 1)
        }

        mutating func take(_ entries: [Journal.Entry], _ clock: DoorClock) {
            for entry in entries {
                let known = events[entry.scan.requestID]
                if known?.isControllers == true { continue }
                // The controller's outcome holds; where both agree the event stands.
                if let known, known.isOpen == entry.decision.isOpen { continue }
                events[entry.scan.requestID] = Recorded(
                    isOpen: entry.decision.isOpen, occurredAt: clock.corrected(entry.scan.moment).microseconds, isControllers: true)
                if entry.decision.isOpen,
                    case .valid(let code) = verifier.verify(
                        entry.scan.code, nowMicroseconds: entry.scan.moment.microseconds)
                {
                    newest[code.memberID] = max(newest[code.memberID] ?? 0, code.sequence)
                }
            }
        }
    }

    private struct World {
        var random: SeededGenerator
        let folder: TemporaryFolder
        var server = Server()
        var knowledge = DoorScene.state(refused: [9]).knowledge
        /// True time, and what the server's and the wall clock differ from it.
        var now = DoorScene.now
        let serverSkew: Int64
        var wallError: Int64
        var shown: [String] = []
        var opened: [String: Int] = [:]
        var did: [UUIDv7: (isOpen: Bool, at: Int64)] = [:]
        /// Questions that are still under way when their time is over.
        var late: [DoorScan] = []

        var reading: ClockReading {
            ClockReading(
                wallMicroseconds: now + wallError, bootMicroseconds: now - DoorScene.now + 60_000_000, bootID: 1)
        }
    }

    @Test(arguments: SeededGenerator.seeds(24)) func `a code opens its door once, and the server learns what the door did`(
        _ seed: UInt64
    ) throws {
        var random = SeededGenerator(seed: seed)
        let serverSkew = Int64.random(in: -90_000_000...90_000_000, using: &random)
        var world = World(
            random: random, folder: try TemporaryFolder(), serverSkew: serverSkew,
            wallError: Int64.random(in: -100_000_000_000_000...100_000_000_000_000, using: &random))
        world.server.refuses = [8, 9]
        // Lives of one controller, each ended by a kill at some step.
        for _ in 0..<15 { try live(&world) }
        var journal = try Journal(folder: world.folder.path)
        var clock = resumed(journal)
        try settle(&journal, &world)
        _ = clock.hear(world.now + world.serverSkew, asked: world.reading, answered: world.reading)
        while journal.replay.pending > 0 { try upload(&journal, &world, clock, isHeard: true) }
        for scan in world.late { _ = world.server.admit(scan, now: world.now + world.serverSkew) }

        #expect(world.opened.values.allSatisfy { $0 == 1 }, "seed \(seed): \(world.opened.values.max() ?? 0) times")
        for (id, act) in world.did {
            let event = try #require(world.server.events[id], "seed \(seed)")
            #expect(event.isOpen == act.isOpen, "seed \(seed)")
            // The server's clock is the truth that the door goes by.
            #expect(abs(event.occurredAt - (act.at + world.serverSkew)) <= 2_000_000, "seed \(seed)")
        }
        #expect(Set(world.server.events.keys).isSubset(of: world.did.keys), "seed \(seed)")
    }

    private func resumed(_ journal: borrowing Journal) -> DoorClock {
        var clock = DoorClock()
        if let anchor = journal.replay.summary.anchor { clock.resume(anchor) }
        return clock
    }

    private func settle(_ journal: inout Journal, _ world: inout World) throws {
        guard let scan = journal.replay.unfinished else { return }
        let decision = DoorDecision(isOpen: false, reasons: ["door.controller_restarted"], decider: .controller, relayMilliseconds: 0)
        try journal.append(.decided(decision, nil), isDurable: false)
        if world.did[scan.requestID] == nil { world.did[scan.requestID] = (false, scan.moment.microseconds - world.serverSkew) }
    }

    private func live(_ world: inout World) throws {
        var journal = try Journal(folder: world.folder.path)
        var clock = resumed(journal)
        var state = DoorState(knowledge: world.knowledge, accepted: journal.replay.summary.accepted)
        try settle(&journal, &world)
        if clock.anchor == nil, let anchor = clock.hear(world.now + world.serverSkew, asked: world.reading, answered: world.reading) {
            try journal.append(.heard(anchor), isDurable: false)
        }
        for _ in 0..<Int.random(in: 1...12, using: &world.random) {
            world.now += Int64.random(in: 0...40_000_000, using: &world.random)
            if world.random.chance(10) {
                world.wallError = Int64.random(in: -100_000_000_000_000...100_000_000_000_000, using: &world.random)
            }
            if world.random.chance(30) { try upload(&journal, &world, clock, isHeard: world.random.chance(70)) }
            if world.random.chance(15) { try journal.compact() }
            if world.random.chance(20), let scan = world.late.popLast() {
                _ = world.server.admit(scan, now: world.now + world.serverSkew)
            }
            let isKilled = try scan(&journal, &state, &clock, &world)
            if isKilled { return }
        }
    }

    /// One scan; true when the controller was killed in the middle of it.
    private func scan(
        _ journal: inout Journal, _ state: inout DoorState, _ clock: inout DoorClock, _ world: inout World
    ) throws -> Bool {
        let code: String
        if world.random.chance(40), let old = world.shown.suffix(6).randomElement(using: &world.random) {
            code = old
        } else {
            code = DoorScene.code(Int64.random(in: 1...9, using: &world.random), issuedAt: world.now + world.serverSkew)
            world.shown.append(code)
        }
        let moment = clock.moment(world.reading)
        let scan = DoorScan(
            requestID: UUIDv7(microseconds: moment.microseconds), direction: .inward, moment: moment, code: code)
        try journal.append(.begun(scan), isDurable: false)
        if world.random.chance(5) { return true }
        var answer: DoorAnswer?
        if state.decideBeforeAsking(scan) == nil {
            switch Int.random(in: 0..<4, using: &world.random) {
            case 0: answer = world.server.admit(scan, now: world.now + world.serverSkew)
            case 1: _ = world.server.admit(scan, now: world.now + world.serverSkew)
            case 2: world.late.append(scan)
            default: break
            }
        }
        if world.random.chance(5) { return true }
        let decision = state.decide(scan, answer: answer)
        try journal.append(
            .decided(decision, decision.isOpen ? state.codeSeen(scan.code, scan.moment) : nil), isDurable: false)
        world.did[scan.requestID] = (decision.isOpen, world.now)
        if decision.isOpen { world.opened[code, default: 0] += 1 }
        return world.random.chance(5)
    }

    private func upload(_ journal: inout Journal, _ world: inout World, _ clock: DoorClock, isHeard: Bool) throws {
        let page = try journal.page(limit: Int.random(in: 1...6, using: &world.random))
        world.server.take(page.entries, clock)
        // The answer to an upload may be lost as well: then it is sent again.
        if isHeard { try journal.acknowledge(page) }
    }
}
