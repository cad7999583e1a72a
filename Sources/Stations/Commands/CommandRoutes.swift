import HTTP
import Postgres
import Registry
import Runtime

/// The stream on which a controller waits to be told to open.
struct CommandRoutes: Sendable {
    let commands: AccessCommandStore
    let desks: CommandDesks

    var all: [Route] { [stream] }

    private var stream: Route {
        Route(
            .get, "/v1/access-points/{id}/commands",
            summary: "What a controller is told, as server-sent events: first `ready`, then a `command` each time", tag: "Stations",
            access: .permission(RegistryPermission.scansCreate),
            parameters: [
                .path("id", .id, "An access point that the device serves"),
                .header("Last-Event-ID", .integer(0...Int64.max), "The last event seen: what came after it is told again"),
            ],
            responses: [
                .events(
                    "Events `command` whose data is an AccessCommand and whose id is its number. The same command may come again after a "
                        + "lost connection: do it once. One that expired is not told. The stream ends when the device no longer serves "
                        + "the access point")
            ],
            problems: [StationProblem.accessPointForeign, StationProblem.deviceOnly, RegistryProblem.databaseUnavailable]
        ) { request in
            guard let device = (request.principal as? DevicePrincipal)?.deviceID else { throw Problem(StationProblem.deviceOnly) }
            let accessPoint = request.parameter("id", as: ID<AccessPoint>.self)
            guard let beginning = try await commands.beginning(device, accessPoint) else {
                throw Problem(StationProblem.accessPointForeign)
            }
            let after = request.optionalParameter("Last-Event-ID", as: Int64.self) ?? beginning
            return .events { events in
                let desk = desks.current
                // With an id, so that whoever loses the connection before the first command comes back with one.
                try await events.send(ServerSentEvent(event: "ready", data: "{}", id: String(after)))
                let seat = await desk.sit(device, accessPoint, after: after)
                do {
                    while let told = await desk.next(seat) {
                        for command in told {
                            let data = String(decoding: try JSON.encode(AccessCommandAnswer(command)), as: UTF8.self)
                            try await events.send(ServerSentEvent(event: "command", data: data, id: command.id.description))
                        }
                        try await commands.markTold(told.map(\.id))
                    }
                } catch {
                    await desk.leave(seat)
                    throw error
                }
                await desk.leave(seat)
            }
        }
    }
}
