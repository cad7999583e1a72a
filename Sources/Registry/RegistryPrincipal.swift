package import HTTP
package import Runtime

/// What a call needs, by the names that stand in profiles and in the API's description.
package enum RegistryPermission {
    package static let organizationsRead: Permission = "organizations.read"
    package static let organizationsWrite: Permission = "organizations.write"
    package static let membersRead: Permission = "members.read"
    package static let membersWrite: Permission = "members.write"
    package static let membersImport: Permission = "members.import"
    package static let memberCodesIssue: Permission = "member_codes.issue"
    package static let devicesRead: Permission = "devices.read"
    package static let devicesWrite: Permission = "devices.write"
    package static let scansCreate: Permission = "scans.create"
    package static let stationsRead: Permission = "stations.read"
    package static let stationsWrite: Permission = "stations.write"

    /// Every permission there is.
    package static let all: [Permission] = [
        organizationsRead, organizationsWrite, membersRead, membersWrite, membersImport, memberCodesIssue, devicesRead, devicesWrite,
        scansCreate, stationsRead, stationsWrite,
    ]

    /// The names of those that `principal` has.
    static func names(of principal: some Principal) -> [String] {
        all.filter(principal.may).map(\.rawValue)
    }
}

/// A person with an account.
package struct OrganizerPrincipal: Principal {
    package let accountID: ID<Account>
    package let role: AccountRole

    package init(accountID: ID<Account>, role: AccountRole) {
        self.accountID = accountID
        self.role = role
    }

    package var subject: String { "account:\(accountID)" }

    package func may(_ permission: Permission) -> Bool {
        switch role {
        case .owner: true
        }
    }
}

/// A device by its key.
package struct DevicePrincipal: Principal {
    package let deviceID: ID<Device>
    package let profile: DeviceProfile

    package init(deviceID: ID<Device>, profile: DeviceProfile) {
        self.deviceID = deviceID
        self.profile = profile
    }

    package var subject: String { "device:\(deviceID)" }

    package func may(_ permission: Permission) -> Bool { profile.permissions.contains(permission) }
}
