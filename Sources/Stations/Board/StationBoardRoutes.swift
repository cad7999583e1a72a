import HTTP
import Postgres
import Registry
import Runtime

/// The live board of stations, once and as a stream.
struct StationBoardRoutes: Sendable {
    let boards: StationBoardStore
    let desks: StationBoardDesks
    let clock: Clock

    var all: [Route] { [read, events] }

    private var read: Route {
        Route(
            .get, "/v1/station-board", summary: "How every station stands now: people, doors, the last hour, alarms, controllers",
            tag: "Figures", access: .permission(RegistryPermission.stationsRead),
            responses: [.json(200, StationBoard.self, "All stations one may see")], problems: [RegistryProblem.databaseUnavailable]
        ) { request in
            let scope = request.scope(of: RegistryPermission.stationsRead)
            let rows = try await boards.rows(below: scope.roots ?? [], everything: scope == .everything)
            let board = StationBoard(items: rows.map(\.line), at: Timestamp(microseconds: clock.nowMicroseconds).description)
            return Response.json(board).with("Cache-Control", "no-store")
        }
    }

    private var events: Route {
        Route(
            .get, "/v1/station-board/events",
            summary: "The board as server-sent events: `board` with all stations first, then `stations` with those that changed",
            tag: "Figures", access: .permission(RegistryPermission.stationsRead),
            responses: [
                .events(
                    "Event `board` whose data is a StationBoard; then, once a second at most, events `stations` with items (lines that "
                        + "changed, whole), gone (ids of stations that are on the board no more) and at. A reader too slow for changes is "
                        + "sent a `board` again. Ends within 30 seconds when the session ends or its roles change")
            ], problems: [RegistryProblem.databaseUnavailable]
        ) { request in
            let scope = request.scope(of: RegistryPermission.stationsRead)
            let session = (request.principal as? OrganizerPrincipal)?.sessionID
            return .events { events in
                let desk = desks.current
                let seat = await desk.sit(scope, session: session)
                do {
                    while let told = await desk.next(seat) {
                        for event in told { try await events.send(event) }
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
