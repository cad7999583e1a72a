import FoundationEssentials
import HTTP
import Registry
import Runtime
import Synchronization

/// Shenzhen's autumn term (深圳工会夜校, 2025): 108 courses with 774 lessons, made by an organizer's calls and filled by members' ones, all
/// through HTTP once the server is there.
struct DemoSchool: Sendable {
    /// What the demo remembers of it.
    struct State: Codable, Sendable {
        var schoolID: Int64
        var termID: Int64
        var seconds: Double
        var asked: Int
        var seated: Int
        var waiting: Int
        var applied: Int
        var refused: Int
        /// Seats that were given up, were offered to who waited longest, and were taken.
        var freed: Int
        var offered: Int
        var confirmed: Int
        /// Somebody who waits, and somebody with a seat.
        var waiterToken: String?
        var waiterEnrolment: Int64?
        var learnerToken: String?
        var learner: Int64?
    }

    static let cityName = "深圳市总工会"
    static let unionNames = ["福田区总工会", "罗湖区总工会", "南山区总工会", "宝安区总工会", "龙岗区总工会", "深圳市新就业形态劳动者工会联合会"]
    static let schoolName = "深圳工会夜校"

    private let house: House
    private let signals: Signals
    /// How many ask for a seat.
    private let enrolments: Int

    /// - Parameter applicants: of Changzhou's year, to which all is in proportion: 200,000 for 20,000 enrolments.
    init(_ house: House, _ signals: Signals, applicants: Int) {
        self.house = house
        self.signals = signals
        enrolments = max(600, applicants / 10)
    }

    /// A member asks for two courses.
    private var members: Int { enrolments / 2 }

    /// Makes its people up, as long as there are none.
    func prepare() async throws {
        let city = try await city()
        guard try await house.registry.members.active(Scope(subtrees: [city])).count < members / 2 else { return }
        let register = DemoRegister(seed: 2_029, count: members * 21 / 20, first: 16_000_000, organizations: Self.unionNames)
        try await DemoCity.importRegister(register, "Making up Shenzhen", house, signals)
    }

    private func city() async throws -> ID<Organization> {
        let organizations = house.registry.organizations
        guard let city = try await organizations.ensure(Organization.Draft(parentID: nil, kind: .city, name: Self.cityName)) else {
            throw CommandError("the demo's Shenzhen could not be made")
        }
        for name in Self.unionNames {
            let kind: OrganizationKind = name == Self.unionNames.last ? .industryFederation : .district
            _ = try await organizations.ensure(Organization.Draft(parentID: city.id, kind: kind, name: name))
        }
        return city.id
    }

    /// Opens the term and lets everybody in.
    func run(port: UInt16, ownerToken: String) async throws -> State {
        let city = try await city()
        let today = Int((house.settings.clock.nowMicroseconds + 8 * 3_600_000_000) / 86_400_000_000)
        let now = house.settings.clock.nowMicroseconds
        let plan = DemoSchoolPlan(today: today, nowMicroseconds: now)
        Terminal.error("Shenzhen's night school: 108 courses, 774 lessons …\n")
        let (school, term, classes) = try await onThread(name: "school") { () -> Result<(Int64, Int64, [Int64]), CommandError> in
            Result { () throws(CommandError) in
                let desk = try DemoSchoolDesk(port: port, token: ownerToken)
                return try desk.make(plan, of: city.rawValue)
            }
        }.get().get()
        let people = try await house.registry.members.active(Scope(subtrees: [city])).map(\.id)
        guard !people.isEmpty else { throw CommandError("nobody lives in the demo's Shenzhen") }
        Terminal.error("Shenzhen's night school: \(grouped(enrolments)) ask for seats …\n")
        let crowd = DemoSchoolCrowd(house, classes: classes, members: Array(people.prefix(members)), enrolments: enrolments, port: port)
        return try await crowd.run(school: school, term: term)
    }
}
