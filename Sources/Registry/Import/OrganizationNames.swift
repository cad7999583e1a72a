import Runtime

/// Finds the organization that a cell of a file means: by its number, its name where only one has it, or `parent/name`.
struct OrganizationNames: Sendable {
    private enum Match {
        case one(ID<Organization>), several
    }

    private var matches: [String: Match] = [:]
    private var numbers: Set<Int64> = []

    init(_ organizations: [Organization]) {
        let names = Dictionary(uniqueKeysWithValues: organizations.map { ($0.id, $0.name) })
        for organization in organizations {
            numbers.insert(organization.id.rawValue)
            enter(organization.name, organization.id)
            if let parent = organization.parentID.flatMap({ names[$0] }) { enter("\(parent)/\(organization.name)", organization.id) }
        }
    }

    private mutating func enter(_ name: String, _ id: ID<Organization>) {
        matches[name] = matches[name] == nil ? .one(id) : .several
    }

    func organization(_ text: String) throws(MemberFault) -> ID<Organization> {
        switch matches[text] {
        case .one(let id): return id
        case .several: throw .organizationAmbiguous
        case nil:
            guard let number = Int64(text), numbers.contains(number) else { throw .organizationUnknown }
            return ID(number)
        }
    }
}
