import HTTP
import Postgres
import Registry
import Runtime

/// Venues and which devices redeem there.
struct VenueRoutes: Sendable {
    let venues: VenueStore
    let devices: DeviceStore
    let audit: AuditStore
    let idempotency: IdempotencyStore

    var all: [Route] { [create, list, read, change, close, bind, unbind] }

    static let tag = "Venues"
    static let id = Parameter.path("id", .id, "The venue")
    private static let deviceID = Parameter.path("deviceId", .id, "A device of the profile venue")

    private var create: Route {
        Route(
            .post, "/v1/venues", summary: "Adds a venue", tag: Self.tag, access: .permission(RegistryPermission.couponsWrite),
            parameters: [IdempotencyStore.parameter], body: .json(VenueBody.self, limitBytes: 4_096),
            responses: [.json(201, VenueAnswer.self, "The venue")], problems: [VenueProblem.invalid] + IdempotencyStore.problems
        ) { request in
            let body = try request.json(VenueBody.self)
            if let fault = body.fault() { throw fault }
            let scope = request.scope(of: RegistryPermission.couponsWrite)
            return try await idempotency.once(request) { querying in
                guard let venue = try await venues.create(body, within: scope, by: request.actor, in: querying) else {
                    throw VenueProblem.invalid(
                        "venue.organization_unknown", "/organizationId", zh: "没有这个工会组织", en: "There is no such organization")
                }
                try await audit.record(
                    "venue.created", subject: "venue:\(venue.id)", organization: venue.organizationId, request, in: querying)
                return Response.json(venue, status: 201).with("Location", "/v1/venues/\(venue.id)")
            }
        }
    }

    private var list: Route {
        Route(
            .get, "/v1/venues", summary: "Lists venues", tag: Self.tag, access: .permission(RegistryPermission.couponsRead),
            parameters: PageCursor.parameters, responses: [.json(200, VenueList.self, "Venues, the closed ones among them")],
            problems: [RegistryProblem.databaseUnavailable]
        ) { request in
            let (after, limit) = PageCursor.read(request, of: Venue.self)
            let found = try await venues.list(within: request.scope(of: RegistryPermission.couponsRead), after: after, limit: limit + 1)
            let (items, next) = PageCursor.page(found, limit: limit, id: \.id)
            return .json(VenueList(items: items, next: next))
        }
    }

    private var read: Route {
        Route(
            .get, "/v1/venues/{id}", summary: "A venue", tag: Self.tag, access: .permission(RegistryPermission.couponsRead),
            parameters: [Self.id], responses: [.json(200, VenueAnswer.self, "The venue")],
            problems: [VenueProblem.unknown, RegistryProblem.databaseUnavailable]
        ) { request in
            .json(try await venue(request, RegistryPermission.couponsRead))
        }
    }

    /// - Throws: `venue.unknown`, for what lies outside and for what does not exist alike.
    private func venue(_ request: Request, _ permission: Permission, in querying: (any Querying)? = nil) async throws -> VenueAnswer {
        guard let found = try await venues.find(request.parameter("id"), within: request.scope(of: permission), in: querying) else {
            throw Problem(VenueProblem.unknown)
        }
        return found
    }

    private var change: Route {
        Route(
            .put, "/v1/venues/{id}", summary: "Changes a venue's name, address and place", tag: Self.tag,
            access: .permission(RegistryPermission.couponsWrite), parameters: [Self.id],
            body: .json(VenueBody.self, limitBytes: 4_096), responses: [.json(200, VenueAnswer.self, "The venue")],
            problems: [VenueProblem.unknown, VenueProblem.invalid] + IdempotencyStore.problems
        ) { request in
            let body = try request.json(VenueBody.self)
            if let fault = body.fault() { throw fault }
            return try await idempotency.once(request) { querying in
                let venue = try await venue(request, RegistryPermission.couponsWrite, in: querying)
                guard let changed = try await venues.change(venue.id, body, in: querying) else {
                    throw VenueProblem.invalid(
                        "venue.organization_changed", "/organizationId", zh: "所属工会不能更改", en: "A venue stays with its organization")
                }
                try await audit.record(
                    "venue.changed", subject: "venue:\(venue.id)", organization: venue.organizationId, request, in: querying)
                return .json(changed)
            }
        }
    }

