import Runtime

/// A load on one port, from one loop of this process: closed (every connection asks again when answered) or at a fixed rate.
actor Load {
    struct Result: Sendable {
        var answers = 0
        var broken = 0
        var statuses: [Int: Int] = [:]
        var elapsed = Duration.zero
        /// Of every answer, in microseconds, sorted.
        var latencies: [UInt32] = []

        var perSecond: Double { Double(answers) / elapsed.secondsValue }

        func percentile(_ part: Double) -> Double {
            latencies.isEmpty ? 0 : Double(latencies[min(latencies.count - 1, Int(Double(latencies.count) * part))]) / 1_000
        }
    }

    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private let make: @Sendable () -> [UInt8]
    private var connections: [LoadConnection] = []
    private var idle: [Int] = []
    private var due: [MonotonicTime] = []
    private var interval: Duration?
    private var next = MonotonicTime.current
    private var result = Result()
    private var isMeasuring = false
    private var isRunning = false

    init(on loop: EventLoop, make: @escaping @Sendable () -> [UInt8]) {
        self.loop = loop
        self.make = make
    }

    /// Runs for `warmUp`, then measures for `duration`.
    /// - Parameter rate: answers a second to ask for; nil is as many as go.
    func run(port: UInt16, connections count: Int, rate: Double? = nil, warmUp: Duration, duration: Duration) async throws -> Result {
        isRunning = true
        result = Result()
        for index in 0..<count {
            let connection = try LoadConnection(port: port, loop: loop) { [weak self] answer in
                self?.assumeIsolated { $0.heard(answer, from: index) }
            }
            try await connection.open()
            connections.append(connection)
        }
        if let rate {
            interval = .nanoseconds(Int64(1e9 / rate))
            idle = Array(0..<count)
            next = .current
            tick()
        } else {
            for connection in connections { await connection.send(make()) }
        }
        await pause(warmUp)
        isMeasuring = true
        let start = MonotonicTime.current
        await pause(duration)
        isMeasuring = false
        result.elapsed = MonotonicTime.current - start
        isRunning = false
        for connection in connections { await connection.close() }
        connections.removeAll()
        result.latencies.sort()
        return result
    }

    private func heard(_ answer: LoadConnection.Answer?, from index: Int) {
        guard let answer else {
            if isRunning { result.broken += 1 }
            return
        }
        if isMeasuring {
            result.answers += 1
            result.statuses[answer.status, default: 0] += 1
            result.latencies.append(answer.microseconds)
        }
        guard isRunning else { return }
        let connection = connections[index]
        if interval == nil {
            let request = make()
            connection.assumeIsolated { $0.send(request) }
        } else if let first = due.first {
            due.removeFirst()
            let request = make()
            // Counted from when it should have gone out: a slow answer must not hide the wait behind it.
            connection.assumeIsolated { $0.send(request, dueAt: first) }
        } else {
            idle.append(index)
        }
    }

    private func tick() {
        guard isRunning, let interval else { return }
        let now = MonotonicTime.current
        while next <= now {
            if let index = idle.popLast() {
                let connection = connections[index]
                let request = make()
                connection.assumeIsolated { $0.send(request) }
            } else {
                due.append(next)
            }
            next = next + interval
        }
        loop.schedule(after: .milliseconds(1)) { [weak self] in
            self?.assumeIsolated { $0.tick() }
        }
    }

    private func pause(_ duration: Duration) async {
        await withCheckedContinuation { continuation in loop.schedule(after: duration) { continuation.resume() } }
    }
}
