/// Puts values one after another into bytes, big endian; texts with their length before them.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    mutating func put(_ number: some FixedWidthInteger) {
        for shift in stride(from: number.bitWidth - 8, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
    }

    mutating func put(_ flag: Bool) { bytes.append(flag ? 1 : 0) }

    /// Up to 65,535 bytes of UTF-8; what is longer is cut there.
    mutating func put(_ text: String) {
        let part = text.utf8.prefix(Int(UInt16.max))
        put(UInt16(part.count))
        bytes.append(contentsOf: part)
    }

    mutating func put(raw: [UInt8]) { bytes.append(contentsOf: raw) }
}

/// Takes them out again. Past the end every value is nil, and so is what is made of it.
struct ByteReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: some Collection<UInt8>) {
        rest = Array(bytes)[...]
    }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func number<Number: FixedWidthInteger>(_ type: Number.Type = Number.self) -> Number? {
        guard let raw = raw(Number.bitWidth / 8) else { return nil }
        return raw.reduce(0) { $0 << 8 | Number(truncatingIfNeeded: $1) }
    }

    mutating func flag() -> Bool? { number(UInt8.self).map { $0 != 0 } }

    mutating func text() -> String? {
        guard let count = number(UInt16.self), let raw = raw(Int(count)) else { return nil }
        return String(decoding: raw, as: UTF8.self)
    }

    mutating func raw(_ count: Int) -> [UInt8]? {
        guard rest.count >= count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }
}
