import CLinux
import Glibc
import Runtime

/// The connections of one event loop, and its listening socket.
///
/// An actor on the loop, so everything here is plain sequential code: epoll enters by `assumeIsolated`, handlers by an `await` that
/// costs no hop. The parts: accepting (here), reading and dispatching, writing, streaming, deadlines, stopping.
actor ServerLoop {
    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    let api: API
    let load: ServerLoad
    let limits: ParserLimits
    let times: HTTPServer.TimeLimits
    var connections: [Connection?] = []
    var generation: UInt32 = 0
    var count = 0

    var ids = RequestIDs()
    var date = DateField()
    /// Received bytes land here first; one for all connections.
    var received = [UInt8](repeating: 0, count: 65_536)
    /// Lent to the connection that is busy in this turn.
    var spareInput: [UInt8] = []
    var spareOutput: [UInt8] = []

    private var listener: CInt = -1
    private var listenerWatcher: ListenerWatcher?
    private var isPaused = false
    /// Given up for a moment when descriptors run out, so that the waiting connection can be taken and closed.
    private var reserve: CInt = -1
    private var exhaustionLogged: MonotonicTime?
    var isStopping = false
    var drained: CheckedContinuation<Void, Never>?

    init(_ loop: EventLoop, api: API, configuration: HTTPServer.Configuration, load: ServerLoad) {
        self.loop = loop
        self.api = api
        self.load = load
        limits = configuration.limits
        times = configuration.timeLimits
    }

    // MARK: Accepting

    func listen(_ descriptor: CInt) throws(SystemError) {
        let watcher = ListenerWatcher(server: self)
        try loop.add(descriptor, .read, watcher)
        listener = descriptor
        listenerWatcher = watcher
        reserve = open("/dev/null", O_RDONLY | O_CLOEXEC)
    }

    /// Takes up to 64 waiting connections; epoll tells again of those left.
    func accept() {
        for _ in 0..<64 {
            guard listener >= 0 else { return }
            let (descriptor, address) = ListeningSocket.accept(listener)
            if descriptor >= 0 {
                admit(descriptor, from: address)
                continue
            }
            switch errno {
            case EINTR, ECONNABORTED, EPROTO: continue
            case EMFILE, ENFILE, ENOBUFS, ENOMEM:
                runOut()
                return
            default: return
            }
        }
    }

    private func admit(_ descriptor: CInt, from address: NetworkAddress?) {
        guard load.admit() else {
            refuse(descriptor)
            return
        }
        load.accepted.increment()
        generation &+= 1
        let key = ConnectionKey(descriptor: descriptor, generation: generation)
        let connection = Connection(key: key, watcher: ConnectionWatcher(server: self, key: key), address: address, limits: limits)
        do {
            try loop.add(descriptor, .read, connection.watcher)
        } catch {
            api.log.error("http.watch_failed", ["error": .text(error.description)])
            close(descriptor)
            load.leave()
            return
        }
        while connections.count <= Int(descriptor) { connections.append(nil) }
        connections[Int(descriptor)] = connection
        count += 1
        updateDeadline(connection)
    }

    /// Beyond the limit: 503 at once, as far as the socket takes it, and closed.
    private func refuse(_ descriptor: CInt) {
        load.refused.increment()
        let problem = Problem(HTTPProblem.overloaded, retryAfterSeconds: 1)
        let id = ids.next()
        let response = problem.response(.zh, requestID: id)
        var output: [UInt8] = []
        date.refresh(loop.now)
        if case .bytes(let body) = response.body {
            ResponseHead.append(
                response, length: .bytes(body.count), requestID: id, date: date.bytes, closes: true, isVersion10: false, to: &output)
            output += body
        }
        // A best effort: a client that cannot even take these bytes is refused by the close.
        _ = send(descriptor, output, output.count, CInt(MSG_NOSIGNAL))
        shutdown(descriptor, CInt(SHUT_WR))
        _ = recv(descriptor, &received, received.count, CInt(MSG_DONTWAIT))
        close(descriptor)
    }

    /// No descriptor is left: by means of the reserve those who wait are told so, and accepting pauses for 100 ms.
    private func runOut() {
        close(reserve)
        for _ in 0..<64 {
            let (descriptor, _) = ListeningSocket.accept(listener)
            if descriptor < 0 { break }
            refuse(descriptor)
        }
        reserve = open("/dev/null", O_RDONLY | O_CLOEXEC)
        guard !isPaused else { return }
        isPaused = true
        if exhaustionLogged.map({ loop.now - $0 > .seconds(10) }) ?? true {
            exhaustionLogged = loop.now
            api.log.warning("http.descriptors_exhausted", ["connections": .integer(Int64(count))])
        }
        loop.remove(listener)
        loop.schedule(after: .milliseconds(100)) { self.assumeIsolated { $0.resumeAccepting() } }
    }

    private func resumeAccepting() {
        isPaused = false
        guard listener >= 0, let listenerWatcher else { return }
        do {
            try loop.add(listener, .read, listenerWatcher)
        } catch {
            api.log.error("http.watch_failed", ["error": .text(error.description)])
        }
    }

    func stopListening() {
        guard listener >= 0 else { return }
        accept()
        if !isPaused { loop.remove(listener) }
        close(listener)
        close(reserve)
        listener = -1
        listenerWatcher = nil
    }

    // MARK: Connections

    func connection(_ key: ConnectionKey) -> Connection? {
        guard connections.indices.contains(Int(key.descriptor)), let connection = connections[Int(key.descriptor)],
            connection.key == key
        else { return nil }
        return connection
    }

    func ready(_ key: ConnectionKey, _ events: ReadyEvents) {
        guard let connection = connection(key) else { return }
        if events.rawValue & (ReadyEvents.failed.rawValue | ReadyEvents.hangup.rawValue) != 0 {
            disconnect(connection)
            return
        }
        if events.rawValue & ReadyEvents.writable.rawValue != 0 { resumeWriting(connection) }
        // Writing may have closed it.
        if events.rawValue & ReadyEvents.readable.rawValue != 0, self.connection(key) != nil { receive(connection) }
    }

    /// Closes the socket and tells everybody who waits for it.
    func disconnect(_ connection: Connection) {
        let descriptor = connection.key.descriptor
        guard self.connection(connection.key) === connection else { return }
        connections[Int(descriptor)] = nil
        if let timer = connection.timer { loop.cancel(timer) }
        loop.remove(descriptor)
        close(descriptor)
        count -= 1
        load.leave()
        abandonExchange(connection)
        if count == 0, let drained {
            self.drained = nil
            drained.resume()
        }
    }
}

/// Brings a waiting connection to its loop's actor.
private final class ListenerWatcher: EventHandler {
    private let server: ServerLoop

    init(server: ServerLoop) {
        self.server = server
    }

    func ready(_ events: ReadyEvents) {
        server.assumeIsolated { $0.accept() }
    }
}
