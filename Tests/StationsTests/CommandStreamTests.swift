import FoundationEssentials
import HTTP
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Stations

/// Controllers waiting on real sockets, on another server than the one that the worker asks.
@Suite(.serialized) struct CommandStreamTests {
    /// A second server over the same database, on the other loop.
    private struct OtherServer {
        let database: Database
        let stations: Stations
        let server: HTTPServer
        let listener: Listener

        init(_ ways: WaysScene, listens: Bool) async throws {
            let loops = [TestLoops.all[1]]
            database = Database(ways.database.settings, loops: loops)
            let registry = Registry(database: database, keys: ways.scene.keys, loops: loops)
            stations = Stations(
                database: database, registry: registry, keys: ways.scene.keys, clock: ways.scene.clock, metrics: Metrics())
            try await database.start()
            let api = API(
                routes: stations.routes,
                authenticator: FixedAuthenticator([
                    WaysScene.door: DevicePrincipal(deviceID: ways.scene.front.device, profile: .door),
                    WaysScene.otherDoor: DevicePrincipal(deviceID: ways.scene.back.device, profile: .door),
                ]))
            server = HTTPServer(api, loops: loops, configuration: HTTPServer.Configuration(host: "127.0.0.1", port: 0))
            try await server.start()
            listener = Listener(database, channels: [AccessCommandStore.channel: { [stations] in stations.ways.desks.ring() }])
            if listens { await listener.start() }
        }

        func stop() async {
            await listener.stop(grace: .zero)
            await server.stop(grace: .seconds(1))
            await database.stop(grace: .seconds(1))
        }
    }

    private func withServers(
        listens: Bool = true, _ body: (WaysScene, OtherServer) async throws -> Void
    ) async throws {
        try await withDatabase { database in
            let ways = try await WaysScene(database)
            let other = try await OtherServer(ways, listens: listens)
            let outcome: Result<Void, any Error>
            do { outcome = .success(try await body(ways, other)) } catch { outcome = .failure(error) }
            await other.stop()
            try outcome.get()
        }
    }

    /// A controller's connection: what it has read so far.
    private final class Controller {
        private let client: BlockingClient
        private var text = ""

        init(_ server: OtherServer, _ door: StationScene.Door, bearer: String = WaysScene.door, after: String? = nil) throws {
            client = try BlockingClient(port: server.server.port)
            var head = "GET /v1/access-points/\(door.accessPoint)/commands HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(bearer)\r\n"
            if let after { head += "Last-Event-ID: \(after)\r\n" }
            try client.send(head + "Accept: text/event-stream\r\n\r\n")
            while !text.contains("event: ready") { try more() }
        }

        private func more() throws {
            text += String(decoding: try #require(try client.readSome(), "the server ended the stream"), as: UTF8.self)
        }

        /// The ids of the commands read, once there are so many.
        func commands(_ count: Int) throws -> [String] {
            while text.components(separatedBy: "event: command").count - 1 < count || !text.hasSuffix("\n\n\r\n") { try more() }
            return ids("command")
        }

        var beganAfter: String { ids("ready").first ?? "" }

        var whole: String { text }

        private func ids(_ event: String) -> [String] {
            text.components(separatedBy: "\nevent: \(event)\n").dropLast().map { $0.components(separatedBy: "id: ").last ?? "" }
        }

        /// Reads on until the last chunk.
        func readToEnd() throws {
            while !text.hasSuffix("\r\n0\r\n\r\n") { try more() }
        }
    }

    @Test(arguments: [true, false]) func `a worker asks one server, the controller that waits at another is told`(listens: Bool)
        async throws
    {
        try await withServers(listens: listens) { ways, other in
            let door = ways.scene.front
            let controller = try Controller(other, door)
            for count in 1...3 {
                let id = StationScene.requestID()
                let asked = try await ways.open(ways.doorCode(door), at: door, by: ways.person, id: id, count == 2 ? .outward : .inward)
                #expect(try asked.json(ScanAnswer.self).open)
                #expect(try controller.commands(count).count == count)
                #expect(controller.whole.contains("\"requestId\":\"\(id.uuidString.lowercased())\""))
            }
            #expect(controller.whole.contains("\"kind\":\"open\"") && controller.whole.contains("\"relayMilliseconds\":3000"))
        }
    }

