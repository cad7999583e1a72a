import Runtime

/// Runs single statements, each its own transaction.
package protocol Querying: Sendable {
    func query(_ sql: SQL) async throws(PostgresError) -> QueryResult
}

/// Connections for one kind of work: a few on every loop, pipelined, opened anew when they break.
///
/// Doors have a lane of their own, so that a slow list never stands before them.
package struct Lane: Querying {
    package let name: String
    let perLoop: PerLoop<LaneConnections>

    package func query(_ sql: SQL) async throws(PostgresError) -> QueryResult {
        try await perLoop.current.query(sql)
    }

    /// Opens the connections of every loop and waits for one on each.
    func open() async throws(PostgresError) {
        for connections in perLoop.all { try await connections.waitUntilReady() }
    }

    func close(grace: Duration) async {
        for connections in perLoop.all { await connections.close(grace: grace) }
    }
}

/// One loop's connections of a lane.
actor LaneConnections {
    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private struct Slot {
        var connection: Connection?
        var backOff = BackOff()
        var retry: EventLoop.TimerToken?
    }

    private let name: String
    private let settings: ConnectionSettings
    private let log: Log
    private var slots: [Slot]
    private var attempts = 0
    private var lastError: PostgresError?
    private var isClosed = false
    private var downNotedAt: MonotonicTime?
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ name: String, settings: ConnectionSettings, connections: Int, loop: EventLoop, log: Log) {
        self.name = name
        self.settings = settings
        self.loop = loop
        self.log = log
        slots = Array(repeating: Slot(), count: connections)
    }

    func query(_ sql: SQL) async throws(PostgresError) -> QueryResult {
        if let connection = leastLoaded() { return try await connection.query(sql, deadline: settings.deadline) }
        try await waitUntilReady()
        guard let connection = leastLoaded() else { throw .unavailable }
        return try await connection.query(sql, deadline: settings.deadline)
    }

    /// Waits for the first attempt; after a failed one it answers at once, while attempts go on behind it.
    func waitUntilReady() async throws(PostgresError) {
        guard !isClosed else { throw .unavailable }
        if leastLoaded() != nil { return }
        for index in slots.indices where slots[index].connection == nil && slots[index].retry == nil { open(index) }
        if let lastError { throw lastError }
        await withCheckedContinuation { waiting.append($0) }
        if leastLoaded() == nil { throw lastError ?? .unavailable }
    }

    func close(grace: Duration) async {
        isClosed = true
        let deadline = MonotonicTime.current + grace
        for index in slots.indices {
            if let retry = slots[index].retry { loop.cancel(retry) }
            while let connection = slots[index].connection {
                if await connection.load == 0 || MonotonicTime.current >= deadline {
                    slots[index].connection = nil
                    await connection.close(.unavailable)
                } else {
                    await pause(.milliseconds(5))
                }
            }
        }
        wake()
    }

    private func pause(_ duration: Duration) async {
        await withCheckedContinuation { continuation in loop.schedule(after: duration) { continuation.resume() } }
    }

    private func leastLoaded() -> Connection? {
        var best: (connection: Connection, load: Int)?
        for slot in slots {
            guard let connection = slot.connection else { continue }
            let (isReady, load) = connection.assumeIsolated { ($0.isReady, $0.load) }
            if isReady, load < best?.load ?? .max { best = (connection, load) }
        }
        return best?.connection
    }

    private func open(_ index: Int) {
        slots[index].retry = nil
        guard !isClosed else { return }
        let connection = Connection(settings, on: loop)
        slots[index].connection = connection
        let attempt = attempts
        attempts += 1
        connection.assumeIsolated { connection in
            connection.open(attempt: attempt) { [weak self] event in
                self?.assumeIsolated { $0.heard(event, from: index) }
            }
        }
    }

    private func heard(_ event: Connection.Event, from index: Int) {
        switch event {
        case .ready:
            slots[index].backOff.reset()
            lastError = nil
            if downNotedAt != nil { log.notice("database.reconnected", ["lane": .text(name)]) }
            downNotedAt = nil
        case .closed(let error):
            let reason = slots[index].connection.flatMap { connection in connection.assumeIsolated { $0.refusal } }
            slots[index].connection = nil
            guard !isClosed else { return }
            if leastLoaded() == nil {
                lastError = error.isOutage ? .unavailable : error
                noteDown(reason ?? error.description)
            }
            slots[index].retry = loop.schedule(after: slots[index].backOff.next()) { [weak self] in
                self?.assumeIsolated { $0.open(index) }
            }
        }
        wake()
    }

    /// One line when the last connection is gone, and one every ten seconds for as long as that lasts.
    private func noteDown(_ reason: String) {
        if let downNotedAt, loop.now - downNotedAt < .seconds(10) { return }
        downNotedAt = loop.now
        log.warning("database.disconnected", ["lane": .text(name), "reason": .text(reason)])
    }

    private func wake() {
        let woken = waiting
        waiting.removeAll()
        for continuation in woken { continuation.resume() }
    }
}
