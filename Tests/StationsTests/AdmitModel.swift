import FoundationEssentials
import Postgres
import Registry
import Runtime

@testable import Stations

/// What `stations_admit` promises, said again in the plainest way: one scan after another, in a few dictionaries.
struct AdmitModel {
    struct MemberAtStation: Hashable {
        let station: ID<Station>
        let member: ID<Member>
    }

    struct MemberAtDoor: Hashable {
        let accessPoint: ID<AccessPoint>
        let member: ID<Member>
    }

    struct RequestAtStation: Hashable {
        let station: ID<Station>
        let requestID: UUID
    }

    /// A station as far as it decides.
    struct Place {
        var organization: ID<Organization>
        var capacity: Int?
        var opening = OpeningHours.roundTheClock
        var isClosed = false
        var closedUntil: Int64?
        var doorState = StationDoorState.normal
    }

    /// A member as far as it decides.
    struct Person {
        var organization: ID<Organization>
        var status = MemberStatus.active
        var sex = Sex.male
        var workerKind = WorkerKind.courier
        var hardshipPost = false
    }

    /// A card, number or day code.
    struct Card {
        let kind: ScanCredentialKind
        let member: ID<Member>
        var pinDigest: [UInt8]?
        var pinFailures = 0
        var validUntil: Int64?
        var isRevoked = false
        var organization: ID<Organization>?
    }

    struct Try {
        let station: ID<Station>
        let accessPoint: ID<AccessPoint>
        let at: Int64
    }

    enum Answer: Equatable {
        case foreign, conflict
        case decided(isOpen: Bool, reasons: [AccessReason], relayMilliseconds: Int32, member: ID<Member>?, isRepeat: Bool)
    }

    struct Verdict {
        let reasons: [AccessReason]
        let softReasons: [AccessReason]
        var isOpen: Bool { reasons.isEmpty }
    }

    var doors: [StationScene.Door] = []
    var policies: [ID<AccessPoint>: AccessPolicy] = [:]
    var places: [ID<Station>: Place] = [:]
    var people: [ID<Member>: Person] = [:]
    var cards: [[UInt8]: Card] = [:]
    /// Every organization's ancestors, itself among them.
    var ancestors: [ID<Organization>: Set<ID<Organization>>] = [:]
    var inside: Set<MemberAtStation> = []
    var enteredAt: [MemberAtStation: Int64] = [:]
    var lastCode: [MemberAtDoor: Int64] = [:]
    /// Day codes that nobody has, typed so far.
    var tries: [Try] = []
    var tooManyCount: Int { answered.values.count { ($0.verdict.reasons + $0.verdict.softReasons).contains(.tooManyTries) } }
    private var answered: [RequestAtStation: (said: [UInt8], verdict: Verdict, relayMilliseconds: Int32, member: ID<Member>?)] = [:]

    var eventCount: Int { answered.count }
    var softCount: Int { answered.values.count { !$0.verdict.softReasons.isEmpty } }

    func peopleInside(_ station: ID<Station>) -> Int { inside.count { $0.station == station } }

    func station(of accessPoint: ID<AccessPoint>) -> ID<Station>? { doors.first { $0.accessPoint == accessPoint }?.station }

    func member(_ scan: AccessScan) -> ID<Member>? {
        guard let digest = scan.credential.digest else { return scan.memberID }
        guard let card = cards[digest], card.kind == scan.credential.kind else { return nil }
        return card.member
    }

    /// The round of each scan: a member's second scan comes after everybody's first.
    private func rounds(_ batch: [AccessScan], _ limited: Set<Int>) -> [Int] {
        var seen: [ID<Member>: Int] = [:]
        return batch.enumerated().map { position, scan in
            guard !limited.contains(position), let member = member(scan) else { return 1 }
            seen[member, default: 0] += 1
            return seen[member, default: 1]
        }
    }

    /// The answers in the order of the batch, and after each how many people are inside its station.
    mutating func admit(_ batch: [AccessScan], now: Int64) -> [(answer: Answer, people: Int)] {
        var answers = [(answer: Answer, people: Int)](repeating: (.foreign, 0), count: batch.count)
        let limited = tryDayCodes(batch, now: now)
        let rounds = rounds(batch, limited)
        for round in 1...max(1, rounds.max() ?? 1) {
            // Whoever leaves in a round makes room for the next one.
            var room: [ID<Station>: Int] = [:]
            for (station, place) in places { room[station] = place.capacity.map { $0 - peopleInside(station) } }
            for position in batch.indices where rounds[position] == round {
                let answer = admit(batch[position], isLimited: limited.contains(position), now: now, &room)
                answers[position] = (answer, station(of: batch[position].accessPointID).map(peopleInside) ?? 0)
            }
        }
        return answers
    }

