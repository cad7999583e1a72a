package import HTTP
package import Postgres
package import Runtime

/// A controller, gate or counter with a key of its own.
package struct Device: Sendable {
    package let id: ID<Device>
    package let name: String
    package let profile: DeviceProfile
    /// Whose organizers see to it; nil for the whole union's.
    package let organizationID: ID<Organization>?
    package let createdAt: Timestamp
    /// When the key in force was made.
    package let keyIssuedAt: Timestamp
    /// When it was shut out, for good.
    package let revokedAt: Timestamp?
    /// When its key was last shown, to a minute or two; nil: never.
    package let heardAt: Timestamp?
}

/// What kind of device it is, and so which calls its key may make.
package enum DeviceProfile: String, Sendable, CaseIterable, Codable {
    /// Asks whether a door opens, and learns yes or no.
    case door
    /// A guard's: asks, and sees the masked identity of whoever is scanned.
    case guardPost = "guard"
    /// At a checkup van: checks people in, and sees who they are, masked.
    case van
    /// At a venue: redeems coupons, and sees whose they are, masked.
    case venue
    /// In a classroom: puts people on a lesson's roll, and sees who has a seat, masked.
    case classroom

    package var permissions: Set<Permission> {
        switch self {
        case .door: [RegistryPermission.scansCreate]
        case .guardPost: [RegistryPermission.scansCreate]
        case .van: [RegistryPermission.checkupsOperate]
        case .venue: [RegistryPermission.couponsRedeem]
        case .classroom: [RegistryPermission.schoolsOperate]
        }
    }
}

/// What the owner types into a device, once.
package struct DevicePairing: Sendable {
    package let id: ID<DevicePairing>
    package let code: String
    package let expiresAt: Timestamp
}
