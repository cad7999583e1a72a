import Postgres
import Registry
import Runtime
import TestSupport

@testable import Stations

/// Changes of the world between batches, made in the database and in the model.
extension AdmitTrial {
    /// Hours of some weekdays and some dates about now, often over midnight.
    private func opening(_ random: inout SeededGenerator) -> OpeningHours {
        func hours(_ random: inout SeededGenerator) -> DayHours {
            DayHours(
                opensAt: StationScene.time(Int16.random(in: 0..<1_440, using: &random)),
                closesAt: StationScene.time(Int16.random(in: 0..<1_440, using: &random)))
        }
        let today = (scene.clock.nowMicroseconds + offset) / 86_400_000_000
        var exceptions: [HoursException] = []
        for day in today - 1...today + 2 where random.chance(20) {
            exceptions.append(
                HoursException(
                    on: CalendarDate(daysSince1970: Int(day)).description,
                    hours: random.chance(30) ? [] : [hours(&random), hours(&random)]))
        }
        guard random.chance(50) else { return OpeningHours(hours: nil, exceptions: exceptions) }
        let week = (0..<Int.random(in: 0...20, using: &random)).map { _ in
            let day = hours(&random)
            return WeekdayHours(weekday: Int16.random(in: 1...7, using: &random), opensAt: day.opensAt, closesAt: day.closesAt)
        }
        return OpeningHours(hours: week, exceptions: exceptions)
    }

    mutating func changePolicy(_ random: inout SeededGenerator) async throws {
        guard let door = doors.randomElement(using: &random) else { return }
        var policy = AccessPolicy(
            isOpen: random.chance(90), directions: random.chance(90) ? .both : .outward, admitsProvisional: random.chance(50),
            entryIntervalMinutes: random.chance(80) ? 0 : Int16.random(in: 1...30, using: &random),
            reentryMinutes: random.chance(50) ? 0 : Int16.random(in: 1...30, using: &random),
            antiPassback: AntiPassback.allCases.randomElement(using: &random) ?? .none,
            resetHours: Int16.random(in: 1...4, using: &random), relayMilliseconds: Int32.random(in: 100...60_000, using: &random))
        if random.chance(30) { policy.opening = opening(&random) }
        if random.chance(20) { policy.organizationIds = organizations.filter { _ in random.chance(40) } }
        if random.chance(20) { policy.attributes.append(AttributeRule(.sex, oneOf: ["female"])) }
        if random.chance(20) { policy.attributes.append(AttributeRule(.workerKind, oneOf: ["courier", "food_rider"])) }
        if random.chance(10) { policy.attributes.append(AttributeRule(.employmentForm, oneOf: ["contract", "dispatch"])) }
        if random.chance(20) {
            policy.attributes.append(AttributeRule(.hardshipPost, oneOf: random.chance(50) ? ["true"] : ["true", "false"]))
        }
        try await scene.set(policy, at: door)
        model.policies[door.accessPoint] = policy
    }

    mutating func changePlace(_ random: inout SeededGenerator) async throws {
        guard let station = doors.randomElement(using: &random)?.station, let organization = organizations.randomElement(using: &random)
        else { return }
        var place = AdmitModel.Place(organization: organization)
        if random.chance(60) { place.capacity = Int.random(in: 1...4, using: &random) }
        if random.chance(20) { place.opening = opening(&random) }
        if random.chance(20) {
            place.isClosed = true
            place.closedUntil = random.chance(50) ? nil : scene.clock.nowMicroseconds + offset + 600_000_000
        }
        place.doorState = random.chance(80) ? .normal : random.chance(50) ? .lockedDown : .unlocked
        try await scene.set(place, of: station)
        model.places[station] = place
    }

    mutating func changeMember(_ random: inout SeededGenerator) async throws {
        guard let member = scene.members.randomElement(using: &random), let organization = organizations.randomElement(using: &random)
        else { return }
        let person = AdmitModel.Person(
            organization: organization,
            status: random.chance(70) ? .active : MemberStatus.allCases.randomElement(using: &random) ?? .active,
            sex: random.chance(50) ? .male : .female,
            workerKind: [WorkerKind.courier, .foodRider, .housekeeper].randomElement(using: &random) ?? .courier,
            hardshipPost: random.chance(50))
        try await scene.set(person, of: member)
        model.people[member] = person
    }

    mutating func changeCard(_ random: inout SeededGenerator) async throws {
        guard let digest = digests.dropLast().randomElement(using: &random), var card = model.cards[digest] else { return }
        card.isRevoked = random.chance(20)
        card.validUntil =
            random.chance(70) ? nil : scene.clock.nowMicroseconds + offset + Int64.random(in: 0...1_200_000_000, using: &random)
        // An organizer unlocks it.
        if random.chance(30) { card.pinFailures = 0 }
        try await scene.set(card, digest: digest)
        model.cards[digest] = card
    }
}
