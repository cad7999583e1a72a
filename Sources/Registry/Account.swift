package import Postgres
package import Runtime

/// A person who shares out.
package struct Account: Sendable {
    package let id: ID<Account>
    package let role: AccountRole
    package let name: String
    package let createdAt: Timestamp
}

/// What an account may. Roles within a subtree come with the organizers' own accounts.
package enum AccountRole: String, Sendable, CaseIterable, Codable {
    /// Everything.
    case owner
}
