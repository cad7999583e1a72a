import Crypto
import HTTP
import MemberCode
import Postgres
import Runtime

/// What a device's screen asks of itself.
struct OwnDeviceRoutes: Sendable {
    let devices: DeviceStore
    let organizations: OrganizationStore
    let keys: Keys
    let clock: Clock

    var all: [Route] { [read, readKeys] }

    private var read: Route {
        Route(
            .get, "/v1/device", summary: "Which device this is: any profile may ask", tag: "Devices",
            access: .permission(RegistryPermission.device), responses: [.json(200, OwnDeviceAnswer.self, "The device itself")],
            problems: [RegistryProblem.deviceNotFound, RegistryProblem.databaseUnavailable]
        ) { request in
            guard let device = try await devices.device(request.device.deviceID) else { throw Problem(RegistryProblem.deviceNotFound) }
            var organization: Organization?
            if let id = device.organizationID { organization = try await organizations.organization(id) }
            return Response.json(OwnDeviceAnswer(device, organizationName: organization?.name)).with("Cache-Control", "no-store")
        }
    }
}

extension OwnDeviceRoutes {
    /// Codes change hands at vans and venues too, where no door's policy is asked for.
    private var readKeys: Route {
        let publicKeys = keys.memberCodePublicKeys.sorted { $0.key < $1.key }.map {
            DeviceKeysAnswer.PublicKey(id: $0.key, key: Base64URL.encode($0.value.bytes))
        }
        let clock = clock
        return Route(
            .get, "/v1/device/keys", summary: "The public keys by which any device checks codes and cards without network", tag: "Devices",
            access: .permission(RegistryPermission.device), responses: [.json(200, DeviceKeysAnswer.self, "The keys in use")]
        ) { _ in
            let now = timestamp(microseconds: clock.nowMicroseconds)
            return Response.json(DeviceKeysAnswer(serverTime: now, publicKeys: publicKeys)).with("Cache-Control", "no-store")
        }
    }
}

struct DeviceKeysAnswer: Codable, Sendable, APIType {
    struct PublicKey: Codable, Sendable {
        let id: UInt8
        let key: String

        static let schema = Schema.object(
            "DevicePublicKey", "Proves member codes and cards without being able to make them",
            [.required("id", .integer(0...255), "As in the code"), .required("key", .string(43...43), "Ed25519, Base64url")])
    }

    let serverTime: String
    let publicKeys: [PublicKey]

    static let schema = Schema.object(
        "DeviceKeys", "What proves codes without network",
        [
            .required("serverTime", .dateTime, "To judge a code's time by"), .required("publicKeys", .array(of: PublicKey.schema, 0...256)),
        ])
}

extension Request {
    /// The device that calls a route that needs the permission `device`.
    package var device: DevicePrincipal {
        guard let device = principal as? DevicePrincipal else { preconditionFailure("only devices have the permission device") }
        return device
    }
}

struct OwnDeviceAnswer: Codable, Sendable, APIType {
    let id: ID<Device>
    let name: String
    let profile: DeviceProfile
    let organizationId: ID<Organization>?
    let organizationName: String?
    let permissions: [String]
    let pairedAt: String

    init(_ device: Device, organizationName: String?) {
        id = device.id
        name = device.name
        profile = device.profile
        organizationId = device.organizationID
        self.organizationName = organizationName
        permissions = device.profile.permissions.map(\.rawValue).sorted()
        pairedAt = device.createdAt.description
    }

    static let schema = Schema.object(
        "OwnDevice", "The device that asks",
        [
            .required("id", .id), .required("name", .string(1...100)), .required("profile", .oneOf(DeviceProfile.allCases.map(\.rawValue))),
            .optional("organizationId", .id, "Whose organizers see to it; absent for the whole union's"),
            .optional("organizationName", .string(1...100)),
            .required("permissions", .array(of: .string(1...60), 0...100), "The calls that its key may make"),
            .required("pairedAt", .dateTime),
        ])
}
