/// Percent-decoding (RFC 3986, section 2.1), done once; nil for what is not UTF-8 afterwards or holds U+0000.
func percentDecoded(_ text: Substring.UTF8View, plusIsSpace: Bool = false) -> String? {
    if !text.contains(where: { $0 == 0x25 || ($0 == 0x2B && plusIsSpace) }) { return String(Substring(text)) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count)
    var rest = text[...]
    while let byte = rest.popFirst() {
        if byte == 0x25 {
            guard let high = rest.popFirst()?.hexValue, let low = rest.popFirst()?.hexValue, high | low != 0 else { return nil }
            bytes.append(high << 4 | low)
        } else {
            bytes.append(byte == 0x2B && plusIsSpace ? 0x20 : byte)
        }
    }
    return String(validating: bytes, as: UTF8.self)
}

/// The parameters of a query: `name=value` pairs between `&`, decoded once, `+` read as a space.
struct QueryPairs {
    var pairs: [(name: String, value: String)] = []

    /// Nil for what does not decode to UTF-8.
    init?(_ query: Substring) {
        for part in query.utf8.split(separator: 0x26) {
            let equals = part.firstIndex(of: 0x3D) ?? part.endIndex
            guard let name = percentDecoded(part[..<equals], plusIsSpace: true) else { return nil }
            let rest = equals < part.endIndex ? part[part.index(after: equals)...] : part[part.endIndex...]
            guard let value = percentDecoded(rest, plusIsSpace: true) else { return nil }
            pairs.append((name, value))
        }
    }
}
