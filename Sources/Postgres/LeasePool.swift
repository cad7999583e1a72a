import Runtime
import Synchronization

/// One loop's connections for work that needs one to itself: transactions, scripts, copies. Opened when asked for, kept when idle.
actor LeasePool {
    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private struct Waiting {
        let id: Int
        let continuation: CheckedContinuation<Result<Connection, PostgresError>, Never>
    }

    private let settings: ConnectionSettings
    private let connectionsMax: Int
    private var idle: [Connection] = []
    private var count = 0
    private var attempts = 0
    private var waiting = Queue<Waiting?>()
    private var nextWaiting = 0
    private var isClosed = false

    init(_ settings: ConnectionSettings, connectionsMax: Int, loop: EventLoop) {
        self.settings = settings
        self.connectionsMax = connectionsMax
        self.loop = loop
    }

    /// A connection for the caller alone; give it back with `release`.
    func lease() async throws(PostgresError) -> Connection {
        while let connection = idle.popLast() {
            if await connection.isIdle { return connection }
            await discard(connection)
        }
        guard !isClosed else { throw .unavailable }
        if count < connectionsMax {
            count += 1
            return try await open()
        }
        return try await takeTurn().get()
    }

    /// Takes a connection back; one with an open transaction is closed, which rolls it back.
    func release(_ connection: Connection) async {
        guard await connection.isIdle, !isClosed else {
            await discard(connection)
            openForNext()
            return
        }
        if let next = nextInLine() {
            next.resume(returning: .success(connection))
        } else {
            idle.append(connection)
        }
    }

    /// A place that became free belongs to who waited longest. Opened in a task of its own, for who gives back has waited enough.
    private func openForNext() {
        guard !isClosed, count < connectionsMax, let next = nextInLine() else { return }
        count += 1
        Task(executorPreference: loop) {
            do throws(PostgresError) {
                next.resume(returning: .success(try await self.open()))
            } catch {
                next.resume(returning: .failure(error))
            }
        }
    }

    func close() async {
        isClosed = true
        for connection in idle { await discard(connection) }
        idle.removeAll()
        while let next = nextInLine() { next.resume(returning: .failure(.unavailable)) }
    }

    private func discard(_ connection: Connection) async {
        count -= 1
        await connection.close(.unavailable)
    }

    /// Opens a connection that `count` holds already.
    private func open() async throws(PostgresError) -> Connection {
        let connection = Connection(settings, on: loop)
        let attempt = attempts
        let event = await withCheckedContinuation { (continuation: CheckedContinuation<Connection.Event, Never>) in
            let first = FirstEvent(continuation)
            connection.assumeIsolated { $0.open(attempt: attempt) { first.resume($0) } }
        }
        if case .closed(let error) = event {
            count -= 1
            attempts += 1
            let failure = error.isOutage ? PostgresError.unavailable : error
            // Who waits is served by those who give back. When nobody has anything to give back, nobody would ever serve them.
            if count == 0 { while let next = nextInLine() { next.resume(returning: .failure(failure)) } }
            throw failure
        }
        return connection
    }

    private func takeTurn() async -> Result<Connection, PostgresError> {
        let id = nextWaiting
        nextWaiting += 1
        return await withCheckedContinuation { continuation in
            waiting.append(Waiting(id: id, continuation: continuation))
            loop.schedule(after: settings.deadline) { [weak self] in
                self?.assumeIsolated { $0.giveUp(id) }
            }
        }
    }

    /// Who waits for a connection.
    var waitingCount: Int { waiting.count }

    private func giveUp(_ id: Int) {
        waiting.updateEach { entry in
            guard let waiting = entry, waiting.id == id else { return }
            entry = nil
            waiting.continuation.resume(returning: .failure(.unavailable))
        }
    }

    private func nextInLine() -> CheckedContinuation<Result<Connection, PostgresError>, Never>? {
        while let entry = waiting.popFirst() {
            if let waiting = entry { return waiting.continuation }
        }
        return nil
    }
}

/// Passes on the first of a connection's events; the second, its end, is seen by its next use.
private final class FirstEvent: Sendable {
    private let continuation: Mutex<CheckedContinuation<Connection.Event, Never>?>

    init(_ continuation: CheckedContinuation<Connection.Event, Never>) {
        self.continuation = Mutex(continuation)
    }

    func resume(_ event: Connection.Event) {
        let waiting = continuation.withLock { waiting in
            defer { waiting = nil }
            return waiting
        }
        waiting?.resume(returning: event)
    }
}
