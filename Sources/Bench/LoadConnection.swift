import CLinux
import Glibc
import Runtime

/// One keep-alive connection of a load: sends a request, takes its answer, and tells.
///
/// Knows just as much of HTTP as our own answers need: a status, a Content-Length.
actor LoadConnection: EventHandler {
    struct Answer: Sendable {
        let status: Int
        let body: [UInt8]
        let microseconds: UInt32
    }

    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private let descriptor: CInt
    private var received: [UInt8] = []
    private var unsent: ArraySlice<UInt8> = []
    private var sentAt: MonotonicTime?
    private var isConnected = false
    private var isClosed = false
    /// Told of every answer; nil when the connection broke.
    private let tell: @Sendable (Answer?) -> Void

    init(port: UInt16, loop: EventLoop, tell: @escaping @Sendable (Answer?) -> Void) throws(SystemError) {
        self.loop = loop
        self.tell = tell
        descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_NONBLOCK.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .last("socket") }
        var one: CInt = 1
        setsockopt(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &one, 4)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard result == 0 || errno == EINPROGRESS else { throw .last("connect") }
    }

    /// Starts to watch the socket; on the loop.
    func open() throws(SystemError) {
        try loop.add(descriptor, [.read, .write], self)
    }

    /// Sends `request`; the time is counted from `dueAt`, or from now.
    func send(_ request: [UInt8], dueAt: MonotonicTime? = nil) {
        guard !isClosed else { return }
        sentAt = dueAt ?? .current
        unsent = request[...]
        if isConnected { flush() }
    }

    var isBusy: Bool { sentAt != nil }

    func close() {
        guard !isClosed else { return }
        isClosed = true
        loop.remove(descriptor)
        Glibc.close(descriptor)
    }

    nonisolated func ready(_ events: ReadyEvents) {
        assumeIsolated { $0.handle(events) }
    }

    private func handle(_ events: ReadyEvents) {
        if events.contains(.failed) { return lose() }
        if events.contains(.writable) {
            isConnected = true
            flush()
        }
        if events.contains(.readable) || events.contains(.hangup) { read() }
    }

    private func flush() {
        while !unsent.isEmpty {
            let count = unsent.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            if count < 0 {
                if errno == EAGAIN { return loop.change(descriptor, [.read, .write]) }
                return lose()
            }
            unsent = unsent.dropFirst(count)
        }
        if isConnected, !isClosed { loop.change(descriptor, .read) }
    }

    private func read() {
        let count = withUnsafeTemporaryAllocation(byteCount: 16_384, alignment: 1) { buffer in
            let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if count > 0 { received.append(contentsOf: UnsafeRawBufferPointer(rebasing: buffer[0..<count])) }
            return count
        }
        if count == 0 || (count < 0 && errno != EAGAIN) { return lose() }
        guard let answer = takeAnswer() else { return }
        tell(answer)
    }

    private func takeAnswer() -> Answer? {
        guard received.count > 16, let end = Self.endOfHead(received) else { return nil }
        let length = Self.contentLength(received[..<end])
        guard received.count >= end + length else { return nil }
        let status = received[9..<12].reduce(0) { $0 * 10 + Int($1 &- 48) }
        let body = Array(received[end..<end + length])
        received.removeFirst(end + length)
        let microseconds = sentAt.map { UInt32(clamping: (MonotonicTime.current - $0).nanoseconds / 1_000) } ?? 0
        sentAt = nil
        return Answer(status: status, body: body, microseconds: microseconds)
    }

    private static func endOfHead(_ bytes: [UInt8]) -> Int? {
        var index = 3
        while index < bytes.count {
            if bytes[index] == 10, bytes[index - 1] == 13, bytes[index - 2] == 10, bytes[index - 3] == 13 { return index + 1 }
            index += 1
        }
        return nil
    }

    private static let lengthField = Array("content-length:".utf8)

    private static func contentLength(_ head: ArraySlice<UInt8>) -> Int {
        var index = head.startIndex
        while index < head.endIndex {
            if head[index] == 10, head[(index + 1)...].prefix(lengthField.count).elementsEqual(lengthField, by: { $0 | 0x20 == $1 | 0x20 })
            {
                var value = 0
                for byte in head[(index + 1 + lengthField.count)...] {
                    if byte == 13 { return value }
                    if byte >= 48, byte <= 57 { value = value * 10 + Int(byte - 48) }
                }
            }
            index += 1
        }
        return 0
    }

    private func lose() {
        guard !isClosed else { return }
        close()
        tell(nil)
    }
}
