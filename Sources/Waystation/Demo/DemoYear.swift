import Checkups
import HTTP
import Postgres
import Programs
import Registry
import Runtime

/// Changzhou's year (常州): 50,000 checkups for 200,000 applicants, at least 5,000 for gig workers, a park's three-day visit and a hundred
/// others, and convalescence without visits; announced, wished for, shared out, reviewed and published, as by servers of earlier weeks.
struct DemoYear: Sendable {
    /// What the demo remembers of it.
    struct State: Codable, Sendable {
        var checkup: Int64
        var convalescence: Int64
        var applicants: Int
        /// A worker who got nothing and asks why.
        var asker: Int64
        var askerToken: String
        /// An applicant who has a place at a van.
        var guest: Int64
        var guestToken: String
    }

    private let house: House
    private let signals: Signals
    private let city: DemoCity
    /// Of the checkups; everything else is in proportion.
    private let applicants: Int

    private static let maker = ProgramLife.Actor(subject: "account:1")
    private static let reviewer = ProgramLife.Actor(subject: "account:2")
    private static let slotsPerDay = 17

    init(_ house: House, _ signals: Signals, city: DemoCity, applicants: Int) {
        self.house = house
        self.signals = signals
        self.city = city
        self.applicants = applicants
    }

    /// The programs as a server had them so many days ago.
    private func programs(daysAgo days: Int64) -> Programs {
        let clock = Clock(offsetMicroseconds: house.settings.clock.offsetMicroseconds - days * 86_400_000_000)
        return Programs(database: house.database, registry: house.registry, keys: house.keys, clock: clock, log: house.log)
    }

    private func day(_ days: Int64) -> Timestamp {
        Timestamp(microseconds: house.settings.clock.nowMicroseconds + days * 86_400_000_000)
    }

    func prepare() async throws -> State {
        let members = try await house.registry.members.active(Scope(subtrees: [city.id]))
        let checkup = try await make(
            "2026年职工流动体检", quota: max(10, Int32(applicants / 4)), family: "checkup", offerHours: 240)
        let sessions = try await layOut(checkup)
        try await shareOut(checkup, "Checkups", wishing: members) { wishes(of: $0, sessions, &$1) }
        let convalescence = try await make(
            "2026年职工疗休养", quota: max(10, Int32(applicants * 11 / 400)), family: "convalescence", offerHours: nil)
        // Every fifth wants to go away for a week.
        try await shareOut(convalescence, "Convalescence", wishing: members.filter { $0.id.rawValue % 5 == 0 }) { _, _ in [1] }
        let asker = try await someone(of: checkup, isPlaced: false)
        let guest = try await someone(of: checkup, isPlaced: true)
        return State(
            checkup: checkup.rawValue, convalescence: convalescence.rawValue, applicants: applicants, asker: asker.id.rawValue,
            askerToken: asker.token, guest: guest.id.rawValue, guestToken: guest.token)
    }

    // MARK: The programs

    private func make(_ title: String, quota: Int32, family: String, offerHours: Int32?) async throws -> ID<UnionProgram> {
        let gig: [WorkerKind] = [.courier, .foodRider, .rideHailingDriver, .truckDriver, .housekeeper, .onlineMarketer]
        let noCheckup = Condition.attribute(.employerCheckup, oneOf: ["false"], evidence: .selfDeclared)
        let hardPost = Condition.attribute(.hardshipPost, oneOf: ["true"], evidence: .selfDeclared)
        let newYear = CalendarDate(year: 2026, month: 1, day: 1)
        let rules = ProgramRules(
            eligibility: [.organization([city.id])],
            classes: [
                .init(name: "单位不安排体检且岗位苦脏累险", conditions: [noCheckup, hardPost]),
                .init(name: "单位不安排体检", conditions: [noCheckup]), .init(name: "岗位苦脏累险", conditions: [hardPost]),
            ],
            points: newYear.map { day in
                [
                    .init(points: 2, conditions: [.age(atLeast: 50, atMost: nil, on: day)]),
                    .init(points: 1, conditions: [.age(atLeast: 40, atMost: 49, on: day)]),
                ]
            } ?? [],
            groups: [
                .init(
                    name: "新就业形态劳动者", conditions: [.attribute(.workerKind, oneOf: gig.map(\.rawValue), evidence: .selfDeclared)])
            ],
            floors: [.init(group: "新就业形态劳动者", size: Int(quota) / 10)])
        let facts = ProgramFacts(
            title: title, rules: rules, family: family, period: "2026", opensAt: day(-35), closesAt: day(-7), resultsAt: day(-5),
            endsAt: day(200), offerHours: offerHours, appeal: "对结果有异议，请在公布后15日内向常州市总工会权益保障部提出，电话0519-12351")
        let then = programs(daysAgo: 40)
        let organization = city.id
        return try await house.database.transaction { (transaction) async throws(PostgresError) in
            try await then.programs.create(facts, of: organization, quota: quota, by: Self.maker.subject, in: transaction).id
        }
    }

