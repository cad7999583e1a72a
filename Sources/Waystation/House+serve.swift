import HTTP
import Postgres
import Registry
import Runtime
import Stations

extension House {
    /// Every route of the service, its documents and its metrics.
    func makeAPI() -> API {
        API(
            routes: registry.routes + stations.routes, authenticator: registry.authenticator, title: "Waystation", version: "1", log: log,
            metrics: metrics, isReady: notReady)
    }

    /// What keeps this server from working: its database, or a schema it was not built for.
    private func notReady() async -> [String] {
        do {
            return try await Migrator().pending(in: database).isEmpty ? [] : ["migrations"]
        } catch {
            return ["database"]
        }
    }

    /// Serves until a signal ends it; `started` is called once with the port.
    func serve(_ signals: Signals, started: @escaping @Sendable (_ port: UInt16) async throws -> Void) async throws {
        let server = HTTPServer(
            makeAPI(), loops: loops,
            configuration: HTTPServer.Configuration(
                host: settings.configuration.text("host") ?? "127.0.0.1", port: UInt16(settings.configuration.integer("port")),
                connectionsMax: settings.configuration.integer("connections")))
        let listener = Listener(database, channels: [DeviceStore.accessChannel: { [registry] in registry.authenticator.forgetAll() }])
        let group = ServiceGroup([listener, server], grace: settings.grace, log: log)
        try await group.run(signals) {
            log.notice("serving", ["port": .integer(Int64(server.port)), "loops": .integer(Int64(loops.count))])
            try await started(server.port)
        }
    }
}
