import Glibc

/// An IP address; an IPv4 one is kept in its IPv6 form, `::ffff:192.0.2.1` (RFC 4291, section 2.5.5.2).
///
/// Personal data where it is a person's: never logged.
package struct NetworkAddress: Hashable, Sendable {
    let high: UInt64
    let low: UInt64

    private static let version4 = UInt64(0xFFFF) << 32

    package static let loopback = NetworkAddress(high: 0, low: version4 | 0x7F00_0001)

    init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// - Parameter text: `192.0.2.1`, `2001:db8::1`, or as proxies write it: `192.0.2.1:443`, `[2001:db8::1]`, `[2001:db8::1]:443`.
    package init?(_ text: some StringProtocol) {
        var text = String(text)
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            text = String(text[text.index(after: text.startIndex)..<end])
        } else if text.utf8.count(where: { $0 == 0x3A }) == 1, let colon = text.firstIndex(of: ":") {
            text = String(text[..<colon])
        }
        var version6 = in6_addr()
        var version4 = in_addr()
        if inet_pton(AF_INET, text, &version4) == 1 {
            self.init(version4)
        } else if inet_pton(AF_INET6, text, &version6) == 1 {
            self.init(version6)
        } else {
            return nil
        }
    }

    init(_ address: in_addr) {
        self.init(high: 0, low: Self.version4 | UInt64(UInt32(bigEndian: address.s_addr)))
    }

    init(_ address: in6_addr) {
        let (high, low) = withUnsafeBytes(of: address) { bytes in
            (bytes.loadUnaligned(as: UInt64.self), bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        }
        self.init(high: UInt64(bigEndian: high), low: UInt64(bigEndian: low))
    }

    /// The 16 bytes in network order.
    package var bytes: [UInt8] {
        [high, low].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * $0)) } }
    }

    /// What limits count: an IPv4 address, or of IPv6 the first 64 bits, for one subscriber has all that begin so.
    package var subscriber: NetworkAddress {
        let isVersion4 = high == 0 && low >> 32 == 0xFFFF
        return isVersion4 ? self : NetworkAddress(high: high, low: 0)
    }
}

/// Whom a request comes from: the other end of the connection, and how many proxies may tell of somebody behind it.
struct Peer: Sendable {
    /// Nil for a socket that is gone or of another family.
    let address: NetworkAddress?
    /// Reverse proxies in front of the server: each adds one address to `X-Forwarded-For`.
    let proxies: Int

    /// The client's address. What a client writes into the field itself stands left of what the proxies add, and is never looked at.
    func client(_ headers: Headers) -> NetworkAddress? {
        guard proxies > 0, let field = headers["X-Forwarded-For"] else { return address }
        let hops = field.split(separator: ",", omittingEmptySubsequences: false)
        guard hops.count >= proxies else { return address }
        return NetworkAddress(hops[hops.count - proxies].trimmed) ?? address
    }
}
