package import Postgres
package import Runtime

/// A person who shares out.
package struct Account: Sendable {
    package let id: ID<Account>
    package let name: String
    package let createdAt: Timestamp
}

/// What an account may, within a subtree.
package enum AccountRole: String, Sendable, CaseIterable, Codable {
    /// Everything.
    case owner
    /// Everything but other owners.
    case manager
    /// The daily work: members, joins, cards, doors.
    case `operator`
    /// Reads everything, masked.
    case auditor
}

/// A role within a subtree of organizations.
package struct AccountGrant: Hashable, Sendable {
    package let role: AccountRole
    /// The root of the subtree; nil is the whole union.
    package let organizationID: ID<Organization>?
    /// May read one member's personal data at a time, with a reason.
    package let mayUnmask: Bool

    package init(role: AccountRole, organizationID: ID<Organization>?, mayUnmask: Bool = false) {
        self.role = role
        self.organizationID = organizationID
        self.mayUnmask = mayUnmask
    }
}
