/// Where a server is: what stands before the path of its URLs.
///
/// Strict, because it decides where we connect to: no user, no fragment, no query, ASCII names only (others as `xn--…`).
package struct ServerAddress: Hashable, Sendable {
    package let isEncrypted: Bool
    /// Lower case; an IPv6 address without its brackets.
    package let host: String
    package let port: UInt16
    /// What each path is put after: empty, or `/api` without a slash at its end.
    package let pathPrefix: String

    /// The `Host` field: the port is left out where it is the scheme's own.
    package var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == (isEncrypted ? 443 : 80) ? name : "\(name):\(port)"
    }

    /// Nil for what is no such URL.
    package init?(_ url: String) {
        let rest: Substring
        if url.hasPrefix("https://") {
            (isEncrypted, rest) = (true, url.dropFirst(8))
        } else if url.hasPrefix("http://") {
            (isEncrypted, rest) = (false, url.dropFirst(7))
        } else {
            return nil
        }
        guard url.utf8.count <= 2_048, url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && !Self.refused.contains($0) }) else { return nil }
        let authorityEnd = rest.firstIndex(of: "/") ?? rest.endIndex
        guard let (name, port) = Self.hostAndPort(rest[..<authorityEnd]) else { return nil }
        var path = rest[authorityEnd...]
        while path.last == "/" { path.removeLast() }
        host = name.lowercased()
        self.port = port ?? (isEncrypted ? 443 : 80)
        pathPrefix = String(path)
    }

    private static let refused = Set("@#\\\"<>^`{|}".utf8)

    private static func hostAndPort(_ authority: Substring) -> (host: Substring, port: UInt16?)? {
        var rest = authority
        let host: Substring
        if rest.first == "[" {
            guard let end = rest.firstIndex(of: "]") else { return nil }
            host = rest[rest.index(after: rest.startIndex)..<end]
            guard NetworkAddress(literal: String(host), port: 0)?.isIPv6 == true else { return nil }
            rest = rest[rest.index(after: end)...]
        } else {
            host = rest.prefix { $0 != ":" }
            guard !host.isEmpty, host.utf8.count <= 253, host.utf8.allSatisfy(isNameCharacter), host.first != "-" else { return nil }
            rest = rest[host.endIndex...]
        }
        if rest.isEmpty { return (host, nil) }
        let digits = rest.dropFirst()
        guard rest.first == ":", (1...5).contains(digits.utf8.count), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = UInt16(digits), port > 0
        else { return nil }
        return (host, port)
    }

    private static func isNameCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"): true
        default: false
        }
    }
}

extension ServerAddress {
    /// Whether the host is a name, whose addresses only the resolver knows, or an address of the public internet.
    package var isPublicOrNamed: Bool {
        if let address = NetworkAddress(literal: host, port: port) { return address.isPublic }
        // Names that end in a number are addresses in a spelling of old times: 127.1, 0x7f.1.
        return host.split(separator: ".").last?.first?.isNumber != true
    }
}
