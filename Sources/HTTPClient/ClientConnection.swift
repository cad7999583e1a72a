import CLinux
import Glibc
import Runtime

/// One connection to a server, with TLS or without; every call keeps to its deadline.
final class ClientConnection {
    private let descriptor: CInt
    private var session: TLSSession?
    private var isEnded = false

    /// Connects to the first of `addresses` that answers.
    init(
        to addresses: [NetworkAddress], host: String, context: TLSContext?, timeout: Duration, deadline: MonotonicTime
    ) throws(HTTPClientError) {
        var connected: CInt = -1
        var reason = HTTPClientError.timedOut
        for address in addresses {
            do throws(HTTPClientError) {
                connected = try Self.connected(to: address, until: min(deadline, .current + timeout))
                break
            } catch {
                reason = error
            }
        }
        guard connected >= 0 else { throw reason }
        descriptor = connected
        guard let context else { return }
        session = try TLSSession(context, host: host)
        try shakeHands(until: min(deadline, .current + timeout))
    }

    deinit { close(descriptor) }

    private static func connected(to address: NetworkAddress, until deadline: MonotonicTime) throws(HTTPClientError) -> CInt {
        let kind = CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let made = socket(address.isIPv6 ? AF_INET6 : AF_INET, kind, 0)
        guard made >= 0 else { throw .unreachable(.last("socket")) }
        var on: CInt = 1
        setsockopt(made, CInt(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<CInt>.size))
        // A peer that vanished without a word is noticed within some 45 s of silence, also on an event stream.
        setsockopt(made, SOL_SOCKET, SO_KEEPALIVE, &on, socklen_t(MemoryLayout<CInt>.size))
        for (option, value) in [(TCP_KEEPIDLE, 20), (TCP_KEEPINTVL, 5), (TCP_KEEPCNT, 5)] as [(CInt, CInt)] {
            var value = value
            setsockopt(made, CInt(IPPROTO_TCP), option, &value, socklen_t(MemoryLayout<CInt>.size))
        }
        var failure: HTTPClientError?
        if address.withSystemForm({ Glibc.connect(made, $0, $1) }) != 0 {
            if errno != EINPROGRESS {
                failure = .unreachable(.last("connect"))
            } else if !wait(for: made, CInt(POLLOUT), until: deadline) {
                failure = .timedOut
            } else {
                var code: CInt = 0
                var size = socklen_t(MemoryLayout<CInt>.size)
                getsockopt(made, SOL_SOCKET, SO_ERROR, &code, &size)
                if code != 0 { failure = .unreachable(SystemError(call: "connect", code: code)) }
            }
        }
        if let failure {
            close(made)
            throw failure
        }
        return made
    }

    private func shakeHands(until deadline: MonotonicTime) throws(HTTPClientError) {
        guard let session else { return }
        while true {
            let step: TLSSession.Step
            do throws(HTTPClientError) {
                step = try session.handshake()
            } catch {
                // The alert that tells the other side why.
                _ = sendOnce(session.takeOutput()[...])
                throw error
            }
            try sendAll(session.takeOutput(), until: deadline)
            switch step {
            case .done: return
            case .closed: throw .closed
            case .needsInput:
                guard let piece = try receive(until: deadline) else { throw .closed }
                session.give(piece)
            }
        }
    }

    /// Whether it can carry another request: nothing has come since the last answer, not even its end.
    var isQuiet: Bool { !isEnded && !wait(for: descriptor, CInt(POLLIN), until: .current) }

    func write(_ bytes: [UInt8], until deadline: MonotonicTime) throws(HTTPClientError) {
        guard let session else { return try sendAll(bytes, until: deadline) }
        try session.write(bytes)
        try sendAll(session.takeOutput(), until: deadline)
    }

    /// Some bytes; nil at the end of the connection, which TLS must have announced.
    func read(until deadline: MonotonicTime) throws(HTTPClientError) -> [UInt8]? {
        guard let session else { return try receive(until: deadline) }
        while true {
            var bytes: [UInt8] = []
            let step = try session.read(into: &bytes)
            if step == .closed { isEnded = true }
            // An answer to a change of keys, say.
            try sendAll(session.takeOutput(), until: deadline)
            if !bytes.isEmpty { return bytes }
            if isEnded { return nil }
            guard let piece = try receive(until: deadline) else { throw .closed }
            session.give(piece)
        }
    }

    private func receive(until deadline: MonotonicTime) throws(HTTPClientError) -> [UInt8]? {
        var piece = [UInt8](repeating: 0, count: 65_536)
        while true {
            guard wait(for: descriptor, CInt(POLLIN), until: deadline) else { throw .timedOut }
            let count = recv(descriptor, &piece, piece.count, 0)
            if count > 0 { return Array(piece[..<count]) }
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            isEnded = true
            if count == 0 { return nil }
            throw .closed
        }
    }

    private func sendAll(_ bytes: [UInt8], until deadline: MonotonicTime) throws(HTTPClientError) {
        var left = bytes[...]
        while !left.isEmpty {
            let count = sendOnce(left)
            if count > 0 {
                left = left.dropFirst(count)
            } else if errno == EAGAIN {
                guard wait(for: descriptor, CInt(POLLOUT), until: deadline) else { throw .timedOut }
            } else if errno != EINTR {
                isEnded = true
                throw .closed
            }
        }
    }

    private func sendOnce(_ bytes: ArraySlice<UInt8>) -> Int {
        bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
    }
}
