import Postgres
import Registry
import Runtime
import Synchronization

/// Changzhou (常州) as the demo has it: districts, a park of 150 firms, and members enough to want more than there is.
struct DemoCity: Sendable {
    let id: ID<Organization>
    /// The park's own union; its firms lie below it.
    let park: ID<Organization>
    let districts: [ID<Organization>]
    private let firms: Set<ID<Organization>>

    /// One in so many members works in the park: 3,000 of 200,000.
    private static let parkShare = 66
    static let firmCount = 150
    private static let name = "常州市总工会"
    private static let parkName = "常州科技园工会联合会"
    private static let districtNames = ["天宁区总工会", "钟楼区总工会", "新北区总工会", "武进区总工会", "金坛区总工会", "溧阳市总工会"]

    /// Makes the city's organizations; those that are there stay.
    static func ensure(_ house: House) async throws -> DemoCity {
        let organizations = house.registry.organizations
        func make(_ kind: OrganizationKind, _ name: String, below parent: ID<Organization>?) async throws -> ID<Organization> {
            guard let made = try await organizations.ensure(Organization.Draft(parentID: parent, kind: kind, name: name)) else {
                throw CommandError("the demo's \(name) could not be made")
            }
            return made.id
        }
        let city = try await make(.city, name, below: nil)
        var districts: [ID<Organization>] = []
        for name in districtNames { districts.append(try await make(.district, name, below: city)) }
        let park = try await make(.industryFederation, parkName, below: city)
        var firms: Set<ID<Organization>> = []
        for number in 1...firmCount { firms.insert(try await make(.enterprise, firmName(number), below: park)) }
        return DemoCity(id: city, park: park, districts: districts, firms: firms)
    }

    /// Whether the organization is one of the park's firms.
    func isInPark(_ organization: ID<Organization>) -> Bool { firms.contains(organization) }

    private static func firmName(_ number: Int) -> String { "科技园企业\(number)工会" }

    /// Makes up members through the importer, the park's first.
    static func importMembers(_ count: Int, _ house: House, _ signals: Signals) async throws {
        let inPark = max(1, count / parkShare)
        let parts = [
            DemoRegister(seed: 2_026, count: inPark, organizations: (1...firmCount).map(firmName), mix: .city),
            DemoRegister(seed: 2_026, count: count - inPark, first: inPark, organizations: districtNames, mix: .city),
        ]
        for (part, title) in zip(parts, ["Making up a park of 150 firms", "Making up a city"]) {
            try await importRegister(part, title, house, signals)
        }
    }

    /// Takes a made-up register through the importer.
    static func importRegister(_ register: DemoRegister, _ title: String, _ house: House, _ signals: Signals) async throws {
        let pieces = Mutex(Array(register)[...])
        let bytesTotal = Int64(pieces.withLock { $0.reduce(0) { $0 + $1.count } })
        let progress = ImportProgress(title)
        let result = try await house.registry.importer.run(
            next: {
                if signals.hasArrived { throw CommandError("stopped while making up members") }
                return pieces.withLock { $0.popFirst() }
            },
            options: MemberImportOptions(organizationID: nil, isDryRun: false, bytesTotal: bytesTotal), requestedBy: "demo",
            onProgress: { progress.update($0) })
        progress.finish()
        guard result.tally.refused == 0 else { throw CommandError("\(title): \(result.tally.refused) rows were refused") }
    }
}
