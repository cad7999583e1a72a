import Runtime

/// A door in a storm: sends one request at a time and does not rest until it has been answered, however often the connection breaks.
actor StormClient {
    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private let port: UInt16
    private var connection: LoadConnection?
    private var waiting: CheckedContinuation<LoadConnection.Answer?, Never>?
    private var timer: EventLoop.TimerToken?

    init(port: UInt16, on loop: EventLoop) {
        self.port = port
        self.loop = loop
    }

    /// Sends `request`, the very same bytes, until the server answers it with anything but 503.
    func insist(_ request: [UInt8], isOver: @Sendable () -> Bool) async -> (answer: LoadConnection.Answer, tries: Int)? {
        var tries = 0
        while !isOver() {
            tries += 1
            if let answer = await exchange(request), answer.status != 503 { return (answer, tries) }
            await pause(.milliseconds(20))
        }
        return nil
    }

    private func exchange(_ request: [UInt8]) async -> LoadConnection.Answer? {
        do {
            let open = try connection ?? makeConnection()
            connection = open
            return await withCheckedContinuation { continuation in
                waiting = continuation
                open.assumeIsolated { $0.send(request) }
                timer = loop.schedule(after: .seconds(15)) { [weak self] in
                    self?.assumeIsolated { $0.heard(nil) }
                }
            }
        } catch {
            return nil
        }
    }

    private func makeConnection() throws -> LoadConnection {
        let made = try LoadConnection(port: port, loop: loop) { [weak self] answer in
            self?.assumeIsolated { $0.heard(answer) }
        }
        try made.assumeIsolated { try $0.open() }
        return made
    }

    private func heard(_ answer: LoadConnection.Answer?) {
        if let timer { loop.cancel(timer) }
        timer = nil
        if answer == nil {
            connection?.assumeIsolated { $0.close() }
            connection = nil
        }
        let asked = waiting
        waiting = nil
        asked?.resume(returning: answer)
    }

    private func pause(_ duration: Duration) async {
        await withCheckedContinuation { continuation in loop.schedule(after: duration) { continuation.resume() } }
    }
}
