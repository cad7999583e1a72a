extension Language {
    /// The language that `Accept-Language` (RFC 9110, section 12.5.4) likes best; Chinese when it names neither or is absent.
    package init(accepting field: String?) {
        var best: (language: Language, weight: Int)?
        for range in (field ?? "").split(separator: ",").prefix(20) {
            let parts = range.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
            guard let tag = parts.first else { continue }
            let primary = tag.prefix { $0 != "-" }
            let language: Language
            switch primary {
            case "zh", "*": language = .zh
            case "en": language = .en
            default: continue
            }
            let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.map { qualityThousandths($0.dropFirst(2)) } ?? 1_000
            if weight > 0, weight > best?.weight ?? 0 { best = (language, weight) }
        }
        self = best?.language ?? .zh
    }
}

/// `0`, `0.5`, `1.000` in thousandths (RFC 9110, section 12.4.2); what is not a weight counts as 0.
func qualityThousandths(_ text: some StringProtocol) -> Int {
    let bytes = Array(text.utf8)
    guard let first = bytes.first, first == 0x30 || first == 0x31, bytes.count <= 5 else { return 0 }
    var value = Int(first - 0x30) * 1_000
    if bytes.count == 1 { return value }
    guard bytes[1] == 0x2E else { return 0 }
    var unit = 100
    for byte in bytes.dropFirst(2) {
        guard byte.isDigit else { return 0 }
        value += Int(byte - 0x30) * unit
        unit /= 10
    }
    return min(value, 1_000)
}
