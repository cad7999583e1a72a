package import HTTP
package import Postgres
package import Registry
package import Runtime

/// Stations: made and read by those who run them.
struct StationRoutes: Sendable {
    let stations: StationStore
    let idempotency: IdempotencyStore

    var all: [Route] { [create, list, read] }

    private var create: Route {
        Route(
            .post, "/v1/stations", summary: "Makes a station", tag: "Stations",
            access: .permission(RegistryPermission.stationsWrite),
            parameters: [Idempotency.parameter],
            body: .json(StationDraft.self),
            responses: [.json(201, Station.self, "The new station, without access points")],
            problems: [StationProblem.invalid] + Idempotency.problems
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
                .query("cursor", .id, "The `next` of the page before"),
                .query("limit", .integer(1...200), "How many; 50 when absent"),
            ],
            responses: [.json(200, StationList.self, "Stations")]
        ) { request in
            let limit = request.optionalParameter("limit", as: Int.self) ?? 50
            let found = try await stations.list(
                organization: request.optionalParameter("organizationId"), after: request.optionalParameter("cursor"), limit: limit + 1)
            let items = Array(found.prefix(limit))
            return .json(StationList(items: items, next: found.count > limit ? items.last?.id : nil))
        }
    }

    private var read: Route {
        Route(
            .get, "/v1/stations/{id}", summary: "Reads a station and how many people are inside", tag: "Stations",
            access: .permission(RegistryPermission.stationsRead),
            parameters: [.path("id", .id, "The station")],
            responses: [.json(200, Station.self, "The station")],
            problems: [StationProblem.stationUnknown]
        ) { request in
            .json(try await stations.find(request.parameter("id")))
        }
    }
}