    @Test func `a controller that comes back is told again what came after the last event it saw, and only that`() async throws {
        try await withServers { ways, other in
            let door = ways.scene.front
            func ask() async throws { _ = try await ways.open(ways.doorCode(door), at: door, by: ways.person) }
            let first = try Controller(other, door)
            try await ask()
            try await ask()
            let seen = try first.commands(2)
            #expect(seen.count == 2)
            // Lost before the first command was read.
            let again = try Controller(other, door, after: first.beganAfter)
            #expect(try again.commands(2) == seen)
            let half = try Controller(other, door, after: seen[0])
            #expect(try half.commands(1) == [seen[1]])
            // One that has seen nothing is not told what another was.
            while try await ways.count("select count(*) from access_command where delivered_at is null") > 0 { await Task.yield() }
            let fresh = try Controller(other, door)
            #expect(fresh.beganAfter == seen[1])
            try await ask()
            let third = try fresh.commands(1)
            #expect(third.count == 1 && !seen.contains(third[0]))
            #expect(try again.commands(3).last == third[0], "both who wait are told")
        }
    }

    @Test func `what came while nobody waited is told to the next one, unless it expired`() async throws {
        try await withServers { ways, other in
            let door = ways.scene.front
            _ = try await ways.open(ways.doorCode(door), at: door, by: ways.person)
            _ = try await ways.database.query(
                "update access_command set created_at = created_at - interval '11 s', expires_at = expires_at - interval '11 s'")
            _ = try await ways.open(ways.doorCode(door), at: door, by: ways.person)
            let controller = try Controller(other, door)
            let live = try await ways.database.query("select command_id from access_command order by expires_at desc limit 1").single
            #expect(try controller.commands(1) == [try live.decode(0, as: Int64.self).description])
        }
    }

    @Test func `a change of the station's state is told at all its doors`() async throws {
        try await withServers { ways, other in
            let (front, back) = (
                try Controller(other, ways.scene.front), try Controller(other, ways.scene.back, bearer: WaysScene.otherDoor)
            )
            try await ways.stations.ways.commands.tell(.lockDown, station: ways.scene.front.station, in: ways.database)
            for controller in [front, back] {
                _ = try controller.commands(1)
                #expect(controller.whole.contains("\"kind\":\"lock_down\""))
            }
        }
    }

    @Test func `the stream ends when the device no longer serves the door, or is revoked`() async throws {
        try await withServers { ways, other in
            let (front, back) = (
                try Controller(other, ways.scene.front), try Controller(other, ways.scene.back, bearer: WaysScene.otherDoor)
            )
            _ = try await ways.database.query("delete from device_access_point where device_id = \(ways.scene.front.device)")
            try front.readToEnd()
            _ = try await ways.database.query("update device set revoked_at = now() where device_id = \(ways.scene.back.device)")
            try back.readToEnd()
        }
    }

    @Test func `who does not serve the door is refused, and a stopping server lets go of who waits`() async throws {
        try await withServers { ways, other in
            let client = try BlockingClient(port: other.server.port)
            let path = "/v1/access-points/\(ways.scene.front.accessPoint)/commands"
            let foreign = try client.call(.get, path, headers: [("Authorization", "Bearer " + WaysScene.otherDoor)])
            #expect(foreign?.status == 403)
            let odd = try client.call(
                .get, path, headers: [("Authorization", "Bearer " + WaysScene.door), ("Last-Event-ID", "'; drop table")])
            #expect(odd?.status == 422)
            let waiting = try Controller(other, ways.scene.front)
            await other.server.stop(grace: .seconds(5))
            try waiting.readToEnd()
        }
    }
}
