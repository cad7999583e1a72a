import HTTP
import Postgres
import Registry
import Runtime

/// Stations: made, read and changed by those who run them.
struct StationRoutes: Sendable {
    let stations: StationStore
    let organizations: OrganizationStore
    let accessPoints: AccessPointStore
    let policies: AccessPolicyStore
    let idempotency: IdempotencyStore
    var audit: AuditStore { AuditStore() }

    var all: [Route] { [create, list, read, change] }

    private var create: Route {
        Route(
            .post, "/v1/stations", summary: "Makes a station", tag: "Stations",
            access: .permission(RegistryPermission.stationsWrite),
            parameters: [IdempotencyStore.parameter],
            body: .json(StationDraft.self),
            responses: [.json(201, Station.self, "The new station, without access points")],
            problems: [StationProblem.invalid] + IdempotencyStore.problems
        ) { request in
            let draft = try request.json(StationDraft.self)
            var violations = StationFacts(draft).violations
            if !(try await organizations.isInside(draft.organizationId, request.scope(of: RegistryPermission.stationsWrite))) {
                violations += StationError.organizationUnknown.problem.violations
            }
            guard violations.isEmpty else { throw Problem(StationProblem.invalid, violations: violations) }
            return try await idempotency.once(request) { querying in
                let station = try await stations.create(draft, in: querying)
                try await audit.record(
                    "station.created", subject: "station:\(station.id)", organization: station.organizationId, request, in: querying)
                return Self.answer(station, status: 201).with("Location", "/v1/stations/\(station.id)")
            }
        }
    }

    private var list: Route {
        Route(
            .get, "/v1/stations", summary: "Lists stations in order of their ids", tag: "Stations",
            access: .permission(RegistryPermission.stationsRead),
            parameters: PageCursor.parameters + [.query("organizationId", .id, "Only this organization's")],
            responses: [.json(200, StationList.self, "Stations")],
            problems: [RegistryProblem.databaseUnavailable]
        ) { request in
            let (after, limit) = PageCursor.read(request, of: Station.self)
            let found = try await stations.list(
                organization: request.optionalParameter("organizationId"), scope: request.scope(of: RegistryPermission.stationsRead),
                after: after, limit: limit + 1)
            let (items, next) = PageCursor.page(found, limit: limit, id: \.id)
            return .json(StationList(items: items, next: next))
        }
    }

    private var read: Route {
        Route(
            .get, "/v1/stations/{id}", summary: "Reads a station and how many people are inside", tag: "Stations",
            access: .permission(RegistryPermission.stationsRead),
            parameters: [.path("id", .id, "The station")],
            responses: [.json(200, Station.self, "The station")],
            problems: [StationProblem.stationUnknown, RegistryProblem.databaseUnavailable]
        ) { request in
            Self.answer(try await stations.find(request.parameter("id"), scope: request.scope(of: RegistryPermission.stationsRead)))
        }
    }

    private var change: Route {
        Route(
            .patch, "/v1/stations/{id}", summary: "Changes facts of a station: its place, hours, capacity, amenities, status",
            tag: "Stations", access: .permission(RegistryPermission.stationsWrite),
            parameters: [
                .path("id", .id, "The station"), EntityTag.ifMatch,
                .query("confirm", .boolean, "true: set its hours although nobody at all could enter"),
            ],
            body: .json(StationChange.self),
            responses: [.json(200, Station.self, "The station as it is now, and what should be known of its new hours")],
            problems: [
                StationProblem.stationUnknown, StationProblem.invalid, StationProblem.stationChanged, StationProblem.hoursLockEveryoneOut,
                RegistryProblem.databaseUnavailable,
            ]
        ) { request in
            let change = try request.json(StationChange.self)
            let id = request.parameter("id", as: ID<Station>.self)
            let before = try await stations.find(id, scope: request.scope(of: RegistryPermission.stationsWrite))
            let findings = try await findings(change, of: before)
            let grave = findings.filter(\.locksEveryoneOut)
            guard grave.isEmpty || request.optionalParameter("confirm", as: Bool.self) ?? false else {
                throw Problem(StationProblem.hoursLockEveryoneOut, violations: grave.map(\.violation))
            }
            return try await idempotency.once(request) { querying in
                var station = try await stations.change(id, by: change, replacing: request.versionToChange, in: querying)
                try await audit.record(
                    "station.changed", subject: "station:\(id)", organization: station.organizationId,
                    details: ["version": String(station.version), "status": station.facts.status.rawValue], request, in: querying)
                if !findings.isEmpty { station.warnings = findings.map { $0.warning(request.language) } }
                return Self.answer(station)
            }
        }
    }

    /// What a change of hours would do to those who came lately; nothing for other changes, and for what is refused anyway.
    private func findings(_ change: StationChange, of station: Station) async throws(StationError) -> [StationFinding] {
        let facts = change.applied(to: station.facts)
        guard facts.violations.isEmpty,
            facts.opening != station.facts.opening || facts.timeZone != station.facts.timeZone || facts.promisedOpen
        else { return [] }
        let doors = try await accessPoints.list(station: station.id, after: nil, limit: 1_000).map(\.policy)
        return StationFinding.of(
            facts, before: station.facts, doors: doors, visitors: try await policies.visitors(of: station.id, hours: facts))
    }

    static func answer(_ station: Station, status: Int = 200) -> Response {
        Response.json(station, status: status).with("ETag", station.entityTag)
    }
}
