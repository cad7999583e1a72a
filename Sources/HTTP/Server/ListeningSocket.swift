import CLinux
import Glibc
import Runtime

/// TCP sockets that listen, one for each loop on the same port, between which the kernel shares out the connections.
enum ListeningSocket {
    /// - Parameter isShared: false asks whether the port is free at all, which SO_REUSEPORT would hide from a second server.
    static func open(host: String, port: UInt16, isShared: Bool) throws(SystemError) -> CInt {
        let isVersion6 = host.contains(":")
        let descriptor = socket(isVersion6 ? AF_INET6 : AF_INET, CInt(SOCK_STREAM.rawValue) | clinuxNonblocking, 0)
        guard descriptor >= 0 else { throw .last("socket") }
        do throws(SystemError) {
            try set(descriptor, CInt(SOL_SOCKET), SO_REUSEADDR)
            if isShared { try set(descriptor, CInt(SOL_SOCKET), SO_REUSEPORT) }
            // Inherited by the accepted sockets: answers leave whole, so there is nothing for Nagle to gather.
            try set(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY)
            if isVersion6 { try bindVersion6(descriptor, host, port) } else { try bindVersion4(descriptor, host, port) }
            guard listen(descriptor, 4_096) == 0 else { throw .last("listen") }
            return descriptor
        } catch {
            close(descriptor)
            throw error
        }
    }

    private static let clinuxNonblocking = CInt(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)

    private static func set(_ descriptor: CInt, _ level: CInt, _ option: CInt) throws(SystemError) {
        var on: CInt = 1
        guard setsockopt(descriptor, level, option, &on, socklen_t(MemoryLayout<CInt>.size)) == 0 else { throw .last("setsockopt") }
    }

    private static func bindVersion4(_ descriptor: CInt, _ host: String, _ port: UInt16) throws(SystemError) {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        guard inet_pton(AF_INET, host == "localhost" ? "127.0.0.1" : host, &address.sin_addr) == 1 else {
            throw SystemError(call: "listen on \(host)", code: EINVAL)
        }
        try bindAddress(descriptor, &address, "\(host) port \(port)")
    }

    private static func bindVersion6(_ descriptor: CInt, _ host: String, _ port: UInt16) throws(SystemError) {
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        address.sin6_port = port.bigEndian
        guard inet_pton(AF_INET6, host, &address.sin6_addr) == 1 else { throw SystemError(call: "listen on \(host)", code: EINVAL) }
        try bindAddress(descriptor, &address, "\(host) port \(port)")
    }

    private static func bindAddress<Address>(_ descriptor: CInt, _ address: inout Address, _ place: String) throws(SystemError) {
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<Address>.size))
            }
        }
        guard result == 0 else { throw .last("listen on \(place)") }
    }

    /// Takes a waiting connection, and whom it comes from.
    /// - Returns: a descriptor below 0 when there is none; `errno` then tells why.
    static func accept(_ listener: CInt) -> (descriptor: CInt, address: NetworkAddress?) {
        var storage = sockaddr_in6()
        var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
        let descriptor = withUnsafeMutablePointer(to: &storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                accept4(listener, $0, &length, CInt(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue))
            }
        }
        guard descriptor >= 0 else { return (descriptor, nil) }
        switch CInt(storage.sin6_family) {
        case AF_INET6: return (descriptor, NetworkAddress(storage.sin6_addr))
        // The four bytes of an IPv4 address stand where an IPv6 socket address has its flow label.
        case AF_INET: return (descriptor, NetworkAddress(in_addr(s_addr: storage.sin6_flowinfo)))
        default: return (descriptor, nil)
        }
    }

    /// The port that a socket got.
    static func port(of descriptor: CInt) throws(SystemError) -> UInt16 {
        var address = sockaddr_in6()
        var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard result == 0 else { throw .last("getsockname") }
        // Family and port stand at the same place for both families.
        return UInt16(bigEndian: address.sin6_port)
    }
}
