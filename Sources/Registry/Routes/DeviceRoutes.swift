import HTTP
import Runtime

/// Devices, over HTTP.
struct DeviceRoutes: Sendable {
    let devices: DeviceStore
    let organizations: OrganizationStore
    let idempotency: IdempotencyStore
    let authenticator: RegistryAuthenticator
    let attempts: AttemptStore
    let limits: AttemptLimits
    var audit: AuditStore { AuditStore() }

    var all: [Route] { [createPairing, pair, list, read, roll, revoke] }

    private static let id = Parameter.path("id", .id, "The device")

    private var createPairing: Route {
        Route(
            .post, "/v1/device-pairings", summary: "Gives out a one-time code that pairs a device", tag: "Devices",
            access: .permission(RegistryPermission.devicesWrite), parameters: [IdempotencyStore.parameter],
            body: .json(DevicePairingBody.self, limitBytes: 4_096),
            responses: [.json(201, DevicePairingAnswer.self, "The code, shown this once")],
            problems: [RegistryProblem.organizationNotFound] + IdempotencyStore.problems
        ) { request in
            let body = try request.json(DevicePairingBody.self)
            let subject = request.principal?.subject ?? "anyone"
            let scope = request.scope(of: RegistryPermission.devicesWrite)
            return try await idempotency.once(request) { transaction in
                if let id = body.organizationId {
                    try await organizations.require(id, scope, in: transaction)
                } else if scope != .everything {
                    throw Problem(RegistryProblem.organizationNotFound)
                }
                let pairing = try await devices.createPairing(
                    name: body.name, profile: body.profile, organizationID: body.organizationId, by: subject,
                    validitySeconds: body.validitySeconds ?? 600, in: transaction)
                try await audit.record(
                    "device_pairing.created", subject: "device_pairing:\(pairing.id)", organization: body.organizationId,
                    details: ["profile": body.profile.rawValue], request, in: transaction)
                return Response.json(DevicePairingAnswer(pairing, body.profile), status: 201).with("Cache-Control", "no-store")
            }
        }
    }

    private var pair: Route {
        Route(
            .post, "/v1/devices", summary: "Trades a pairing code for the device's key", tag: "Devices", access: .anyone,
            parameters: [IdempotencyStore.parameter], body: .json(DeviceBody.self, limitBytes: 1_024),
            responses: [.json(201, DeviceKeyAnswer.self, "The device and its key, shown this once"), PageSessionAnswer.response],
            problems: [RegistryProblem.pairingRefused, AccountProblem.tooManyAttempts] + IdempotencyStore.problems
        ) { request in
            let body = try request.json(DeviceBody.self)
            let code = body.pairingCode
            if let seconds = try await attempts.take(limits.attempts(limits.pairingsOfAddress, from: request), in: attempts.database) {
                throw AccountProblem.tooMany(retryAfterSeconds: seconds)
            }
            let response = try await idempotency.once(request) { transaction in
                guard let (device, key) = try await devices.pair(code: code, in: transaction) else {
                    throw Problem(RegistryProblem.pairingRefused)
                }
                try await audit.record(
                    "device.paired", subject: "device:\(device.id)", organization: device.organizationID, request, in: transaction)
                return Response.json(DeviceKeyAnswer(device: DeviceAnswer(device), key: key), status: 201)
                    .with("Location", "/v1/devices/\(device.id)").with("Cache-Control", "no-store")
            }
            return try PageSession.device.open(
                DeviceKeyAnswer.self, of: response, asCookie: body.cookie, lifetimeSeconds: PageSession.deviceLifetimeSeconds, request)
        }
    }

    private var list: Route {
        Route(
            .get, "/v1/devices", summary: "Lists devices in the order of their numbers", tag: "Devices",
            access: .permission(RegistryPermission.devicesRead), parameters: PageCursor.parameters,
            responses: [.json(200, DeviceList.self, "A page")], problems: [RegistryProblem.databaseUnavailable]
        ) { request in
            let (after, limit) = PageCursor.read(request, of: Device.self)
            let scope = request.scope(of: RegistryPermission.devicesRead)
            let found = try await devices.list(within: scope, after: after, limit: limit + 1)
            let (items, next) = PageCursor.page(found, limit: limit, id: \.id)
            return .json(DeviceList(items: items.map(DeviceAnswer.init), next: next))
        }
    }

    private var read: Route {
        Route(
            .get, "/v1/devices/{id}", summary: "One device", tag: "Devices", access: .permission(RegistryPermission.devicesRead),
            parameters: [Self.id], responses: [.json(200, DeviceAnswer.self, "The device")],
            problems: [RegistryProblem.deviceNotFound, RegistryProblem.databaseUnavailable]
        ) { request in
            let scope = request.scope(of: RegistryPermission.devicesRead)
            guard let device = try await devices.device(request.parameter("id", as: ID<Device>.self), within: scope) else {
                throw Problem(RegistryProblem.deviceNotFound)
            }
            return .json(DeviceAnswer(device))
        }
    }

    private var roll: Route {
        Route(
            .post, "/v1/devices/{id}/roll", summary: "Gives a device a new key and ends the old one at once", tag: "Devices",
            access: .permission(RegistryPermission.devicesWrite), parameters: [Self.id, IdempotencyStore.parameter],
            responses: [.json(200, DeviceKeyAnswer.self, "The device and its new key, shown this once")],
            problems: [RegistryProblem.deviceNotFound, RegistryProblem.deviceRevoked] + IdempotencyStore.problems
        ) { request in
            let id = request.parameter("id", as: ID<Device>.self)
            let scope = request.scope(of: RegistryPermission.devicesWrite)
            let response = try await idempotency.once(request) { transaction in
                switch try await devices.roll(id, within: scope, in: transaction) {
                case .rolled(let device, let key):
                    try await audit.record(
                        "device.key_rolled", subject: "device:\(id)", organization: device.organizationID, request, in: transaction)
                    return Response.json(DeviceKeyAnswer(device: DeviceAnswer(device), key: key)).with("Cache-Control", "no-store")
                case .notFound: throw Problem(RegistryProblem.deviceNotFound)
                case .revoked: throw Problem(RegistryProblem.deviceRevoked)
                }
            }
            authenticator.forgetAll()
            return response
        }
    }

    private var revoke: Route {
        Route(
            .post, "/v1/devices/{id}/revoke", summary: "Shuts a device out for good", tag: "Devices",
            access: .permission(RegistryPermission.devicesWrite), parameters: [Self.id],
            responses: [.json(200, DeviceAnswer.self, "The device")],
            problems: [RegistryProblem.deviceNotFound, RegistryProblem.databaseUnavailable]
        ) { request in
            let scope = request.scope(of: RegistryPermission.devicesWrite)
            let response = try await idempotency.once(request) { transaction in
                let id = request.parameter("id", as: ID<Device>.self)
                guard let device = try await devices.revoke(id, within: scope, in: transaction) else {
                    throw Problem(RegistryProblem.deviceNotFound)
                }
                try await audit.record(
                    "device.revoked", subject: "device:\(id)", organization: device.organizationID, request, in: transaction)
                return Response.json(DeviceAnswer(device))
            }
            authenticator.forgetAll()
            return response
        }
    }
}
