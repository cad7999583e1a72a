import CLinux
import Glibc
package import Runtime

/// One connection to a server, blocking: for tests, command-line tools and the bench, never on an event loop.
package final class BlockingClient {
    /// What was read of an answer.
    package struct Answer: Sendable {
        package let status: Int
        package let headers: [(name: String, value: String)]
        package let body: [UInt8]

        package var text: String { String(decoding: body, as: UTF8.self) }

        package func header(_ name: String) -> String? {
            headers.first { $0.name.lowercased() == name.lowercased() }?.value
        }
    }

    private let descriptor: CInt
    private var buffer: [UInt8] = []

    /// Connects to an IPv4 address; reads and writes give up after `timeoutSeconds`.
    package init(host: String = "127.0.0.1", port: UInt16, timeoutSeconds: Int = 10) throws(SystemError) {
        descriptor = try Self.connected(host: host, port: port)
        var limit = timeval(tv_sec: timeoutSeconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    /// A connected socket without Nagle's delay.
    static func connected(host: String, port: UInt16) throws(SystemError) -> CInt {
        let descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .last("socket") }
        var on: CInt = 1
        setsockopt(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<CInt>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        let isAddress = inet_pton(AF_INET, host == "localhost" ? "127.0.0.1" : host, &address.sin_addr) == 1
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                isAddress ? connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) : -1
            }
        }
        guard result == 0 else {
            let error = isAddress ? SystemError.last("connect") : SystemError(call: "inet_pton", code: EINVAL)
            close(descriptor)
            throw error
        }
        return descriptor
    }

    deinit { close(descriptor) }

    /// Sends all of it.
    package func send(_ bytes: [UInt8]) throws(SystemError) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress?.advanced(by: sent), bytes.count - sent, CInt(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .last("send") }
            sent += count
        }
    }

    package func send(_ text: String) throws(SystemError) { try send(Array(text.utf8)) }

    /// Sends a request and reads its answer.
    package func call(
        _ method: Method, _ path: String, headers: [(String, String)] = [], body: [UInt8]? = nil
    ) throws(SystemError) -> Answer? {
        var text = "\(method.rawValue) \(path) HTTP/1.1\r\nHost: localhost\r\n"
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        if let body { text += "Content-Length: \(body.count)\r\n" }
        try send(Array((text + "\r\n").utf8) + (body ?? []))
        return try read(isHead: method == .head)
    }

    /// Shuts the write side, as a client does that has no more to ask.
    package func finishWriting() { shutdown(descriptor, CInt(SHUT_WR)) }

    /// The next answer, interim ones included; nil when the server closed before a whole one came.
    package func read(isHead: Bool = false) throws(SystemError) -> Answer? {
        while true {
            if let end = buffer.firstRange(of: Array("\r\n\r\n".utf8)) {
                let head = String(decoding: buffer[..<end.lowerBound], as: UTF8.self)
                buffer.removeSubrange(..<end.upperBound)
                return try body(of: head, isHead: isHead)
            }
            guard try fill() else { return nil }
        }
    }

    /// Everything up to the server's end of the connection.
    package func readToEnd() throws(SystemError) -> [UInt8] {
        while try fill() {}
        defer { buffer = [] }
        return buffer
    }

    /// What came since; nil at the end.
    package func readSome() throws(SystemError) -> [UInt8]? {
        if buffer.isEmpty, !(try fill()) { return nil }
        defer { buffer = [] }
        return buffer
    }

    private func body(of head: String, isHead: Bool) throws(SystemError) -> Answer? {
        let lines = head.split(separator: "\r\n")
        guard let first = lines.first, let status = first.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else { return nil }
        let headers = lines.dropFirst().compactMap { line -> (name: String, value: String)? in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            return (String(line[..<colon]), line[line.index(after: colon)...].trimmed)
        }
        func value(_ name: String) -> String? { headers.first { $0.name.lowercased() == name }?.value }
        if isHead || status < 200 || status == 204 || status == 304 { return Answer(status: status, headers: headers, body: []) }
        if value("transfer-encoding") == "chunked" {
            guard let bytes = try chunks() else { return nil }
            return Answer(status: status, headers: headers, body: bytes)
        }
        guard let length = value("content-length").flatMap({ Int($0) }) else {
            return Answer(status: status, headers: headers, body: try readToEnd())
        }
        guard let bytes = try take(length) else { return nil }
        return Answer(status: status, headers: headers, body: bytes)
    }

    private func chunks() throws(SystemError) -> [UInt8]? {
        var body: [UInt8] = []
        while true {
            guard let end = buffer.firstRange(of: [0x0D, 0x0A]) else {
                guard try fill() else { return nil }
                continue
            }
            guard let size = Int(String(decoding: buffer[..<end.lowerBound], as: UTF8.self), radix: 16) else { return nil }
            buffer.removeSubrange(..<end.upperBound)
            guard let bytes = try take(size + 2) else { return nil }
            if size == 0 { return body }
            body += bytes.dropLast(2)
        }
    }

    private func take(_ count: Int) throws(SystemError) -> [UInt8]? {
        while buffer.count < count {
            guard try fill() else { return nil }
        }
        let bytes = Array(buffer[..<count])
        buffer.removeFirst(count)
        return bytes
    }

    /// Reads once; false at the end. A reset counts as the end, since nothing more will come.
    private func fill() throws(SystemError) -> Bool {
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(descriptor, &piece, piece.count, 0)
            if count > 0 {
                buffer += piece[..<count]
                return true
            }
            if count == 0 || errno == ECONNRESET { return false }
            if errno != EINTR { throw .last("recv") }
        }
    }
}
