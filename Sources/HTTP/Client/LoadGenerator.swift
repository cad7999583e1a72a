import CLinux
import Glibc
package import Runtime

/// Keeps a number of connections of one loop busy with requests, each with one request on its way, and measures.
///
/// A closed loop as wrk's: a slow server is asked less, so latencies under overload look better than an open loop's.
package actor LoadGenerator {
    package nonisolated let loop: EventLoop
    package nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// What came back.
    package struct Outcome: Sendable {
        package var answers = 0
        package var byStatus: [Int: Int] = [:]

        /// Connections that broke or did not open.
        package var failures = 0
        package var seconds = 0.0

        /// From a request's first byte sent to its answer's last byte read, sorted.
        package var latenciesMicroseconds: [UInt32] = []

        package init() {}

        package var perSecond: Double { seconds > 0 ? Double(answers) / seconds : 0 }

        /// The latency that the given share of answers stayed below, in milliseconds.
        package func percentileMilliseconds(_ share: Double) -> Double {
            guard !latenciesMicroseconds.isEmpty else { return 0 }
            let index = min(latenciesMicroseconds.count - 1, Int(share * Double(latenciesMicroseconds.count)))
            return Double(latenciesMicroseconds[index]) / 1_000
        }

        /// Those of several loops as one.
        package static func joined(_ outcomes: [Outcome]) -> Outcome {
            var all = Outcome()
            for outcome in outcomes {
                all.answers += outcome.answers
                all.failures += outcome.failures
                all.byStatus.merge(outcome.byStatus, uniquingKeysWith: +)
                all.seconds = max(all.seconds, outcome.seconds)
                all.latenciesMicroseconds += outcome.latenciesMicroseconds
            }
            all.latenciesMicroseconds.sort()
            return all
        }
    }

    /// Gives the whole bytes of the next request of a connection; nil ends that connection.
    package typealias NextRequest = @Sendable (_ connection: Int, _ number: Int) -> [UInt8]?

    private let host: String
    private let port: UInt16
    private let next: NextRequest
    private let pause: Duration
    private let onAnswer: (@Sendable (_ connection: Int, _ number: Int, _ status: Int, _ body: ArraySlice<UInt8>) -> Void)?
    private var outcome = Outcome()
    private var clients: [LoadConnection?] = []
    private var open = 0
    private var isOver = false
    private var finished: CheckedContinuation<Void, Never>?
    private var received = [UInt8](repeating: 0, count: 65_536)

    /// - Parameters:
    ///   - pause: between an answer and the next request of the same connection; for a load below the most.
    ///   - onAnswer: sees each answer's body; it runs on the loop.
    package init(
        _ loop: EventLoop, host: String = "127.0.0.1", port: UInt16, pause: Duration = .zero, next: @escaping NextRequest,
        onAnswer: (@Sendable (_ connection: Int, _ number: Int, _ status: Int, _ body: ArraySlice<UInt8>) -> Void)? = nil
    ) {
        self.loop = loop
        self.host = host
        self.port = port
        self.pause = pause
        self.next = next
        self.onAnswer = onAnswer
    }

    /// Runs `connections` connections for `duration` (or until each got nil) and gives what was measured.
    package func run(connections: Int, duration: Duration) async throws(SystemError) -> Outcome {
        outcome = Outcome()
        isOver = false
        let started = MonotonicTime.current
        do throws(SystemError) {
            for index in 0..<connections { try begin(index) }
        } catch {
            for client in clients.compactMap({ $0 }) { end(client, isFailure: true) }
            clients = []
            throw error
        }
        let timer = loop.schedule(after: duration) { self.assumeIsolated { $0.isOver = true } }
        if open > 0 { await withCheckedContinuation { finished = $0 } }
        loop.cancel(timer)
        clients = []
        outcome.seconds = (MonotonicTime.current - started).secondsValue
        outcome.latenciesMicroseconds.sort()
        return outcome
    }

    private func begin(_ index: Int) throws(SystemError) {
        let client = try LoadConnection(self, index: index, host: host, port: port)
        clients.append(client)
        open += 1
        try loop.add(client.descriptor, .read, client.watcher)
        ask(client)
    }

    private func ask(_ client: LoadConnection) {
        guard !isOver, let request = next(client.index, client.number) else {
            end(client, isFailure: false)
            return
        }
        client.sentAt = .current
        let count = send(client.descriptor, request, request.count, CInt(MSG_NOSIGNAL))
        // A request fits the socket's buffer, since the one before it was answered.
        if count != request.count { end(client, isFailure: true) }
    }

    func ready(_ index: Int) {
        guard let client = clients[index] else { return }
        let count = recv(client.descriptor, &received, received.count, CInt(MSG_DONTWAIT))
        if count < 0, errno == EAGAIN || errno == EINTR { return }
        guard count > 0 else {
            end(client, isFailure: true)
            return
        }
        client.buffer.append(contentsOf: received[0..<count])
        guard let (status, body, total) = client.answer() else { return }
        outcome.answers += 1
        outcome.byStatus[status, default: 0] += 1
        outcome.latenciesMicroseconds.append(UInt32(clamping: (MonotonicTime.current - client.sentAt).nanoseconds / 1_000))
        onAnswer?(client.index, client.number, status, client.buffer[body])
        client.buffer.removeSubrange(0..<total)
        client.number += 1
        if pause > .zero, !isOver {
            loop.schedule(after: pause) { self.assumeIsolated { $0.resume(index) } }
        } else {
            ask(client)
        }
    }

    private func resume(_ index: Int) {
        if let client = clients[index] { ask(client) }
    }

    private func end(_ client: LoadConnection, isFailure: Bool) {
        if isFailure { outcome.failures += 1 }
        clients[client.index] = nil
        loop.remove(client.descriptor)
        close(client.descriptor)
        open -= 1
        if open == 0, let finished {
            self.finished = nil
            finished.resume()
        }
    }
}