    private func door(_ scan: AccessScan) -> StationScene.Door? {
        doors.first { $0.accessPoint == scan.accessPointID && (scan.deviceID == nil || $0.device == scan.deviceID) }
    }

    /// Counts the day codes that nobody has.
    /// - Returns: the scans whose day code is not looked at.
    private mutating func tryDayCodes(_ batch: [AccessScan], now: Int64) -> Set<Int> {
        var limited: Set<Int> = []
        for (position, scan) in batch.enumerated() where scan.credential.kind == .dayCode && scan.codeReason == nil {
            guard let door = door(scan), places[door.station]?.doorState != .unlocked else { continue }
            let recent = tries.filter { $0.station == door.station && $0.at > now - 3_600_000_000 }
            if recent.count >= 10 || recent.count(where: { $0.accessPoint == door.accessPoint }) >= 5 {
                if scan.direction == .inward { limited.insert(position) }
                continue
            }
            let request = RequestAtStation(station: door.station, requestID: scan.requestID)
            let isEarlier = batch.prefix(position).contains {
                // What is no day code stands at no station here.
                $0.credential.kind == .dayCode && $0.requestID == scan.requestID && self.door($0)?.station == door.station
            }
            if member(scan) == nil, answered[request] == nil, !isEarlier {
                tries.append(Try(station: door.station, accessPoint: door.accessPoint, at: now))
            }
        }
        return limited
    }

    private mutating func admit(_ scan: AccessScan, isLimited: Bool, now: Int64, _ room: inout [ID<Station>: Int]) -> Answer {
        guard
            let door = door(scan), let policy = policies[door.accessPoint], let place = places[door.station]
        else { return .foreign }
        let request = RequestAtStation(station: door.station, requestID: scan.requestID)
        let member = isLimited ? nil : member(scan)
        let verdict = verdict(scan, member, isLimited ? .tooManyTries : scan.codeReason, door, policy, place, now, &room)
        if let first = answered[request] {
            guard first.said == scan.said else { return .conflict }
            return .decided(
                isOpen: first.verdict.isOpen, reasons: first.verdict.reasons, relayMilliseconds: first.relayMilliseconds,
                member: first.member, isRepeat: true)
        }
        if verdict.isOpen { pass(scan, member, door, now) }
        if scan.direction == .inward { countPIN(scan, verdict) }
        let relay = verdict.isOpen ? policy.relayMilliseconds : 0
        answered[request] = (scan.said, verdict, relay, member)
        return .decided(
            isOpen: verdict.isOpen, reasons: verdict.reasons, relayMilliseconds: relay, member: member, isRepeat: false)
    }

    private mutating func pass(_ scan: AccessScan, _ member: ID<Member>?, _ door: StationScene.Door, _ now: Int64) {
        guard let member else { return }
        if let sequence = scan.codeSequence {
            let here = MemberAtDoor(accessPoint: door.accessPoint, member: member)
            lastCode[here] = max(lastCode[here] ?? sequence, sequence)
        }
        let here = MemberAtStation(station: door.station, member: member)
        switch scan.direction {
        case .inward:
            inside.insert(here)
            enteredAt[here] = now
        case .outward: inside.remove(here)
        }
    }

    private mutating func countPIN(_ scan: AccessScan, _ verdict: Verdict) {
        guard let digest = scan.credential.digest, let card = cards[digest], card.kind == scan.credential.kind, card.pinDigest != nil
        else { return }
        let reasons = verdict.reasons + verdict.softReasons
        let untried: [AccessReason] = [.pinLocked, .pinMissing, .cardRevoked, .cardExpired, .numberUnknown, .dayCodeExpired, .tooManyTries]
        guard !reasons.contains(where: untried.contains) else { return }
        if reasons.contains(.pinWrong) { cards[digest]?.pinFailures += 1 } else { cards[digest]?.pinFailures = 0 }
    }
}
