import Glibc
import Runtime

/// Many connections that do little: idle ones, or slow ones that never get done with their request and come back when dropped.
actor Crowd {
    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private let port: UInt16
    private var connections: [LoadConnection?] = []
    private var pending = 0
    private var arrived: CheckedContinuation<Void, Never>?
    private var isDawdling = false
    private var nextDrip = 0

    init(port: UInt16, on loop: EventLoop) {
        self.port = port
        self.loop = loop
    }

    /// Opens `count` connections, makes one request on each and leaves them open.
    func gather(_ count: Int, _ request: [UInt8]) async throws {
        // In groups: a listening queue holds some thousands.
        for start in stride(from: 0, to: count, by: 500) {
            pending = min(500, count - start)
            for _ in 0..<pending {
                let connection = try LoadConnection(port: port, loop: loop) { [weak self] _ in
                    self?.assumeIsolated { $0.answered() }
                }
                try await connection.open()
                await connection.send(request)
                connections.append(connection)
            }
            await withCheckedContinuation { continuation in
                if pending == 0 { continuation.resume() } else { arrived = continuation }
            }
        }
    }

    /// Opens `count` connections that send one byte of a header a second; each one dropped is replaced.
    func dawdle(_ count: Int) throws {
        isDawdling = true
        for _ in 0..<count { connections.append(nil) }
        for index in 0..<count { try open(index) }
        drip()
    }

    func dismiss() async {
        isDawdling = false
        for connection in connections { await connection?.close() }
        connections.removeAll()
    }

    private func answered() {
        pending -= 1
        if pending == 0 {
            arrived?.resume()
            arrived = nil
        }
    }

    private func open(_ index: Int) throws {
        let connection = try LoadConnection(port: port, loop: loop) { [weak self] _ in
            self?.assumeIsolated { $0.dropped(index) }
        }
        connections[index] = connection
        try connection.assumeIsolated { (connection) throws in
            try connection.open()
            connection.send(Array("GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: ".utf8))
        }
    }

    private func dropped(_ index: Int) {
        guard isDawdling else { return }
        connections[index]?.assumeIsolated { $0.close() }
        connections[index] = nil
    }

    /// Every connection in turn, evenly over the second: a crowd is not in step.
    private func drip() {
        guard isDawdling else { return }
        let part = max(1, connections.count / Self.dripsPerSecond)
        for _ in 0..<part {
            let index = nextDrip % connections.count
            nextDrip += 1
            if let connection = connections[index] {
                connection.assumeIsolated { $0.send([0x61]) }
            } else {
                do { try open(index) } catch { connections[index] = nil }
            }
        }
        loop.schedule(after: .milliseconds(1_000 / Self.dripsPerSecond)) { [weak self] in
            self?.assumeIsolated { $0.drip() }
        }
    }

    private static let dripsPerSecond = 200
}
