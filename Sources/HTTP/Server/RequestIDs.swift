/// Request ids of one loop: 15 letters and digits, which a Swift string holds without an allocation.
///
/// Eight random ones name the loop's run, seven count (32⁷ requests), so ids are unique without asking anybody.
struct RequestIDs {
    private static let digits = Array("0123456789abcdefghjkmnpqrstvwxyz".utf8)
    private var text: [UInt8]
    private var count: UInt64 = 0

    init() {
        text = (0..<8).map { _ in Self.digits[Int.random(in: 0..<32)] } + Array(repeating: 0x30, count: 7)
    }

    mutating func next() -> String {
        count &+= 1
        var rest = count
        var index = 14
        while index >= 8 {
            text[index] = Self.digits[Int(rest & 31)]
            rest >>= 5
            if rest == 0 { break }
            index -= 1
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// A client's `X-Request-Id` is taken if it is 1 to 128 letters, digits, `-`, `_`, `.` or `:`.
    static func isSane(_ id: String) -> Bool {
        let bytes = id.utf8
        return (1...128).contains(bytes.count)
            && bytes.allSatisfy { byte in
                byte.isDigit || (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A) || byte == 0x2D || byte == 0x5F || byte == 0x2E || byte == 0x3A
            }
    }
}