    /// A park's visit of three days, and a hundred of one, or fewer of both for fewer applicants.
    private func layOut(_ program: ID<UnionProgram>) async throws -> (park: [Int32], others: [[Int32]]) {
        let visits = max(2, min(100, applicants / 2_000))
        let quota = max(10, applicants / 4)
        let parkSeats = max(1, Int32(applicants * 40 / 200_000))
        let parkTotal = Int(parkSeats) * Self.slotsPerDay * 3
        let seats = max(1, Int32((max(0, quota - parkTotal) + visits * Self.slotsPerDay - 1) / (visits * Self.slotsPerDay)))
        let campaign = DemoCampaign(house.checkups, program, by: Self.maker.subject)
        return try await house.database.inTransaction { transaction in
            let package = try await campaign.make(in: transaction)
            let park = try await campaign.visit(
                package, host: city.park, audience: city.park, site: "常州科技园", from: day(14), days: 3, seats: parkSeats, in: transaction)
            var others: [[Int32]] = []
            for number in 0..<visits {
                others.append(
                    try await campaign.visit(
                        package, host: city.districts[number % city.districts.count], audience: nil, site: "第\(number + 1)体检点",
                        from: day(20 + Int64(number)), days: 1, seats: seats, in: transaction))
            }
            return (park, others)
        }
    }

    // MARK: From the announcement to the result

    private typealias Applicant = (id: ID<Member>, organizationID: ID<Organization>)

    private func shareOut(
        _ id: ID<UnionProgram>, _ name: String, wishing members: [Applicant],
        wishes: (Applicant, inout SeededGenerator) -> [Int32]
    ) async throws {
        let announcing = programs(daysAgo: 40).life
        try await house.database.inTransaction { _ = try await announcing.announce(id, by: Self.maker, in: $0) }
        let taking = programs(daysAgo: 20)
        var progress = ProgressBar("\(name)", unit: "applications")
        var generator = SeededGenerator(seed: UInt64(bitPattern: id.rawValue))
        let chosen = members.prefix(applicants)
        var start = chosen.startIndex
        while start < chosen.endIndex {
            if signals.hasArrived { throw CommandError("stopped while making up a year") }
            let end = min(start + ProgramApplicationStore.batchMax * 16, chosen.endIndex)
            let requests = chosen[start..<end].map { member in
                ApplyRequest(
                    memberID: member.id, programID: id, wishes: wishes(member, &generator), subject: "member:\(member.id)")
            }
            try await house.database.inTransaction { transaction in
                var first = 0
                while first < requests.count {
                    let batch = Array(requests[first..<min(first + ProgramApplicationStore.batchMax, requests.count)])
                    _ = try await taking.applications.apply(batch: batch, in: transaction)
                    first += batch.count
                }
            }
            start = end
            progress.update(fraction: Double(start - chosen.startIndex) / Double(chosen.count), count: start - chosen.startIndex)
        }
        progress.finish()
        Terminal.error("\(name): shared out, reviewed, published …\n")
        let closing = programs(daysAgo: 6)
        try await house.database.inTransaction { transaction in
            _ = try await closing.life.open(id, by: Self.maker, in: transaction)
            _ = try await closing.life.close(id, by: Self.maker, in: transaction)
        }
        let computed = try await closing.sharing.maker.compute(id)
        let number = try await house.database.inTransaction { transaction in
            try await closing.sharing.maker.write(computed, by: Self.maker, in: transaction)
        }
        let publishing = programs(daysAgo: 2)
        try await house.database.inTransaction { transaction in
            _ = try await publishing.sharing.review.review(
                number, of: id, isAccepted: true, note: nil, by: Self.reviewer, in: transaction)
            _ = try await publishing.sharing.review.publish(id, by: Self.maker, in: transaction)
        }
    }

    /// Three wishes or so: in the park first, if the person works there; some sites are liked more than others.
    private func wishes(
        of member: Applicant, _ sessions: (park: [Int32], others: [[Int32]]), _ generator: inout SeededGenerator
    ) -> [Int32] {
        var wishes: [Int32] = []
        func add(_ numbers: [Int32]) {
            let number = numbers[Int(generator.next() % UInt64(numbers.count))]
            if !wishes.contains(number) { wishes.append(number) }
        }
        if city.isInPark(member.organizationID) { for _ in 0..<3 { add(sessions.park) } }
        for _ in 0..<2 + generator.next() % 3 {
            let (first, second) = (generator.next() % UInt64(sessions.others.count), generator.next() % UInt64(sessions.others.count))
            add(sessions.others[Int(min(first, second))])
        }
        return wishes
    }

    /// The first in the order who has a place, or who waits, with a token for asking.
    private func someone(of id: ID<UnionProgram>, isPlaced: Bool) async throws -> (id: ID<Member>, token: String) {
        guard let member = try await house.programs.programs.applicant(of: id, isPlaced: isPlaced) else {
            throw CommandError("nobody of the demo's year \(isPlaced ? "has a place" : "waits")")
        }
        let session = try await house.registry.memberSessions.create(member)
        return (member, session.token)
    }
}
