import HTTP
import Postgres
import Registry
import Runtime

/// Access points: made, read, given a policy and devices by those who run the station.
struct AccessPointRoutes: Sendable {
    let stations: StationStore
    let accessPoints: AccessPointStore
    let reach: StationReachStore
    let idempotency: IdempotencyStore
    var audit: AuditStore { AuditStore() }

    var all: [Route] { [create, list, read, setPolicy, assign, unassign] }

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
            let violations = draft.policy?.violations(at: "/policy") ?? []
            guard violations.isEmpty else { throw Problem(StationProblem.invalid, violations: violations) }
            let station = request.parameter("id", as: ID<Station>.self)
            return try await idempotency.once(request) { querying in
                let accessPoint = try await accessPoints.create(draft, station: station, in: querying)
                try await audit.record(
                    "access_point.created", subject: "access_point:\(accessPoint.id)", organization: nil,
                    details: ["station": "station:\(station)"], request, in: querying)
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
            let station = try await stations.find(request.parameter("id"))
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
            Self.answer(try await accessPoints.find(request.parameter("id")))
        }
    }

    private var setPolicy: Route {
        Route(
            .put, "/v1/access-points/{id}/policy", summary: "Replaces the policy of an access point", tag: "Stations",
            access: .permission(RegistryPermission.stationsWrite),
            parameters: [.path("id", .id, "The access point"), EntityTag.ifMatch],
            body: .json(AccessPolicy.self),
            responses: [.json(200, AccessPoint.self, "The access point with its new policy")],
            problems: [
                StationProblem.accessPointUnknown, StationProblem.invalid, StationProblem.policyChanged,
                RegistryProblem.databaseUnavailable,
            ]
        ) { request in
            let policy = try request.json(AccessPolicy.self)
            let violations = policy.violations()
            guard violations.isEmpty else { throw Problem(StationProblem.invalid, violations: violations) }
            return Self.answer(
                try await accessPoints.setPolicy(policy, of: request.parameter("id"), replacing: request.versionToChange))
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
            return try await idempotency.once(request) { querying in
                let accessPoint = try await accessPoints.assign(assignment.deviceId, to: id, in: querying)
                try await audit.record(
                    "access_point.device_assigned", subject: "access_point:\(id)", organization: nil,
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
            return try await idempotency.once(request) { querying in
                let accessPoint = try await accessPoints.unassign(device, from: id, in: querying)
                try await audit.record(
                    "access_point.device_unassigned", subject: "access_point:\(id)", organization: nil,
                    details: ["device": "device:\(device)"], request, in: querying)
                return Self.answer(accessPoint)
            }
        }
    }

    private static func answer(_ accessPoint: AccessPoint) -> Response {
        Response.json(accessPoint).with("ETag", accessPoint.entityTag)
    }
}