    private var close: Route {
        Route(
            .post, "/v1/venues/{id}/close", summary: "Closes a venue: nothing is redeemed there any more", tag: Self.tag,
            access: .permission(RegistryPermission.couponsWrite), parameters: [Self.id, IdempotencyStore.parameter],
            body: .json(VenueReasonBody.self, limitBytes: 4_096),
            responses: [.json(200, VenueAnswer.self, "The venue; again changes nothing")],
            problems: [VenueProblem.unknown] + IdempotencyStore.problems
        ) { request in
            let body = try request.json(VenueReasonBody.self)
            return try await idempotency.once(request) { querying in
                let id = try await venue(request, RegistryPermission.couponsWrite, in: querying).id
                let isClosed = try await venues.close(id, reason: body.reason, in: querying)
                let venue = try await venue(request, RegistryPermission.couponsWrite, in: querying)
                if isClosed {
                    try await audit.record(
                        "venue.closed", subject: "venue:\(id)", organization: venue.organizationId, request, in: querying)
                }
                return .json(venue)
            }
        }
    }

    // MARK: Devices

    private var bind: Route {
        Route(
            .put, "/v1/venues/{id}/devices/{deviceId}", summary: "Binds a device to a venue, from wherever it redeemed before",
            tag: Self.tag, access: .permission(RegistryPermission.couponsWrite), parameters: [Self.id, Self.deviceID],
            responses: [.json(200, VenueAnswer.self, "The venue; again changes nothing")],
            problems: [VenueProblem.unknown, VenueProblem.closed, VenueProblem.deviceUnknown, VenueProblem.deviceProfile]
                + IdempotencyStore.problems
        ) { request in
            try await idempotency.once(request) { querying in
                let venue = try await venue(request, RegistryPermission.couponsWrite, in: querying)
                if venue.closedAt != nil { throw Problem(VenueProblem.closed) }
                let device = try await device(request, in: querying)
                guard device.profile == .venue else { throw Problem(VenueProblem.deviceProfile) }
                if try await venues.bind(device.id, to: venue.id, by: request.actor, in: querying) {
                    try await audit.record(
                        "venue.device_bound", subject: "venue:\(venue.id)", organization: venue.organizationId,
                        details: ["device": "\(device.id)"], request, in: querying)
                }
                return .json(try await self.venue(request, RegistryPermission.couponsWrite, in: querying))
            }
        }
    }

    private func device(_ request: Request, in querying: any Querying) async throws -> Device {
        let scope = request.scope(of: RegistryPermission.couponsWrite)
        guard let device = try await devices.device(request.parameter("deviceId"), within: scope, in: querying), device.revokedAt == nil
        else { throw Problem(VenueProblem.deviceUnknown) }
        return device
    }

    private var unbind: Route {
        Route(
            .delete, "/v1/venues/{id}/devices/{deviceId}", summary: "Takes a device away from a venue", tag: Self.tag,
            access: .permission(RegistryPermission.couponsWrite), parameters: [Self.id, Self.deviceID],
            responses: [.json(200, VenueAnswer.self, "The venue; again changes nothing")],
            problems: [VenueProblem.unknown] + IdempotencyStore.problems
        ) { request in
            try await idempotency.once(request) { querying in
                let venue = try await venue(request, RegistryPermission.couponsWrite, in: querying)
                let device: ID<Device> = request.parameter("deviceId")
                if try await venues.unbind(device, from: venue.id, in: querying) {
                    try await audit.record(
                        "venue.device_unbound", subject: "venue:\(venue.id)", organization: venue.organizationId,
                        details: ["device": "\(device)"], request, in: querying)
                }
                return .json(try await self.venue(request, RegistryPermission.couponsWrite, in: querying))
            }
        }
    }
}

extension Request {
    /// Who calls, for the history.
    var actor: String { principal?.subject ?? "anyone" }
}
