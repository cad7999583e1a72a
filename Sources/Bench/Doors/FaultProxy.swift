import CLinux
import Glibc
import Runtime
import Synchronization

/// A network that can be broken: a TCP proxy on a thread of its own, between a controller and its server.
final class FaultProxy: Sendable {
    enum Fault: CaseIterable, Sendable {
        case none
        /// Connections are reset, new ones at once.
        case reset
        /// Nothing gets through in either direction; what was sent meanwhile arrives late, when the fault ends.
        case stalled
        /// Questions arrive, answers do not, ever.
        case deaf
        /// Everything takes 50 to 450 milliseconds, to and fro across the budget of a question.
        case slow
    }

    let port: UInt16
    private let fault = Mutex(Fault.none)
    private let isOver = Atomic(false)

    private struct Pair {
        let client: CInt
        let server: CInt
    }

    /// - Parameter target: the server's port on this machine; it may come and go.
    init(to target: UInt16) throws {
        let listener = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard listener >= 0 else { throw SystemError.last("socket") }
        var address = Self.loopback(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isListening = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, length) == 0 && listen(listener, 128) == 0 && getsockname(listener, $0, &length) == 0
            }
        }
        guard isListening else { throw SystemError.last("listen") }
        port = UInt16(bigEndian: address.sin_port)
        try startThread(name: "proxy") { [self] ready in
            ready()
            carry(listener, to: target)
        }
    }

    func set(_ fault: Fault) { self.fault.withLock { $0 = fault } }
    func stop() { isOver.store(true, ordering: .releasing) }

    private static func loopback(_ port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = port.bigEndian
        return address
    }

    private func carry(_ listener: CInt, to target: UInt16) {
        var pairs: [Pair] = []
        defer {
            for pair in pairs { Self.drop(pair) }
            close(listener)
        }
        while !isOver.load(ordering: .acquiring) {
            let now = fault.withLock { $0 }
            if case .stalled = now {
                usleep(10_000)
                continue
            }
            if case .reset = now {
                for pair in pairs { Self.drop(pair) }
                pairs = []
            }
            let watched = [listener] + pairs.flatMap { [$0.client, $0.server] }
            var entries = watched.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            guard poll(&entries, nfds_t(entries.count), 20) > 0 else { continue }
            if case .slow = now { usleep(.random(in: 50_000...225_000)) }
            var gone: [Int] = []
            for (index, pair) in pairs.enumerated() {
                let (up, down) = (entries[1 + 2 * index].revents, entries[2 + 2 * index].revents)
                if up != 0, !Self.pass(pair.client, pair.server) { gone.append(index) }
                if down != 0, gone.last != index {
                    let isHeard = if case .deaf = now { Self.swallow(pair.server) } else { Self.pass(pair.server, pair.client) }
                    if !isHeard { gone.append(index) }
                }
            }
            for index in gone.reversed() { Self.drop(pairs.remove(at: index)) }
            if entries[0].revents != 0, let pair = Self.accept(listener, target, isRefused: now == .reset) { pairs.append(pair) }
        }
    }

    private static func accept(_ listener: CInt, _ target: UInt16, isRefused: Bool) -> Pair? {
        let client = Glibc.accept(listener, nil, nil)
        guard client >= 0 else { return nil }
        let server = socket(AF_INET, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = loopback(target)
        let isConnected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                !isRefused && connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        let pair = Pair(client: client, server: server)
        if isConnected { return pair }
        drop(pair)
        return nil
    }

    /// False when there is nothing more to pass.
    private static func pass(_ from: CInt, _ to: CInt) -> Bool {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = recv(from, &bytes, bytes.count, 0)
        guard count > 0 else { return false }
        var sent = 0
        while sent < count {
            let part = bytes.withUnsafeBytes { send(to, $0.baseAddress?.advanced(by: sent), count - sent, CInt(MSG_NOSIGNAL)) }
            guard part > 0 else { return false }
            sent += part
        }
        return true
    }

    private static func swallow(_ from: CInt) -> Bool {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        return recv(from, &bytes, bytes.count, 0) > 0
    }

    /// Ends both sides with a reset.
    private static func drop(_ pair: Pair) {
        for descriptor in [pair.client, pair.server] {
            var linger = Glibc.linger(l_onoff: 1, l_linger: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
            close(descriptor)
        }
    }
}
