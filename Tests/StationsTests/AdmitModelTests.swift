import FoundationEssentials
import MemberCode
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Stations

/// Random batches of scans, with repeats, doubles, replays and changes of policy and status in between, against `AdmitModel`.
@Suite struct AdmitModelTests {
    @Test(arguments: 0..<4) func `random scans are decided as the model decides them`(_ run: Int) async throws {
        let seed = UInt64.random(in: 0 ... .max)
        try await withDatabase { database in
            var random = SeededGenerator(seed: seed)
            var trial = try await Trial(database, seed: seed)
            for _ in 0..<60 { try await trial.step(&random) }
            #expect(try await trial.scene.eventCount == trial.model.eventCount, "seed \(seed)")
            #expect(try await trial.scene.stationsOutOfBalance == 0, "seed \(seed)")
            let inside = try await database.query("select count(*) from access_presence where is_inside").single.decode(0, as: Int.self)
            #expect(inside == trial.model.inside.count, "seed \(seed)")
        }
    }

    private struct Trial {
        let scene: StationScene
        let seed: UInt64
        var model = AdmitModel()
        private let doors: [StationScene.Door]
        private let members: [ID<Member>]
        private var offset: Int64 = 0
        private var codes: [String] = []
        private var scans: [AccessScan] = []

        init(_ database: Database, seed: UInt64) async throws {
            self.seed = seed
            scene = try await StationScene(database, stations: 2, members: 5)
            doors = scene.doors.flatMap(\.self)
            // One of them is unknown to the register.
            members = scene.members + [ID(999_999)]
            model.doors = doors
            for door in doors { model.policies[door.accessPoint] = .standard }
            for member in scene.members { model.status[member] = .active }
        }

        mutating func step(_ random: inout SeededGenerator) async throws {
            if random.chance(30) { try await changePolicy(&random) }
            if random.chance(20), let member = scene.members.randomElement(using: &random),
                let status = random.chance(70) ? .active : MemberStatus.allCases.randomElement(using: &random)
            {
                try await scene.set(status, of: member)
                model.status[member] = status
            }
            // Seconds or minutes, sometimes hours.
            let most: Int64 = random.chance(10) ? 20_000_000_000 : random.chance(50) ? 600_000_000 : 20_000_000
            offset += Int64.random(in: 0..<most, using: &random)
            var batch: [AccessScan] = []
            for _ in 0..<Int.random(in: 1...14, using: &random) {
                guard let scan = nextScan(&random) else { continue }
                batch.append(scan)
                scans.append(scan)
            }
            let admissions = try await scene.access.admit(batch: batch, clockOffsetMicroseconds: offset)
            try check(batch, admissions)
        }

        private mutating func check(_ batch: [AccessScan], _ admissions: [Admission]) throws {
            let fresh = admissions.compactMap { admission in
                if case .decided(let decision, isRepeat: false) = admission { return decision.decidedAt.microseconds }
                return nil
            }
            // Where nothing was decided now, no time is needed.
            let now = fresh.first ?? 0
            #expect(fresh.allSatisfy { $0 == now }, "seed \(seed)")
            let isFirstOfAll = !admissions.contains { $0.isRepeat || $0.isConflict }
            // A member's second scan in a batch comes after everybody's first: of two scans under one new request id that decides who
            // conflicts.
            var seen: [ID<Member>: Int] = [:]
            let rounds = batch.map { scan in
                guard let member = scan.memberID else { return 1 }
                seen[member, default: 0] += 1
                return seen[member, default: 1]
            }
            for position in batch.indices.sorted(by: { (rounds[$0], $0) < (rounds[$1], $1) }) {
                let expected = model.admit(batch[position], now: now)
                let answer: AdmitModel.Answer =
                    switch admissions[position] {
                    case .foreign: .foreign
                    case .conflict: .conflict
                    case .decided(let decision, let isRepeat):
                        .decided(
                            isOpen: decision.isOpen, reasons: decision.reasons, relayMilliseconds: decision.relayMilliseconds,
                            isRepeat: isRepeat)
                    }
                #expect(answer == expected, "seed \(seed), scan \(position) of \(batch.count)")
                // A request that comes again is weighed before its first answer is found, so it may move the count shown to others in its
                // batch.
                guard isFirstOfAll, case .decided(let decision, isRepeat: false) = admissions[position],
                    let station = model.station(of: batch[position].accessPointID)
                else { continue }
                #expect(Int(decision.peopleInside) == model.peopleInside(station), "seed \(seed), scan \(position) of \(batch.count)")
            }
        }

        private mutating func changePolicy(_ random: inout SeededGenerator) async throws {
            guard let door = doors.randomElement(using: &random) else { return }
            var policy = AccessPolicy(
                isOpen: random.chance(90), directions: random.chance(90) ? .both : .outward,
                reentryMinutes: random.chance(30) ? 0 : Int16.random(in: 1...30, using: &random),
                relayMilliseconds: Int32.random(in: 100...60_000, using: &random))
            if random.chance(30) {
                policy.opening.hours = WeekdayHours.daily(
                    .at(Int16.random(in: 0..<24, using: &random)), .at(Int16.random(in: 0..<24, using: &random)))
            }
            guard policy.violations().isEmpty else { return }
            try await scene.set(policy, at: door)
            model.policies[door.accessPoint] = policy
        }

        private mutating func nextScan(_ random: inout SeededGenerator) -> AccessScan? {
            if random.chance(15), let earlier = scans.randomElement(using: &random) { return earlier }
            guard let door = doors.randomElement(using: &random), let member = members.randomElement(using: &random) else { return nil }
            let now = scene.clock.nowMicroseconds + offset
            let code: String
            if random.chance(20), let used = codes.suffix(10).randomElement(using: &random) {
                code = used
            } else if random.chance(8) {
                code = ["", "WS1:ABC", "https://example.org"].randomElement(using: &random) ?? ""
            } else {
                let age = random.chance(90) ? Int64.random(in: 0...40, using: &random) : Int64.random(in: -100...100, using: &random)
                code = scene.issuer.issue(memberID: member.rawValue, nowMicroseconds: now - age * 1_000_000).text
                codes.append(code)
            }
            let requestID = random.chance(5) ? scans.randomElement(using: &random)?.requestID : nil
            let device = random.chance(5) ? doors.randomElement(using: &random)?.device : nil
            let occurred = random.chance(95) ? now - 1_000_000 : now + (random.chance(50) ? 60_000_000 : -73 * 3_600_000_000)
            return AccessScan(
                requestID: requestID ?? StationScene.requestID(), deviceID: device ?? door.device, accessPointID: door.accessPoint,
                direction: random.chance(60) ? .inward : .outward, occurredAt: Timestamp(microseconds: occurred), code: code,
                verdict: scene.verifier.verify(code, nowMicroseconds: now))
        }
    }
}
