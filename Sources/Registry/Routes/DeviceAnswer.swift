import HTTP
import Postgres
import Runtime

struct DevicePairingBody: Codable, Sendable, APIType {
    let name: String
    let profile: DeviceProfile
    let organizationId: ID<Organization>?
    let validitySeconds: Int?

    static let schema = Schema.object(
        "DevicePairingBody", "A device to be",
        [
            .required("name", .string(1...100), "For people: 北门"),
            .required("profile", .oneOf(DeviceProfile.allCases.map(\.rawValue)), "What it may do"),
            .optional("organizationId", .id, "Whose organizers see to it; absent for the whole union's"),
            .optional("validitySeconds", .integer(10...86_400), "How long the code holds; 600 by default"),
        ])
}

struct DevicePairingAnswer: Codable, Sendable, APIType {
    let pairingCode: String
    let profile: DeviceProfile
    let permissions: [String]
    let expiresAt: String

    init(_ pairing: DevicePairing, _ profile: DeviceProfile) {
        pairingCode = pairing.code
        self.profile = profile
        permissions = profile.permissions.map(\.rawValue).sorted()
        expiresAt = pairing.expiresAt.description
    }

    static let schema = Schema.object(
        "DevicePairing", "A one-time code",
        [
            .required("pairingCode", .string(1...40), "To be typed into the device once"),
            .required("profile", .oneOf(DeviceProfile.allCases.map(\.rawValue))),
            .required("permissions", .array(of: .string(1...60), 0...100)), .required("expiresAt", .dateTime),
        ])
}

struct DeviceBody: Codable, Sendable, APIType {
    let pairingCode: String
    let cookie: Bool?

    static let schema = Schema.object(
        "DeviceBody", "A device that pairs",
        [.required("pairingCode", .string(1...40), "As the owner reads it out"), PageSessionAnswer.field])
}

struct DeviceAnswer: Codable, Sendable, APIType {
    let id: ID<Device>
    let name: String
    let profile: DeviceProfile
    let organizationId: ID<Organization>?
    let permissions: [String]
    let createdAt: String
    let keyIssuedAt: String
    let revokedAt: String?
    let lastHeardAt: String?

    init(_ device: Device) {
        id = device.id
        name = device.name
        profile = device.profile
        organizationId = device.organizationID
        permissions = device.profile.permissions.map(\.rawValue).sorted()
        createdAt = device.createdAt.description
        keyIssuedAt = device.keyIssuedAt.description
        revokedAt = device.revokedAt?.description
        lastHeardAt = device.heardAt?.description
    }

    static let schema = Schema.object(
        "Device", "A device with a key of its own",
        [
            .required("id", .id), .required("name", .string(1...100)), .required("profile", .oneOf(DeviceProfile.allCases.map(\.rawValue))),
            .optional("organizationId", .id, "Whose organizers see to it; absent for the whole union's"),
            .required("permissions", .array(of: .string(1...60), 0...100), "The calls that its key may make"),
            .required("createdAt", .dateTime), .required("keyIssuedAt", .dateTime), .optional("revokedAt", .dateTime, "Shut out since"),
            .optional("lastHeardAt", .dateTime, "When its key was last shown, to a minute or two; absent: never"),
        ])
}

struct DeviceKeyAnswer: Codable, Sendable, APIType {
    let device: DeviceAnswer
    let key: String

    static let schema = Schema.object(
        "DeviceKey", "A device and its key",
        [.required("device", DeviceAnswer.schema), .required("key", .string(47...47), "The bearer token, shown this once")])
}

struct DeviceList: Codable, Sendable, APIType {
    let items: [DeviceAnswer]
    let next: String?

    static let schema = Schema.object(
        "DeviceList", "A page of devices",
        [.required("items", .array(of: DeviceAnswer.schema, 0...200)), PageCursor.next])
}
