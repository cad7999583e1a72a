/// A request target (RFC 9112, section 3.2) brought to origin form.
struct RequestTarget {
    /// Path and query, still encoded.
    let path: String
    let authority: String?

    init(_ bytes: Span<UInt8>, method: Method) throws(ParseFailure) {
        try Self.check(bytes)
        if bytes.count == 1, bytes[0] == 0x2A {
            // 3.2.4: the asterisk is for OPTIONS alone.
            guard method == .options else { throw .malformed(.target) }
            path = "*"
            authority = nil
            return
        }
        // 3.2.3: CONNECT's authority form asks for a tunnel; there is none here.
        guard method != .connect, !bytes.isEmpty else { throw .malformed(.target) }
        if bytes[0] == 0x2F {
            path = Self.text(bytes.extracting(0..<bytes.count))
            authority = nil
            return
        }
        // 3.2.2: absolute form, as proxies send it.
        let scheme = bytes.count > 7 && bytes.extracting(0..<7).equalsLowercased("http://") ? 7 : 0
        guard scheme > 0 else { throw .malformed(.target) }
        var end = scheme
        while end < bytes.count, bytes[end] != 0x2F, bytes[end] != 0x3F { end += 1 }
        let host = bytes.extracting(scheme..<end)
        guard Self.isHost(host) else { throw .malformed(.target) }
        authority = Self.text(host)
        let rest = Self.text(bytes.extracting(end..<bytes.count))
        path = rest.utf8.first == 0x2F ? rest : "/" + rest
    }

    /// Only characters of RFC 3986 without the fragment, and `%` only before two hexadecimal digits.
    private static func check(_ bytes: Span<UInt8>) throws(ParseFailure) {
        var index = 0
        while index < bytes.count {
            guard ByteSet.target.contains(bytes[index]) else { throw .malformed(.target) }
            if bytes[index] == 0x25 {
                guard index + 2 < bytes.count, let high = bytes[index + 1].hexValue, let low = bytes[index + 2].hexValue,
                    high | low != 0
                else { throw .malformed(.target) }
            }
            index += 1
        }
    }

    /// `uri-host [":" port]` (RFC 9110, section 7.2), without user information and never empty.
    static func isHost(_ bytes: Span<UInt8>) -> Bool {
        var index = 0
        if !bytes.isEmpty, bytes[0] == 0x5B {
            index = 1
            while index < bytes.count, ByteSet.addressLiteral.contains(bytes[index]) { index += 1 }
            guard index > 1, index < bytes.count, bytes[index] == 0x5D else { return false }
            index += 1
        } else {
            while index < bytes.count, bytes[index] != 0x3A {
                guard ByteSet.hostName.contains(bytes[index]) else { return false }
                index += 1
            }
            guard index > 0 else { return false }
        }
        if index == bytes.count { return true }
        guard bytes[index] == 0x3A, bytes.count - index <= 6 else { return false }
        for position in index + 1..<bytes.count where !bytes[position].isDigit { return false }
        return true
    }

    private static func text(_ bytes: Span<UInt8>) -> String {
        // The bytes were checked to be ASCII.
        String(copying: UTF8Span(unchecked: bytes, isKnownASCII: true))
    }
}
