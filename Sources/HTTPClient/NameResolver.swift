import CLinux
import Glibc
import Runtime
import Synchronization

/// Asks the system for a host's addresses, no longer than until a deadline.
///
/// `getaddrinfo` knows no deadline and may take half a minute without a network, so it runs on a thread of its own, whose late answer
/// nobody waits for.
enum NameResolver {
    static func addresses(of host: String, port: UInt16, deadline: MonotonicTime) throws(HTTPClientError) -> [NetworkAddress] {
        if let literal = NetworkAddress(literal: host, port: port) { return [literal] }
        let answer = Answer()
        guard answer.descriptor >= 0 else { throw .unreachable(.last("eventfd")) }
        do throws(SystemError) {
            try startThread(name: "resolver") { ready in
                ready()
                answer.give(lookUp(host, port: port))
            }
        } catch {
            throw .unreachable(error)
        }
        guard wait(for: answer.descriptor, CInt(POLLIN), until: deadline) else { throw .timedOut }
        let found = answer.addresses
        guard !found.isEmpty else { throw .unknownHost }
        return found
    }

    private static func lookUp(_ host: String, port: UInt16) -> [NetworkAddress] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_ADDRCONFIG
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var found: [NetworkAddress] = []
        var next = list
        while let entry = next {
            if let address = address(of: entry.pointee, port: port) { found.append(address) }
            next = entry.pointee.ai_next
        }
        return found
    }

    private static func address(of entry: addrinfo, port: UInt16) -> NetworkAddress? {
        guard let form = UnsafeRawPointer(entry.ai_addr) else { return nil }
        if entry.ai_family == AF_INET {
            let address = form.loadUnaligned(as: sockaddr_in.self)
            return NetworkAddress(bytes: withUnsafeBytes(of: address.sin_addr) { Array($0) }, port: port)
        }
        guard entry.ai_family == AF_INET6 else { return nil }
        let address = form.loadUnaligned(as: sockaddr_in6.self)
        return NetworkAddress(bytes: withUnsafeBytes(of: address.sin6_addr) { Array($0) }, port: port, scope: address.sin6_scope_id)
    }

    /// What the resolver's thread hands over; its descriptor becomes readable with it.
    private final class Answer: Sendable {
        let descriptor = eventfd(0, CInt(EFD_NONBLOCK | EFD_CLOEXEC))
        private let found = Mutex<[NetworkAddress]>([])

        var addresses: [NetworkAddress] { found.withLock { $0 } }

        func give(_ addresses: [NetworkAddress]) {
            found.withLock { $0 = addresses }
            var one: UInt64 = 1
            // An empty counter always takes a one.
            _ = write(descriptor, &one, 8)
        }

        deinit { if descriptor >= 0 { close(descriptor) } }
    }
}

/// Waits until `descriptor` is ready for `events` (or broken); false when the deadline passes first.
func wait(for descriptor: CInt, _ events: CInt, until deadline: MonotonicTime) -> Bool {
    while true {
        let left = (deadline - .current).nanoseconds
        var entry = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        let result = poll(&entry, 1, left > 0 ? CInt(clamping: (left + 999_999) / 1_000_000) : 0)
        if result > 0 { return true }
        if left <= 0 { return false }
    }
}
