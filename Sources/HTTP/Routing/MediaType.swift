/// Media types as far as negotiation needs them (RFC 9110, sections 8.3 and 12.5.1).
enum MediaType {
    static let plainText = "text/plain"

    /// `type/subtype` in lower case, and whether a `charset` other than UTF-8 is given; nil for what is no media type.
    static func parse(_ field: String) -> (essence: String, hasForeignCharset: Bool)? {
        // What nearly everybody sends is known as it is.
        if field == "application/json" { return (field, false) }
        let parts = field.split(separator: ";").map { $0.trimmed.lowercased() }
        guard let essence = parts.first, essence.utf8.filter({ $0 == 0x2F }).count == 1,
            essence.utf8.allSatisfy({ $0 == 0x2F || ByteSet.token.contains($0) }), essence.utf8.first != 0x2F, essence.utf8.last != 0x2F
        else { return nil }
        let foreign = parts.dropFirst().contains { part in
            part.hasPrefix("charset=") && !["utf-8", "\"utf-8\""].contains(String(part.dropFirst(8)))
        }
        return (essence, foreign)
    }

    /// Whether `Accept` takes one of `types`.
    static func accepts(_ field: String?, anyOf types: [String]) -> Bool {
        types.isEmpty || weights(field, of: types).contains { $0 > 0 }
    }

    /// How much `Accept` likes each of `types`, in thousandths; the most specific range decides for each, and a weight of 0 refuses.
    static func weights(_ field: String?, of types: [String]) -> [Int] {
        guard let field, field != "*/*" else { return types.map { _ in 1_000 } }
        var ranges: [(range: String, weight: Int)] = []
        for part in field.split(separator: ",").prefix(50) {
            let pieces = part.split(separator: ";").map { $0.trimmed.lowercased() }
            guard let range = pieces.first, !range.isEmpty else { continue }
            let weight = pieces.dropFirst().first { $0.hasPrefix("q=") }.map { qualityThousandths($0.dropFirst(2)) } ?? 1_000
            ranges.append((range, weight))
        }
        if ranges.isEmpty { return types.map { _ in 1_000 } }
        return types.map { type in
            let family = type.prefix { $0 != "/" } + "/*"
            return ranges.first { $0.range == type }?.weight ?? ranges.first { $0.range == family }?.weight
                ?? ranges.first { $0.range == "*/*" }?.weight ?? 0
        }
    }
}

extension StringProtocol {
    /// Without spaces and tabs at both ends.
    var trimmed: String {
        var rest = self[...]
        while let first = rest.first, first == " " || first == "\t" { rest = rest.dropFirst() }
        while let last = rest.last, last == " " || last == "\t" { rest = rest.dropLast() }
        return String(rest)
    }
}
