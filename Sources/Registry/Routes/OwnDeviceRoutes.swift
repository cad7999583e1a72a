import HTTP
import Postgres
import Runtime

/// What a device's screen asks of itself.
struct OwnDeviceRoutes: Sendable {
    let devices: DeviceStore
    let organizations: OrganizationStore

    var all: [Route] { [read] }

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
