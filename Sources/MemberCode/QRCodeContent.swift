/// What a QR code says, in the densest of the modes drawn here, as one segment: ISO/IEC 18004 section 7.4.
enum QRCodeContent {
    /// Values 0 to 44 of the alphanumeric set, which is Base45's.
    case alphanumeric([UInt8])
    case bytes([UInt8])

    /// Alphanumeric if every character allows it, else bytes.
    init(_ bytes: [UInt8]) {
        let values = bytes.map { Self.values[Int($0)] }
        self = values.contains(255) ? .bytes(bytes) : .alphanumeric(values)
    }

    private static let values = {
        var values = [UInt8](repeating: 255, count: 256)
        for (value, character) in Base45.alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        return values
    }()

    /// Characters or bytes.
    var count: Int {
        switch self {
        case .alphanumeric(let values): values.count
        case .bytes(let bytes): bytes.count
        }
    }

    private var mode: Int {
        switch self {
        case .alphanumeric: 0b0010
        case .bytes: 0b0100
        }
    }

    /// Bits of the field that says how many characters follow (table 3).
    private func countBits(_ version: QRCodeVersion) -> Int {
        switch (self, version.number) {
        case (.alphanumeric, ...9): 9
        case (.alphanumeric, ...26): 11
        case (.alphanumeric, _): 13
        case (.bytes, ...9): 8
        case (.bytes, _): 16
        }
    }

    func fits(_ version: QRCodeVersion, _ level: QRCode.Level) -> Bool {
        count <= countMax(version, level)
    }

    /// How many characters of this content's mode a version holds.
    func countMax(_ version: QRCodeVersion, _ level: QRCode.Level) -> Int {
        let bits = version.blocks(level).dataCount * 8 - 4 - countBits(version)
        return switch self {
        case .alphanumeric: bits / 11 * 2 + (bits % 11 >= 6 ? 1 : 0)
        case .bytes: bits / 8
        }
    }

    /// The data codewords: the segment, its end mark, and padding up to what the version holds.
    func codewords(_ version: QRCodeVersion, _ level: QRCode.Level) -> [UInt8] {
        let capacity = version.blocks(level).dataCount
        var bits = QRCodeBits()
        bits.append(mode, count: 4)
        bits.append(count, count: countBits(version))
        switch self {
        case .alphanumeric(let values):
            for start in stride(from: 0, to: values.count - 1, by: 2) {
                bits.append(Int(values[start]) * 45 + Int(values[start + 1]), count: 11)
            }
            if values.count % 2 == 1, let last = values.last { bits.append(Int(last), count: 6) }
        case .bytes(let bytes):
            for byte in bytes { bits.append(Int(byte), count: 8) }
        }
        bits.append(0, count: min(4, capacity * 8 - bits.count))
        bits.append(0, count: (8 - bits.count % 8) % 8)
        for position in 0..<capacity - bits.codewords.count { bits.append(position % 2 == 0 ? 0xEC : 0x11, count: 8) }
        return bits.codewords
    }
}

/// Bits in order, the highest of each codeword first.
struct QRCodeBits {
    private(set) var codewords: [UInt8] = []
    private(set) var count = 0

    /// Adds the lower `count` bits of `value`.
    mutating func append(_ value: Int, count added: Int) {
        for shift in stride(from: added - 1, through: 0, by: -1) {
            if count % 8 == 0 { codewords.append(0) }
            codewords[count / 8] |= UInt8(value >> shift & 1) << UInt8(7 - count % 8)
            count += 1
        }
    }
}
