import HTTP
import Postgres
import Registry
import Runtime

/// Access points: made, read and given devices by those who run the station.
struct AccessPointRoutes: Sendable {
    let stations: StationStore
    let accessPoints: AccessPointStore
    let policies: AccessPolicyStore
    let reach: StationReachStore
    let idempotency: IdempotencyStore
    var audit: AuditStore { AuditStore() }

    var all: [Route] { [create, list, read, assign, unassign] }

    private var create: Route {
        Route(
            .post, "/v1/stations/{id}/access-points", summary: "Makes an access point of a station", tag: "Stations",
            access: .permission(RegistryPermission.stationsWrite),
            parameters: [.path("id", .id, "The station"), IdempotencyStore.parameter],
            body: .json(AccessPointDraft.self),
            responses: [.json(201, AccessPoint.self, "The new access point, without devices")],
            problems: [StationProblem.stationUnknown, StationProblem.invalid] + IdempotencyStore.problems
        ) { request in
            let draft = try request.json(AccessPointDraft.self)
            if let policy = draft.policy { try await policies.check(policy, at: "/policy") }
            let station = try await stations.find(request.parameter("id"), scope: request.scope(of: RegistryPermission.stationsWrite))
            return try await idempotency.once(request) { querying in
                let accessPoint = try await accessPoints.create(
                    draft, station: station.id, changedBy: request.principal?.subject ?? "anyone", in: querying)
                try await audit.record(
                    "access_point.created", subject: "access_point:\(accessPoint.id)", organization: station.organizationId,
                    details: ["station": "station:\(station.id)"], request, in: querying)
                return Response.json(accessPoint, status: 201)
                    .with("Location", "/v1/access-points/\(accessPoint.id)").with("ETag", accessPoint.entityTag)
            }
        }
    }

    private var list: Route {
        Route(
            .get, "/v1/stations/{id}/access-points", summary: "Lists the access points of a station", tag: "Stations",
            access: .permission(RegistryPermission.stationsRead),
            parameters: [.path("id", .id, "The station")] + PageCursor.parameters,
            responses: [.json(200, AccessPointList.self, "Access points")],
            problems: [StationProblem.stationUnknown, RegistryProblem.databaseUnavailable]
        ) { request in
            let (after, limit) = PageCursor.read(request, of: AccessPoint.self)
            let station = try await stations.find(request.parameter("id"), scope: request.scope(of: RegistryPermission.stationsRead))
            let found = try await accessPoints.list(station: station.id, after: after, limit: limit + 1)
            let (items, next) = PageCursor.page(found, limit: limit, id: \.id)
            return .json(AccessPointList(items: items, next: next))
        }
    }

    private var read: Route {
        Route(
            .get, "/v1/access-points/{id}", summary: "Reads an access point with its policy", tag: "Stations",
            access: .permission(RegistryPermission.stationsRead),
            parameters: [.path("id", .id, "The access point")],
            responses: [.json(200, AccessPoint.self, "The access point")],
            problems: [StationProblem.accessPointUnknown, RegistryProblem.databaseUnavailable]
        ) { request in
            Self.answer(try await accessPoints.find(request.parameter("id"), scope: request.scope(of: RegistryPermission.stationsRead)))
        }
    }

    private var assign: Route {
        Route(
            .post, "/v1/access-points/{id}/devices", summary: "Lets a device serve an access point; again changes nothing", tag: "Stations",
            access: .permission(RegistryPermission.stationsWrite),
            parameters: [.path("id", .id, "The access point")],
            body: .json(DeviceAssignment.self),
            responses: [.json(200, AccessPoint.self, "The access point with its devices")],
            problems: [StationProblem.accessPointUnknown, StationProblem.invalid, RegistryProblem.databaseUnavailable]
        ) { request in
            let assignment = try request.json(DeviceAssignment.self)
            guard try await reach.device(assignment.deviceId, request.scope(of: RegistryPermission.stationsWrite)) else {
                throw StationError.deviceUnknown
            }
            let id = request.parameter("id", as: ID<AccessPoint>.self)
            let station = try await station(of: id, request)
            return try await idempotency.once(request) { querying in
                let accessPoint = try await accessPoints.assign(assignment.deviceId, to: id, in: querying)
                try await audit.record(
                    "access_point.device_assigned", subject: "access_point:\(id)", organization: station.organizationId,
                    details: ["device": "device:\(assignment.deviceId)"], request, in: querying)
                return Self.answer(accessPoint)
            }
        }
    }

    private var unassign: Route {
        Route(
            .delete, "/v1/access-points/{id}/devices/{deviceId}", summary: "Ends a device's service at an access point",
            tag: "Stations", access: .permission(RegistryPermission.stationsWrite),
            parameters: [.path("id", .id, "The access point"), .path("deviceId", .id, "The device")],
            responses: [.json(200, AccessPoint.self, "The access point with its devices")],
            problems: [StationProblem.accessPointUnknown, RegistryProblem.databaseUnavailable]
        ) { request in
            let id = request.parameter("id", as: ID<AccessPoint>.self)
            let device = request.parameter("deviceId", as: ID<Device>.self)
            let station = try await station(of: id, request)
            return try await idempotency.once(request) { querying in
                let accessPoint = try await accessPoints.unassign(device, from: id, in: querying)
                try await audit.record(
                    "access_point.device_unassigned", subject: "access_point:\(id)", organization: station.organizationId,
                    details: ["device": "device:\(device)"], request, in: querying)
                return Self.answer(accessPoint)
            }
        }
    }

    /// Whose access point it is, if the caller may change it.
    private func station(of id: ID<AccessPoint>, _ request: Request) async throws(StationError) -> Station {
        let accessPoint = try await accessPoints.find(id, scope: request.scope(of: RegistryPermission.stationsWrite))
        return try await stations.find(accessPoint.stationId)
    }

    private static func answer(_ accessPoint: AccessPoint) -> Response {
        Response.json(accessPoint).with("ETag", accessPoint.entityTag)
    }
}
