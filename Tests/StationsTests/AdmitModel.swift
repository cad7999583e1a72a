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

    enum Answer: Equatable {
        case foreign, conflict
        case decided(isOpen: Bool, reasons: [AccessReason], relayMilliseconds: Int32, isRepeat: Bool)
    }

    var doors: [StationScene.Door] = []
    var policies: [ID<AccessPoint>: AccessPolicy] = [:]
    var status: [ID<Member>: MemberStatus] = [:]
    private(set) var inside: Set<MemberAtStation> = []
    private var enteredAt: [MemberAtStation: Int64] = [:]
    private var lastCode: [MemberAtDoor: Int64] = [:]
    private var answered: [RequestAtStation: (fingerprint: [UInt8], isOpen: Bool, reasons: [AccessReason], relayMilliseconds: Int32)] = [:]

    var eventCount: Int { answered.count }

    func peopleInside(_ station: ID<Station>) -> Int { inside.count { $0.station == station } }

    func station(of accessPoint: ID<AccessPoint>) -> ID<Station>? { doors.first { $0.accessPoint == accessPoint }?.station }

    mutating func admit(_ scan: AccessScan, now: Int64) -> Answer {
        guard let door = doors.first(where: { $0.accessPoint == scan.accessPointID && $0.device == scan.deviceID }),
            let policy = policies[door.accessPoint]
        else { return .foreign }
        let request = RequestAtStation(station: door.station, requestID: scan.requestID)
        if let first = answered[request] {
            guard first.fingerprint == scan.fingerprint else { return .conflict }
            return .decided(isOpen: first.isOpen, reasons: first.reasons, relayMilliseconds: first.relayMilliseconds, isRepeat: true)
        }
        let reasons = reasons(scan, door, policy, now)
        if reasons.isEmpty, let member = scan.memberID, let sequence = scan.codeSequence {
            lastCode[MemberAtDoor(accessPoint: door.accessPoint, member: member)] = sequence
            let here = MemberAtStation(station: door.station, member: member)
            switch scan.direction {
            case .inward:
                inside.insert(here)
                enteredAt[here] = now
            case .outward: inside.remove(here)
            }
        }
        let relay = reasons.isEmpty ? policy.relayMilliseconds : 0
        answered[request] = (scan.fingerprint, reasons.isEmpty, reasons, relay)
        return .decided(isOpen: reasons.isEmpty, reasons: reasons, relayMilliseconds: relay, isRepeat: false)
    }

    private func reasons(_ scan: AccessScan, _ door: StationScene.Door, _ policy: AccessPolicy, _ now: Int64) -> [AccessReason] {
        var reasons: [AccessReason] = []
        if let reason = scan.codeReason { reasons.append(reason) }
        if let member = scan.memberID, let sequence = scan.codeSequence,
            let last = lastCode[MemberAtDoor(accessPoint: door.accessPoint, member: member)], sequence <= last
        {
            reasons.append(.codeReplayed)
        }
        guard scan.direction == .inward else { return reasons }
        if let member = scan.memberID {
            if let status = status[member] {
                if status != .active && status != .provisional { reasons.append(.memberNotActive) }
            } else {
                reasons.append(.memberUnknown)
            }
        }
        if !policy.isOpen { reasons.append(.accessPointClosed) }
        if policy.directions == .outward { reasons.append(.directionNotServed) }
        if !isWithinHours(policy, now) { reasons.append(.outsideHours) }
        if let member = scan.memberID {
            let here = MemberAtStation(station: door.station, member: member)
            if inside.contains(here), let entered = enteredAt[here], entered + Int64(policy.reentryMinutes) * 60_000_000 > now {
                reasons.append(.reentryTooSoon)
            }
        }
        if scan.occurredAt.microseconds > now + 5_000_000 { reasons.append(.occurredInFuture) }
        if scan.occurredAt.microseconds < now - 72 * 3_600_000_000 { reasons.append(.occurredTooLongAgo) }
        return reasons
    }

    /// Walks the day minute by minute from opening to closing. Shanghai has kept UTC+8 since 1991.
    private func isWithinHours(_ policy: AccessPolicy, _ now: Int64) -> Bool {
        guard let day = policy.opening.hours?.first else { return true }
        let (opens, closes) = (day.opensAt, day.closesAt)
        let current = Int16((now / 60_000_000 + 480) % 1_440)
        var minute = opens.minutes
        repeat {
            if minute == current { return true }
            minute = (minute + 1) % 1_440
        } while minute != closes.minutes
        return false
    }
}
