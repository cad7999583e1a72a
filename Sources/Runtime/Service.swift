/// Something long-lived: a server, a database, a scheduler.
package protocol Service: Sendable {
    /// For the log.
    var name: String { get }

    /// Makes it ready; what is thrown here ends the start of the whole group.
    func start() async throws

    /// Ends it gracefully, within `grace` as far as it can; called once, also while it still works.
    func stop(grace: Duration) async
}

/// Starts services in order and stops them in reverse: what is stopped may still use what was started before it.
///
/// On SIGTERM or SIGINT every service finishes what is in flight, within the grace given; a second signal ends the process at once,
/// which is safe: nothing acknowledged is lost.
package struct ServiceGroup: Sendable {
    private let services: [any Service]
    private let grace: Duration
    private let log: Log

    package init(_ services: [any Service], grace: Duration, log: Log) {
        self.services = services
        self.grace = grace
        self.log = log
    }

    /// Starts all, calls `started`, waits for a signal, stops all. What a service throws at its start is thrown here, after those before it
    /// have stopped.
    package func run(_ signals: Signals, started: @Sendable () async throws -> Void) async throws {
        var running: [any Service] = []
        do {
            for service in services {
                try await service.start()
                running.append(service)
            }
            try await started()
        } catch {
            await stop(running)
            throw error
        }
        let signal = await signals.next()
        log.notice("stopping", ["signal": .text(signal.name), "graceSeconds": .integer(grace.components.seconds)])
        await stop(running)
        log.notice("stopped")
    }

    private func stop(_ running: [any Service]) async {
        let deadline = MonotonicTime.current + grace
        for service in running.reversed() {
            await service.stop(grace: max(.zero, deadline - .current))
        }
    }
}