/// One connection of a generator.
private final class LoadConnection {
    final class Watcher: EventHandler {
        private let generator: LoadGenerator
        private let index: Int

        init(_ generator: LoadGenerator, _ index: Int) {
            self.generator = generator
            self.index = index
        }

        func ready(_ events: ReadyEvents) {
            generator.assumeIsolated { $0.ready(index) }
        }
    }

    let index: Int
    let descriptor: CInt
    let watcher: Watcher
    var number = 0
    var sentAt = MonotonicTime(nanoseconds: 0)
    var buffer: [UInt8] = []

    init(_ generator: LoadGenerator, index: Int, host: String, port: UInt16) throws(SystemError) {
        self.index = index
        descriptor = try BlockingClient.connected(host: host, port: port)
        watcher = Watcher(generator, index)
    }

    /// A whole answer with a length at the front of the buffer: its status, its body's place and its size.
    ///
    /// Read without taking the head apart: the load shares the cores with what it measures.
    func answer() -> (status: Int, body: Range<Int>, total: Int)? {
        guard let end = headEnd() else { return nil }
        let whole = buffer
        let bytes = whole.span
        let status = end >= 12 ? Int(bytes[9] & 15) * 100 + Int(bytes[10] & 15) * 10 + Int(bytes[11] & 15) : 0
        var length = 0
        var line = 0
        while line + 15 < end {
            if bytes[line] | 0x20 == UInt8(ascii: "c"), bytes.extracting(line..<line + 15).equalsLowercased("content-length:") {
                var digit = line + 15
                while bytes[digit] == UInt8(ascii: " ") { digit += 1 }
                while bytes[digit] >= UInt8(ascii: "0"), bytes[digit] <= UInt8(ascii: "9") {
                    length = length * 10 + Int(bytes[digit] & 15)
                    digit += 1
                }
                break
            }
            while bytes[line] != 0x0A { line += 1 }
            line += 1
        }
        let total = end + length
        return buffer.count >= total ? (status, end..<total, total) : nil
    }

    private func headEnd() -> Int? {
        var index = 3
        while index < buffer.count {
            if buffer[index] == 0x0A, buffer[index - 1] == 0x0D, buffer[index - 2] == 0x0A, buffer[index - 3] == 0x0D { return index + 1 }
            index += 1
        }
        return nil
    }
}
