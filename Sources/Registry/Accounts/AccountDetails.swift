package import Postgres
package import Runtime

/// An account with what it may, as those see it who administer it.
package struct AccountDetails: Sendable {
    package let account: Account
    package let hasPassword: Bool
    package let disabledAt: Timestamp?
    /// Those in force that the asking account reaches.
    package let grants: [GrantInForce]

    package struct GrantInForce: Sendable {
        package let id: ID<AccountGrant>
        package let grant: AccountGrant
        package let grantedBy: String
        package let grantedAt: Timestamp
    }
}

/// An organizer's token in force: a session that is listed and ended.
package struct AccountSession: Sendable {
    package enum Maker: String, Sendable {
        case command, password, invitation
    }

    package let id: ID<AccountSession>
    package let madeBy: Maker
    package let deviceName: String?
    package let createdAt: Timestamp
    /// To the hour; nil before the first request.
    package let seenAt: Timestamp?
    /// Nil for one that only ends when it is ended.
    package let expiresAt: Timestamp?
}

extension AccountRole {
    /// Whether who has this role may give and take `other`: never more than they may themselves, and owners only by owners.
    func covers(_ other: AccountRole) -> Bool {
        guard permissions.contains(RegistryPermission.accountsWrite) else { return false }
        return other.permissions.isSubset(of: permissions) && (other != .owner || self == .owner)
    }
}

extension OrganizerPrincipal {
    /// Where this account may give and take `role`.
    func scope(toGive role: AccountRole) -> Scope {
        let giving = grants.filter { $0.role.covers(role) }
        if giving.contains(where: { $0.organizationID == nil }) { return .everything }
        return Scope(subtrees: giving.compactMap(\.organizationID))
    }
}
