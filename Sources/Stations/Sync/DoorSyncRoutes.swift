import HTTP
import Postgres
import Registry
import Runtime

/// What a controller fetches every minute.
struct DoorSyncRoutes: Sendable {
    let store: DoorSyncStore

    var all: [Route] { [sync] }

    private var sync: Route {
        Route(
            .get, "/v1/access-points/{id}/sync", summary: "What a controller needs to decide alone: policy, public keys, refusals",
            tag: "Stations", access: .permission(RegistryPermission.scansCreate),
            parameters: [
                .path("id", .id, "The access point that the device serves"),
                .query("version", .integer(0...Int64.max), "Of the refusals held: the answer has what changed since. Absent: all of them"),
            ],
            responses: [.json(200, DoorSync.self, "All of one moment")],
            problems: [StationProblem.accessPointForeign, StationProblem.deviceOnly, RegistryProblem.databaseUnavailable]
        ) { request in
            guard let device = request.principal as? DevicePrincipal else { throw Problem(StationProblem.deviceOnly) }
            let found = try await store.sync(
                device.deviceID, request.parameter("id"), since: request.optionalParameter("version", as: Int64.self))
            guard let found else { throw Problem(StationProblem.accessPointForeign) }
            return Response.json(found).with("Cache-Control", "no-store")
        }
    }
}
