import Coupons
import Postgres
import Programs
import Registry
import Runtime
import Synchronization

/// Jilin's winter (吉林冰雪消费券): 20 million yuan in five rounds, good at 30 venues; some rounds over, one open, some to come.
struct DemoWinter: Sendable {
    /// What the demo remembers of it.
    struct State: Codable, Sendable {
        var campaign: Int64
        /// By their numbers: a race and an equal start that are over, a race with a reserve, a draw, a race.
        var rounds: [Int64]
        /// Somebody whose phone may look, and claim.
        var member: Int64
        var memberToken: String
    }

    /// How large it is made.
    struct Size: Sendable {
        /// At the least; those who are there stay.
        var members: Int
        /// Of each round.
        var stock: Int32
        /// Whether the round with the reserve is about to open; else it is open.
        var isStorm: Bool

        /// So that there is something to see.
        static func glance(members: Int) -> Size { Size(members: min(members, 300), stock: 5_000, isStorm: false) }
        /// For everybody who comes at once, one coupon for four.
        static func storm(members: Int) -> Size { Size(members: members, stock: Int32(max(1, members / 4)), isStorm: true) }
    }

    static let cityName = "吉林市总工会"
    static let unionNames = ["船营区总工会", "昌邑区总工会", "龙潭区总工会", "丰满区总工会", "永吉县总工会", "吉林市新就业形态劳动者工会联合会"]
    /// For whom three coupons in ten are kept.
    static let keptFor: [WorkerKind] = [.courier, .foodRider]
    static let budgetFen: Int64 = 2_000_000_000
    /// From its announcement to its opening: by then the server is there.
    static let secondsUntilStorm = 5.0
    /// Else it opened that long ago.
    static let hoursOpen = -0.1
    /// The number of the round with the reserve.
    static let stormRound = 3

    private let house: House
    private let signals: Signals
    private let store: DemoWinterStore

    init(_ house: House, _ signals: Signals) {
        self.house = house
        self.signals = signals
        store = DemoWinterStore(database: house.database)
    }

    func prepare(_ size: Size) async throws -> State {
        let city = try await makeCity()
        try await importMembers(size.members, of: city)
        let people = try await house.registry.members.active(Scope(subtrees: [city])).map(\.id)
        guard let first = people.last else { throw CommandError("nobody lives in the demo's winter") }
        let announcing = coupons(hours: -48)
        let rounds = try await house.database.inTransaction { transaction in
            try await makeCampaign(of: city, size, announcing, in: transaction)
        }
        // Of the rounds that are over some were claimed; the equal start is shuffled by the server, once it runs.
        try await claim(rounds[0], by: people.prefix(60), hours: -26)
        try await claim(rounds[1], by: people.dropFirst(60).prefix(60), hours: -2)
        if !size.isStorm { try await claim(rounds[2], by: people.dropFirst(120).prefix(90), hours: Self.hoursOpen) }
        let session = try await house.registry.memberSessions.create(first)
        return State(
            campaign: try await store.campaign(of: rounds[0]).rawValue, rounds: rounds.map(\.rawValue), member: first.rawValue,
            memberToken: session.token)
    }

    /// The feature as a server had it so many hours from now.
    private func coupons(hours: Double) -> Coupons {
        let clock = Clock(offsetMicroseconds: house.settings.clock.offsetMicroseconds + Int64(hours * 3_600_000_000))
        let programs = Programs(database: house.database, registry: house.registry, keys: house.keys, clock: clock, log: house.log)
        return Coupons(database: house.database, registry: house.registry, programs: programs, keys: house.keys, clock: clock)
    }

    private func makeCity() async throws -> ID<Organization> {
        let organizations = house.registry.organizations
        guard let city = try await organizations.ensure(Organization.Draft(parentID: nil, kind: .city, name: Self.cityName)) else {
            throw CommandError("the demo's winter has no city")
        }
        for name in Self.unionNames {
            let kind: OrganizationKind = name == Self.unionNames.last ? .industryFederation : .district
            _ = try await organizations.ensure(Organization.Draft(parentID: city.id, kind: kind, name: name))
        }
        return city.id
    }

