import CLinux
import Glibc
import Runtime

/// Many open live boards, read by one thread.
final class BoardCrowd: Sendable {
    /// How long after a moment the boards heard of something, in milliseconds.
    struct Heard: Sendable {
        let median: Double
        let last: Double
    }

    private let descriptors: [CInt]

    /// Opens the boards; what they are told is read by `wait`.
    init(port: UInt16, token: String, count: Int) throws {
        let request =
            "GET /v1/station-board/events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n"
            + "Authorization: Bearer \(token)\r\n\r\n"
        var opened: [CInt] = []
        for _ in 0..<count {
            let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            guard descriptor >= 0 else { throw SystemError.last("socket") }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            let connected = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            guard connected == 0 else { throw SystemError.last("connect") }
            let bytes = Array(request.utf8)
            guard send(descriptor, bytes, bytes.count, CInt(MSG_NOSIGNAL)) == bytes.count else { throw SystemError.last("send") }
            opened.append(descriptor)
        }
        descriptors = opened
    }

    /// Microseconds of the clock that never goes back.
    var now: Int64 { Int64(MonotonicTime.current.nanoseconds / 1_000) }

    /// Drops what has come and was not read.
    func forget() {
        var piece = [UInt8](repeating: 0, count: 65_536)
        for descriptor in descriptors {
            while recv(descriptor, &piece, piece.count, CInt(MSG_DONTWAIT)) > 0 {}
        }
    }

    /// Waits until every board has heard `text`, for a minute at most.
    func wait(for text: String, sinceMicroseconds since: Int64) async throws -> Heard {
        let times = try await onThread(name: "boards") { [self] in Result { try read(text, since) } }.get().get()
        return Heard(median: times[times.count / 2], last: times[times.count - 1])
    }

    func close() {
        for descriptor in descriptors { Glibc.close(descriptor) }
    }

    /// The milliseconds after which each board heard it, in ascending order.
    private func read(_ text: String, _ since: Int64) throws -> [Double] {
        let wanted = Array(text.utf8)
        var waiting = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        var tails = [CInt: [UInt8]]()
        var times: [Double] = []
        var piece = [UInt8](repeating: 0, count: 65_536)
        while !waiting.isEmpty {
            guard now - since < 60_000_000 else { throw BenchError(description: "\(waiting.count) boards did not hear \(text)") }
            guard poll(&waiting, nfds_t(waiting.count), 1_000) >= 0 else { throw SystemError.last("poll") }
            var heard: Set<CInt> = []
            for entry in waiting where entry.revents != 0 {
                let count = recv(entry.fd, &piece, piece.count, CInt(MSG_DONTWAIT))
                guard count > 0 else { throw BenchError(description: "a board was closed") }
                let bytes = tails[entry.fd, default: []] + piece[..<count]
                if bytes.firstRange(of: wanted) == nil {
                    tails[entry.fd] = Array(bytes.suffix(wanted.count))
                } else {
                    heard.insert(entry.fd)
                    times.append(Double(now - since) / 1_000)
                }
            }
            waiting.removeAll { heard.contains($0.fd) }
        }
        return times.sorted()
    }
}
