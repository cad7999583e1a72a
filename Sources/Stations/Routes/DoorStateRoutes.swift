import HTTP
import Postgres
import Registry
import Runtime

/// Emergencies: all doors of a station at once.
struct DoorStateRoutes: Sendable {
    let stations: StationStore
    let commands: AccessCommandStore
    let idempotency: IdempotencyStore
    var audit: AuditStore { AuditStore() }

    var all: [Route] {
        [
            route(.lockedDown, "lock-down", "Locks a station down: nobody goes in, everybody goes out"),
            route(.unlocked, "unlock", "Unlocks a station in an emergency: its doors open for everybody, with any code or none readable"),
            route(.normal, "normal", "Ends lock-down or emergency unlock: the policies hold again"),
        ]
    }

    private func route(_ state: StationDoorState, _ verb: String, _ summary: String) -> Route {
        Route(
            .post, "/v1/stations/{id}/\(verb)", summary: summary, tag: "Stations",
            access: .permission(RegistryPermission.stationsOperate),
            parameters: [.path("id", .id, "The station")],
            body: .json(DoorStateReason.self, limitBytes: 8_192),
            responses: [.json(200, Station.self, "The station; again changes nothing")],
            problems: [StationProblem.stationUnknown, RegistryProblem.databaseUnavailable]
        ) { request in
            let body = try request.json(DoorStateReason.self)
            let id = request.parameter("id", as: ID<Station>.self)
            _ = try await stations.find(id, scope: request.scope(of: RegistryPermission.stationsOperate))
            return try await idempotency.once(request) { querying in
                let (station, isChanged) = try await stations.setDoorState(
                    state, of: id, reason: body.reason, changedBy: request.principal?.subject ?? "anyone", in: querying)
                if isChanged {
                    try await commands.tell(state.command, station: id, in: querying)
                    try await audit.record(
                        "station.\(state.rawValue)", subject: "station:\(id)", organization: station.organizationId,
                        details: ["version": String(station.version)], request, in: querying)
                }
                return StationRoutes.answer(station)
            }
        }
    }
}

extension StationDoorState {
    /// What the waiting controllers are told.
    fileprivate var command: AccessCommand.Kind {
        switch self {
        case .normal: .normal
        case .lockedDown: .lockDown
        case .unlocked: .unlock
        }
    }
}
