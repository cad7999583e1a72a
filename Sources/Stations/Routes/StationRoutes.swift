import HTTP
import Postgres
import Registry
import Runtime

/// Stations: made and read by those who run them.
struct StationRoutes: Sendable {
    let stations: StationStore
    let idempotency: IdempotencyStore

    var all: [Route] { [create, list, read] }

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
            return try await idempotency.once(request) { querying in
                let station = try await stations.create(draft, in: querying)
                return Response.json(station, status: 201).with("Location", "/v1/stations/\(station.id)")
            }
        }
    }

    private var list: Route {
        Route(
            .get, "/v1/stations", summary: "Lists stations in order of their ids", tag: "Stations",
            access: .permission(RegistryPermission.stationsRead),
            parameters: [
                .query("organizationId", .id, "Only this organization's"),
                .query("after", .id, "The answer before gave it as next"),
                .query("limit", .integer(1...200), "Items in the answer, 50 by default"),
            ],
            responses: [.json(200, StationList.self, "Stations")],
            problems: [RegistryProblem.databaseUnavailable]
        ) { request in
            let limit = request.optionalParameter("limit", as: Int.self) ?? 50
            let found = try await stations.list(
                organization: request.optionalParameter("organizationId"), after: request.optionalParameter("after"), limit: limit + 1)
            let items = Array(found.prefix(limit))
            return .json(StationList(items: items, next: found.count > limit ? items.last?.id.description : nil))
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
            .json(try await stations.find(request.parameter("id")))
        }
    }
}
