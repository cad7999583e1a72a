import Postgres
import Registry
import Runtime

@testable import Stations

extension AdmitModel {
    /// What is against a scan, in the order in which it is told.
    /// - Parameters:
    ///   - said: what is against its code before any table is looked at.
    ///   - room: how many more may come in, of the stations that count.
    func verdict(
        _ scan: AccessScan, _ member: ID<Member>?, _ said: AccessReason?, _ door: StationScene.Door, _ policy: AccessPolicy, _ place: Place,
        _ now: Int64,
        _ room: inout [ID<Station>: Int]
    ) -> Verdict {
        let codeReason = said ?? credentialReason(scan, now) ?? (member == nil ? .codeForged : nil)
        var reasons = codeReason.map { [$0] } ?? []
        if let member, let sequence = scan.codeSequence,
            let last = lastCode[MemberAtDoor(accessPoint: door.accessPoint, member: member)], sequence <= last
        {
            reasons.append(.codeReplayed)
        }
        var soft: [AccessReason] = []
        let here = member.map { MemberAtStation(station: door.station, member: $0) }
        let entered = here.flatMap { enteredAt[$0] }
        let isInside = here.map(inside.contains) ?? false
        if scan.direction == .inward, codeReason == nil, let reason = pinReason(scan) { reasons.append(reason) }
        // Out by telephone goes only who is inside.
        if scan.direction == .inward || scan.credential.kind == .doorCode && !isInside {
            if let member, people[member] == nil { reasons.append(.memberUnknown) }
            reasons += entryReasons(scan, member.flatMap { people[$0] }, policy, place, isInside: isInside, entered: entered, now)
            if scan.occurredAt.microseconds > now + 5_000_000 { reasons.append(.occurredInFuture) }
            if scan.occurredAt.microseconds < now - 72 * 3_600_000_000 { reasons.append(.occurredTooLongAgo) }
        }
        if scan.direction == .inward {
            if member != nil, !isInside, let left = room[door.station] {
                if left < 1 {
                    reasons.append(.full)
                } else if reasons.isEmpty {
                    room[door.station] = left - 1
                }
            }
            if policy.antiPassback == .soft, passesBack(policy, isInside: isInside, entered: entered, now) { soft.append(.antiPassback) }
        }
        if place.doorState == .unlocked { return Verdict(reasons: [], softReasons: reasons + soft) }
        return Verdict(reasons: reasons, softReasons: reasons.isEmpty ? soft : [])
    }

    private func credentialReason(_ scan: AccessScan, _ now: Int64) -> AccessReason? {
        guard let digest = scan.credential.digest else { return nil }
        let card = cards[digest].flatMap { $0.kind == scan.credential.kind ? $0 : nil }
        let isOver = (card?.validUntil).map { $0 <= now } ?? false
        switch scan.credential.kind {
        case .card: return card == nil ? .cardUnknown : card?.isRevoked == true ? .cardRevoked : isOver ? .cardExpired : nil
        case .number: return card == nil || card?.isRevoked == true || isOver ? .numberUnknown : nil
        case .dayCode: return card == nil ? .dayCodeUnknown : card?.isRevoked == true || isOver ? .dayCodeExpired : nil
        case .memberCode, .doorCode: return nil
        }
    }

    private func pinReason(_ scan: AccessScan) -> AccessReason? {
        guard let card = scan.credential.digest.flatMap({ cards[$0] }), let pin = card.pinDigest else { return nil }
        if card.pinFailures >= 5 { return .pinLocked }
        guard let typed = scan.credential.pinDigest else { return .pinMissing }
        return typed == pin ? nil : .pinWrong
    }

    private func entryReasons(
        _ scan: AccessScan, _ person: Person?, _ policy: AccessPolicy, _ place: Place, isInside: Bool, entered: Int64?, _ now: Int64
    ) -> [AccessReason] {
        var reasons: [AccessReason] = []
        if let person, person.status != .active, person.status != .provisional || !policy.admitsProvisional {
            reasons.append(.memberNotActive)
        }
        if place.isClosed, place.closedUntil.map({ $0 > now }) ?? true { reasons.append(.stationClosed) }
        if place.doorState == .lockedDown { reasons.append(.lockedDown) }
        if !policy.isOpen { reasons.append(.accessPointClosed) }
        if policy.directions == .outward { reasons.append(.directionNotServed) }
        if !isWithin(place.opening, now) || !isWithin(policy.opening, now) { reasons.append(.outsideHours) }
        if let person {
            let isOfThese =
                policy.organizationIds.isEmpty || !(ancestors[person.organization] ?? []).isDisjoint(with: policy.organizationIds)
            let scope = scan.credential.digest.flatMap { cards[$0]?.organization }
            if !isOfThese || scope.map({ !(ancestors[place.organization] ?? []).contains($0) }) ?? false {
                reasons.append(.organizationNotAdmitted)
            }
            if !policy.attributes.allSatisfy({ $0.oneOf.contains(value($0.attribute, of: person)) }) {
                reasons.append(.attributeNotAdmitted)
            }
        }
        if let entered {
            if isInside, entered + Int64(policy.reentryMinutes) * 60_000_000 > now { reasons.append(.reentryTooSoon) }
            if entered + Int64(policy.entryIntervalMinutes) * 60_000_000 > now { reasons.append(.intervalTooShort) }
        }
        if policy.antiPassback == .hard, passesBack(policy, isInside: isInside, entered: entered, now) { reasons.append(.antiPassback) }
        return reasons
    }

    private func value(_ attribute: PolicyAttribute, of person: Person) -> String {
        switch attribute {
        case .sex: person.sex.rawValue
        case .workerKind: person.workerKind.rawValue
        case .employmentForm: EmploymentForm.platform.rawValue
        case .hardshipPost: person.hardshipPost ? "true" : "false"
        }
    }

    private func passesBack(_ policy: AccessPolicy, isInside: Bool, entered: Int64?, _ now: Int64) -> Bool {
        guard isInside, let entered else { return false }
        return entered + Int64(policy.resetHours) * 3_600_000_000 > now
    }

    /// Walks today's and yesterday's hours minute by minute. Shanghai has kept UTC+8 since 1991.
    private func isWithin(_ opening: OpeningHours, _ now: Int64) -> Bool {
        let current = now / 60_000_000 + 480
        let today = current / 1_440
        return [today, today - 1].contains { day in
            hours(opening, day).contains { hours in
                var minute = day * 1_440 + Int64(hours.opensAt.minutes)
                repeat {
                    if minute == current { return true }
                    minute += 1
                } while minute % 1_440 != Int64(hours.closesAt.minutes)
                return false
            }
        }
    }

    /// 1970 began on a Thursday.
    private func hours(_ opening: OpeningHours, _ day: Int64) -> [DayHours] {
        let date = CalendarDate(daysSince1970: Int(day)).description
        if let exception = opening.exceptions.first(where: { $0.on == date }) { return exception.hours }
        guard let week = opening.hours else { return [DayHours(opensAt: .at(0), closesAt: .at(0))] }
        return week.filter { Int64($0.weekday) == (day + 3) % 7 + 1 }.map { DayHours(opensAt: $0.opensAt, closesAt: $0.closesAt) }
    }
}
