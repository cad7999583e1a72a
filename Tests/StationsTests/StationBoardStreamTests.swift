import HTTP
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Stations

/// The board as a stream, from the database to whoever watches.
@Suite struct StationBoardStreamTests {
    @Test func `a watcher sees the board, and then a station that is locked down`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database, stations: 3)
            let registry = Registry(database: database, keys: scene.keys, loops: TestLoops.all)
            let stations = Stations(database: database, registry: registry, keys: scene.keys, clock: scene.clock, metrics: Metrics())
            let owner = try await registry.accounts.createOwner(name: "owner")
            let (pieces, told) = AsyncStream.makeStream(of: String.self)
            let client = TestClient(
                API(routes: stations.routes, authenticator: registry.authenticator), loop: TestLoops.all[0], eventsMax: 2
            ).telling { told.yield($0) }
            async let watching = client.send(.get, "/v1/station-board/events", bearer: owner)
            for await _ in pieces { break }
            _ = try await database.query("update station set door_state = 'locked_down' where station_id = \(scene.doors[1][0].station)")
            let watched = await watching
            #expect(watched.status == 200)
            let events = watched.text.split(separator: "\n\n").map(String.init)
            #expect(events.count == 2 && events[0].hasPrefix("event: board\n") && events[1].hasPrefix("event: stations\n"))
            #expect(events[0].contains("驿站0") && events[0].contains("驿站1") && events[0].contains("驿站2"))
            #expect(events[1].contains("locked_down") && events[1].contains("驿站1") && !events[1].contains("驿站0"))
        }
    }

    @Test func `who holds a session now is asked for many sessions at once`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database)
            let registry = Registry(database: database, keys: scene.keys, loops: TestLoops.all)
            _ = try await registry.accounts.createOwner(name: "owner")
            let token = try await registry.accounts.createOwner(name: "second")
            let sessions: [ID<AccountSession>] = try await database.query("select session_id from account_token order by session_id")
                .map { try $0.decode(0) }
            let found = try await registry.accounts.inForce(sessions + [ID(999_999)])
            #expect(Set(found.keys) == Set(sessions) && sessions.count == 2)
            #expect(found.values.allSatisfy { $0.scope(of: RegistryPermission.stationsRead) == .everything })
            _ = try await registry.accounts.revoke(token: token)
            #expect(try await Set(registry.accounts.inForce(sessions).keys) == [sessions[0]])
            _ = try await database.query("update account_grant set ended_at = now(), ended_by = 'test'")
            let bare = try await registry.accounts.inForce(sessions)
            #expect(bare[sessions[0]]?.scope(of: RegistryPermission.stationsRead) == Scope.nothing)
            _ = try await database.query("update account set disabled_at = now(), disabled_by = 'test'")
            #expect(try await registry.accounts.inForce(sessions).isEmpty)
        }
    }
}
