import Glibc
package import Runtime
import Synchronization

/// An HTTP/1.1 server (RFC 9112): one listening socket and one `ServerLoop` for each event loop.
///
/// A request is read, decided and answered on the loop that accepted its connection.
package final class HTTPServer: Service {
    private struct State {
        var loops: [ServerLoop] = []
        var port: UInt16 = 0
    }

    package let name = "http"
    private let api: API
    private let loops: [EventLoop]
    private let configuration: Configuration
    private let load: ServerLoad
    private let state = Mutex(State())

    package init(_ api: API, loops: [EventLoop], configuration: Configuration) {
        precondition(!loops.isEmpty, "a server needs an event loop")
        self.api = api
        self.loops = loops
        self.configuration = configuration
        load = ServerLoad(connectionsMax: configuration.connectionsMax, metrics: api.metrics)
    }

    /// The port it listens on; 0 before `start`.
    package var port: UInt16 { state.withLock { $0.port } }

    /// Connections open now.
    package var connectionCount: Int { load.open.load(ordering: .relaxed) }

    /// Throws `SystemError` when the address is taken or no address of this machine. Port 0 is always free.
    package static func checkFree(host: String, port: UInt16) throws(SystemError) {
        if port != 0 { close(try ListeningSocket.open(host: host, port: port, isShared: false)) }
    }

    /// Binds and listens; throws `SystemError` when the address is taken or no address of this machine.
    package func start() async throws {
        do throws(SystemError) {
            try raiseDescriptorLimit()
        } catch {
            api.log.warning("http.descriptor_limit_kept", ["error": .text(error.description)])
        }
        do {
            try await listen()
        } catch {
            await stop(grace: .zero)
            throw error
        }
        api.log.notice(
            "http.listening",
            ["host": .text(configuration.host), "port": .integer(Int64(port)), "loops": .integer(Int64(loops.count))])
    }

    private func listen() async throws {
        var port = configuration.port
        try Self.checkFree(host: configuration.host, port: port)
        for loop in loops {
            let descriptor = try ListeningSocket.open(host: configuration.host, port: port, isShared: true)
            port = try ListeningSocket.port(of: descriptor)
            let server = ServerLoop(loop, api: api, configuration: configuration, load: load)
            state.withLock { state in
                state.loops.append(server)
                state.port = port
            }
            try await server.listen(descriptor)
        }
    }

    /// Stops accepting, lets requests under way finish with `Connection: close`, ends event streams; cuts what is left after `grace`.
    package func stop(grace: Duration) async {
        let servers = state.withLock { state in
            defer { state.loops = [] }
            return state.loops
        }
        await withTaskGroup { group in
            for server in servers { group.addTask { await server.stop(grace: grace) } }
        }
    }
}

/// What the loops of a server count together.
final class ServerLoad: Sendable {
    let open = Atomic<Int>(0)
    let connectionsMax: Int
    let accepted: Counter
    let refused: Counter
    let timedOut: Counter
    let malformed: Counter

    init(connectionsMax: Int, metrics: Metrics) {
        self.connectionsMax = connectionsMax
        accepted = metrics.counter("waystation_http_connections_total", "Connections accepted")
        refused = metrics.counter("waystation_http_connections_refused_total", "Connections refused at the limit or without descriptors")
        timedOut = metrics.counter("waystation_http_timeouts_total", "Connections dropped because the client was too slow")
        malformed = metrics.counter("waystation_http_malformed_total", "Byte streams that were no HTTP/1.1 request")
        metrics.gauge("waystation_http_connections_open", "Connections open") { [weak self] in
            Double(self?.open.load(ordering: .relaxed) ?? 0)
        }
    }

    /// Counts a connection in; false beyond the limit.
    func admit() -> Bool {
        let (_, count) = open.add(1, ordering: .relaxed)
        if count <= connectionsMax { return true }
        leave()
        return false
    }

    func leave() { open.subtract(1, ordering: .relaxed) }
}
