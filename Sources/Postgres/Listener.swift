package import Runtime

/// Waits for NOTIFY on one connection. A notification is a hint and may be lost: whoever listens must also look by itself now and then.
///
/// After every (re)connection each channel is called once, for what may have been missed. Not to be used with `--pooler transaction`.
package actor Listener: Service {
    package nonisolated let loop: EventLoop
    package nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }
    package nonisolated var name: String { "listener" }

    private let settings: ConnectionSettings
    private let channels: [String: @Sendable () -> Void]
    private var connection: Connection?
    private var listening: Task<Void, Never>?
    private var backOff = BackOff()
    private var attempts = 0
    private var isStopped = false

    /// - Parameter channels: names that are part of the program, and what to call on the loop when one is notified.
    package init(_ database: Database, channels: [String: @Sendable () -> Void]) {
        settings = database.settings
        loop = database.loops[0]
        self.channels = channels
    }

    package func start() {
        guard !settings.pooler else { return }
        open()
    }

    package func stop(grace: Duration) async {
        isStopped = true
        listening?.cancel()
        await connection?.close(.unavailable)
    }

    private func open() {
        guard !isStopped else { return }
        let fresh = Connection(settings, on: loop)
        connection = fresh
        let attempt = attempts
        attempts += 1
        fresh.assumeIsolated { connection in
            connection.onNotification = { [channels] channel in channels[channel]?() }
            connection.open(attempt: attempt) { [weak self] event in
                self?.assumeIsolated { $0.heard(event) }
            }
        }
    }

    private func heard(_ event: Connection.Event) {
        switch event {
        case .ready:
            backOff.reset()
            listening = Task(executorPreference: loop) { await self.listen() }
        case .closed:
            connection = nil
            guard !isStopped else { return }
            loop.schedule(after: backOff.next()) { [weak self] in
                self?.assumeIsolated { $0.open() }
            }
        }
    }

    private func listen() async {
        guard let connection else { return }
        for (channel, call) in channels.sorted(by: { $0.key < $1.key }) {
            do throws(PostgresError) {
                _ = try await connection.query(SQL(raw: "listen \"\(channel)\""), deadline: nil)
            } catch {
                // Closing brings the next attempt.
                return await connection.close(error)
            }
            call()
        }
    }
}