    private func importMembers(_ count: Int, of city: ID<Organization>) async throws {
        let there = try await house.registry.members.active(Scope(subtrees: [city])).count
        guard there < count else { return }
        // Far behind the rows of the demo's other people and of the winter's first, whose ids would be the same; of another seed, so that
        // phones differ.
        let register = DemoRegister(
            seed: UInt64(2_027 + there), count: count - there, first: there == 0 ? 6_000_000 : 11_000_000, organizations: Self.unionNames)
        try await DemoCity.importRegister(register, "Making up a winter city", house, signals)
    }

    // MARK: The campaign

    private func time(_ hours: Double) -> Timestamp {
        Timestamp(microseconds: house.settings.clock.nowMicroseconds + Int64(hours * 3_600_000_000))
    }

    private func makeCampaign(
        of city: ID<Organization>, _ size: Size, _ coupons: Coupons, in transaction: Transaction
    ) async throws -> [ID<CouponRound>] {
        // China is eight hours ahead of UTC all year.
        let today = CalendarDate(daysSince1970: Int((house.settings.clock.nowMicroseconds + 8 * 3_600_000_000) / 86_400_000_000))
        let facts = CouponCampaignFacts(
            title: "吉林冰雪消费券", budgetFen: Self.budgetFen, faceFen: min(80_000, Self.budgetFen / 5 / Int64(size.stock)),
            minimumSpendFen: 200_000,
            window: CouponWindow(
                firstOn: CalendarDate(daysSince1970: today.daysSince1970 - 2),
                lastOn: CalendarDate(daysSince1970: today.daysSince1970 + 90)),
            cap: 2)
        let made = try await coupons.campaigns.create(facts, of: city, within: .everything, by: "account:1", in: transaction)
        guard case .created(let campaign) = made else { throw CommandError("the demo's winter campaign could not be made") }
        try await store.makeVenues(of: city, for: campaign.id, in: transaction)
        var announced: [ID<CouponRound>] = []
        for round in rounds(of: city, size) {
            guard let draft = try await coupons.rounds.create(round, of: campaign, in: transaction) else {
                throw CommandError("the demo's winter costs more than it has")
            }
            announced.append(try await coupons.life.announce(draft, of: campaign, by: .init(subject: "account:1"), in: transaction).id)
        }
        return announced
    }

    private func rounds(of city: ID<Organization>, _ size: Size) -> [CouponRoundFacts] {
        let everybody = ProgramRules(eligibility: [.organization([city])])
        let kept = "外卖快递"
        let withReserve = ProgramRules(
            eligibility: [.organization([city])],
            groups: [
                .init(
                    name: kept, conditions: [.attribute(.workerKind, oneOf: Self.keptFor.map(\.rawValue), evidence: .selfDeclared)])
            ],
            floors: [.init(group: kept, size: Int(size.stock) * 3 / 10)])
        func round(_ mode: FairnessMode, from: Timestamp, until: Timestamp, seconds: Int32? = nil, _ rules: ProgramRules)
            -> CouponRoundFacts
        {
            CouponRoundFacts(mode: mode, opensAt: from, closesAt: until, stock: size.stock, equalStartSeconds: seconds, rules: rules)
        }
        return [
            round(.race, from: time(-26), until: time(-25), everybody),
            round(.equalStart, from: time(-2), until: time(-1), seconds: 60, everybody),
            round(.race, from: time(size.isStorm ? Self.secondsUntilStorm / 3_600 : Self.hoursOpen), until: time(24), withReserve),
            round(.draw, from: time(30), until: time(54), everybody),
            round(.race, from: time(78), until: time(102), everybody),
        ]
    }

    /// A crowd from the opening on: each second a third of those who are left, and some of those who had theirs try once more.
    private func claim(_ round: ID<CouponRound>, by people: ArraySlice<ID<Member>>, hours: Double) async throws {
        var (left, before) = (people, people.prefix(0))
        for second in 0... {
            let wave = left.prefix((left.count + 2) / 3)
            if wave.isEmpty { return }
            let coupons = coupons(hours: hours + Double(second) / 3_600)
            let outcomes = try await coupons.claims.claim(
                batch: (wave + before).map { CouponClaim(memberID: $0, roundID: round, requestID: DemoWinterStore.requestID()) })
            await coupons.tally.record(outcomes, of: round)
            before = wave.prefix(wave.count / 4)
            left = left.dropFirst(wave.count)
        }
    }
}
