import Glibc

/// An IPv4 or IPv6 address and a port.
package struct NetworkAddress: Hashable, Sendable {
    /// 4 bytes, or 16.
    let bytes: [UInt8]
    let port: UInt16
    /// The link of a link-local address; 0 for the others.
    let scope: UInt32

    package var isIPv6: Bool { bytes.count == 16 }

    init(bytes: [UInt8], port: UInt16, scope: UInt32 = 0) {
        precondition(bytes.count == 4 || bytes.count == 16, "an address has 4 or 16 bytes")
        self.bytes = bytes
        self.port = port
        self.scope = scope
    }

    /// From dotted decimal or IPv6 text; nil for anything else, shortened or octal spellings of IPv4 among it.
    package init?(literal text: String, port: UInt16) {
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &bytes) == 1 {
            self.init(bytes: Array(bytes[..<4]), port: port)
        } else if inet_pton(AF_INET6, text, &bytes) == 1 {
            self.init(bytes: bytes, port: port)
        } else {
            return nil
        }
    }

    /// Whether it lies in the public internet: not this machine, a private network, a link, a group or a block set aside
    /// (IANA's registries of special-purpose addresses). An IPv4 address inside an IPv6 one is judged as IPv4 where it is only mapped,
    /// and refused where it names a translator or a tunnel.
    package var isPublic: Bool {
        if !isIPv6 { return Self.isPublicIPv4(bytes) }
        if bytes.starts(with: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]) { return Self.isPublicIPv4(Array(bytes[12...])) }
        // Only 2000::/3 is given out, and of it the blocks of protocols, documentation and 6to4 are not for hosts.
        guard bytes[0] & 0xE0 == 0x20 else { return false }
        let refused: [[UInt8]] = [[0x20, 0x01, 0x0D, 0xB8], [0x20, 0x02]]
        if bytes[0] == 0x20, bytes[1] == 0x01, bytes[2] & 0xFE == 0 { return false }
        if bytes[0] == 0x3F, bytes[1] == 0xFF, bytes[2] & 0xF0 == 0 { return false }
        return !refused.contains { bytes.starts(with: $0) }
    }

    private static func isPublicIPv4(_ bytes: [UInt8]) -> Bool {
        switch (bytes[0], bytes[1], bytes[2]) {
        case (0, _, _), (10, _, _), (127, _, _), (169, 254, _), (172, 16...31, _), (192, 168, _), (100, 64...127, _): false
        case (192, 0, 0), (192, 0, 2), (192, 88, 99), (198, 18...19, _), (198, 51, 100), (203, 0, 113), (224..., _, _): false
        default: true
        }
    }

    /// Calls `body` with the address in the form that the system takes.
    func withSystemForm<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        if isIPv6 {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            address.sin6_scope_id = scope
            withUnsafeMutableBytes(of: &address.sin6_addr) { $0.copyBytes(from: bytes) }
            return withUnsafeBytes(of: &address) { form($0, body) }
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        withUnsafeMutableBytes(of: &address.sin_addr) { $0.copyBytes(from: bytes) }
        return withUnsafeBytes(of: &address) { form($0, body) }
    }

    private func form<Result>(_ bytes: UnsafeRawBufferPointer, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        guard let start = bytes.baseAddress else { preconditionFailure("an address has bytes") }
        return body(start.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
    }
}
