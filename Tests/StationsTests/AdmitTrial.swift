import Crypto
import FoundationEssentials
import MemberCode
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Stations

/// A world in the database and the same in the model, both changed and scanned alike.
struct AdmitTrial {
    let scene: StationScene
    let seed: UInt64
    let doors: [StationScene.Door]
    let members: [ID<Member>]
    /// The root, two below it, and one below the first of these.
    let organizations: [ID<Organization>]
    var model = AdmitModel()
    var offset: Int64 = 0
    var codes: [String] = []
    var scans: [AccessScan] = []
    /// Digests of cards, numbers and day codes, one of them unknown.
    var digests: [[UInt8]] = []

    static let pins = [0, 1].map { number in SHA256.hash([number]) }

    init(_ database: Database, seed: UInt64, _ random: inout SeededGenerator) async throws {
        self.seed = seed
        scene = try await StationScene(database, stations: 2, members: 6)
        doors = scene.doors.flatMap(\.self)
        // One of them is unknown to the register.
        members = scene.members + [ID(999_999)]
        var organizations = [scene.organization]
        for (parent, name) in [(0, "north"), (0, "south"), (1, "north-west")] {
            organizations.append(try await scene.organization(below: organizations[parent], name: name))
        }
        self.organizations = organizations
        let ancestors = [[0], [1, 0], [2, 0], [3, 1, 0]]
        for (organization, above) in zip(organizations, ancestors) { model.ancestors[organization] = Set(above.map { organizations[$0] }) }
        model.doors = doors
        for door in doors {
            model.policies[door.accessPoint] = .standard
            model.places[door.station] = AdmitModel.Place(organization: scene.organization)
        }
        for member in scene.members { model.people[member] = AdmitModel.Person(organization: scene.organization) }
        for (index, kind) in [ScanCredentialKind.card, .card, .number, .dayCode, .card].enumerated() {
            digests.append(SecureRandom.bytes(32))
            let card = AdmitModel.Card(
                kind: kind, member: members[index % 3], pinDigest: index % 2 == 1 ? nil : Self.pins[0],
                organization: kind == .dayCode ? organizations[1] : nil)
            model.cards[digests[index]] = card
            try await scene.insert(card, digest: digests[index])
        }
        digests.append(SecureRandom.bytes(32))
        for _ in 0..<4 { try await changeMember(&random) }
    }

    mutating func step(_ random: inout SeededGenerator) async throws {
        if random.chance(30) { try await changePolicy(&random) }
        if random.chance(20) { try await changePlace(&random) }
        if random.chance(20) { try await changeMember(&random) }
        if random.chance(20) { try await changeCard(&random) }
        try await scan(&random)
    }

    /// A batch some time after the last one, in the world as it is.
    mutating func scan(_ random: inout SeededGenerator) async throws {
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
        check(batch, admissions)
    }

    private mutating func check(_ batch: [AccessScan], _ admissions: [Admission]) {
        let fresh = admissions.compactMap { admission in
            if case .decided(let decision, isRepeat: false) = admission { return decision.decidedAt.microseconds }
            return nil
        }
        // Where nothing was decided now, no time is needed.
        let now = fresh.first ?? 0
        #expect(fresh.allSatisfy { $0 == now }, "seed \(seed)")
        let isFirstOfAll = !admissions.contains { $0.isRepeat || $0.isConflict }
        let expected = model.admit(batch, now: now)
        for position in batch.indices {
            let answer: AdmitModel.Answer =
                switch admissions[position] {
                case .foreign: .foreign
                case .conflict: .conflict
                case .decided(let decision, let isRepeat):
                    .decided(
                        isOpen: decision.isOpen, reasons: decision.reasons, relayMilliseconds: decision.relayMilliseconds,
                        member: decision.memberID, isRepeat: isRepeat)
                }
            #expect(answer == expected[position].answer, "seed \(seed), scan \(position) of \(batch.count)")
            // A request that comes again is weighed before its first answer is found, so it may move the count shown to others in its
            // batch.
            guard isFirstOfAll, case .decided(let decision, isRepeat: false) = admissions[position] else { continue }
            #expect(Int(decision.peopleInside) == expected[position].people, "seed \(seed), scan \(position) of \(batch.count)")
        }
    }

    private mutating func nextScan(_ random: inout SeededGenerator) -> AccessScan? {
        if random.chance(15), let earlier = scans.randomElement(using: &random) { return earlier }
        guard let door = doors.randomElement(using: &random), let credential = nextCredential(&random) else { return nil }
        let now = scene.clock.nowMicroseconds + offset
        let requestID = random.chance(5) ? scans.randomElement(using: &random)?.requestID : nil
        let device = random.chance(5) ? doors.randomElement(using: &random)?.device : nil
        let occurred = random.chance(95) ? now - 1_000_000 : now + (random.chance(50) ? 60_000_000 : -73 * 3_600_000_000)
        return AccessScan(
            requestID: requestID ?? StationScene.requestID(), deviceID: random.chance(5) ? nil : device ?? door.device,
            accessPointID: door.accessPoint, direction: random.chance(60) ? .inward : .outward,
            occurredAt: Timestamp(microseconds: occurred), credential: credential)
    }

    private mutating func nextCredential(_ random: inout SeededGenerator) -> ScanCredential? {
        guard let member = members.randomElement(using: &random) else { return nil }
        let now = scene.clock.nowMicroseconds + offset
        if random.chance(35), let digest = digests.randomElement(using: &random) {
            let pin = random.chance(30) ? nil : Self.pins.randomElement(using: &random)
            // Sometimes a card is shown as what it is not.
            let kind = random.chance(95) ? model.cards[digest]?.kind ?? (random.chance(30) ? .card : .dayCode) : .number
            switch kind {
            case .number: return .number(digest: digest, pinDigest: pin)
            case .dayCode: return .dayCode(digest: digest)
            default: return .card(digest: digest, pinDigest: pin)
            }
        }
        if random.chance(8) {
            return .doorCode(
                member, code: "door", refusal: random.chance(80) ? nil : random.chance(50) ? .doorCodeExpired : .doorCodeForged)
        }
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
        return .memberCode(code, scene.verifier.verify(code, nowMicroseconds: now))
    }
}
