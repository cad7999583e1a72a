/// The modules of a QR code while it is drawn: ISO/IEC 18004 sections 6.3 (patterns), 7.7 (placement), 7.9 (format) and 7.10 (version).
struct QRCodeMatrix {
    let version: QRCodeVersion
    let side: Int
    /// 1 for a dark module, row by row.
    private(set) var dark: [UInt8]
    /// 1 where a pattern or information stands: never data, never masked.
    private(set) var reserved: [UInt8]

    /// With all patterns drawn, and room kept for the format.
    init(_ version: QRCodeVersion) {
        self.version = version
        side = version.side
        dark = [UInt8](repeating: 0, count: side * side)
        reserved = dark
        for position in 0..<side {
            reserve(6, position, position % 2 == 0)
            reserve(position, 6, position % 2 == 0)
        }
        for (row, column) in [(3, 3), (3, side - 4), (side - 4, 3)] { drawFinder(row, column) }
        drawAlignment()
        if version.number >= 7 { drawVersion() }
        drawFormat(.low, mask: 0)
    }

    private mutating func reserve(_ row: Int, _ column: Int, _ isDark: Bool) {
        dark[row * side + column] = isDark ? 1 : 0
        reserved[row * side + column] = 1
    }

    /// A finder with its separator, around its centre.
    private mutating func drawFinder(_ row: Int, _ column: Int) {
        for down in -4...4 {
            for right in -4...4 where (0..<side).contains(row + down) && (0..<side).contains(column + right) {
                let ring = max(abs(down), abs(right))
                reserve(row + down, column + right, ring != 2 && ring != 4)
            }
        }
    }

    private mutating func drawAlignment() {
        let centres = version.alignmentCentres
        guard let last = centres.last else { return }
        for row in centres {
            for column in centres where ![[6, 6], [6, last], [last, 6]].contains([row, column]) {
                for down in -2...2 {
                    for right in -2...2 { reserve(row + down, column + right, max(abs(down), abs(right)) != 1) }
                }
            }
        }
    }

    /// Both copies of the version, with 12 bits of a Golay code.
    private mutating func drawVersion() {
        var remainder = version.number
        for _ in 0..<12 { remainder = remainder << 1 ^ (remainder >> 11) * 0x1F25 }
        let bits = version.number << 12 | remainder
        for position in 0..<18 {
            let isDark = bits >> position & 1 == 1
            let (long, short) = (position / 3, side - 11 + position % 3)
            reserve(long, short, isDark)
            reserve(short, long, isDark)
        }
    }

    /// Both copies of level and mask, with 10 bits of a BCH code, and the module that is always dark.
    mutating func drawFormat(_ level: QRCode.Level, mask: Int) {
        let data = level.formatBits << 3 | mask
        var remainder = data
        for _ in 0..<10 { remainder = remainder << 1 ^ (remainder >> 9) * 0x537 }
        let bits = (data << 10 | remainder) ^ 0x5412
        for position in 0..<15 {
            let isDark = bits >> position & 1 == 1
            // Around the upper left finder, past the timing patterns.
            switch position {
            case 0..<6: reserve(position, 8, isDark)
            case 6, 7: reserve(position + 1, 8, isDark)
            case 8: reserve(8, 7, isDark)
            default: reserve(8, 14 - position, isDark)
            }
            // Below the upper right finder, and right of the lower left one.
            if position < 8 { reserve(8, side - 1 - position, isDark) } else { reserve(side - 15 + position, 8, isDark) }
        }
        reserve(side - 8, 8, true)
    }

    /// Lays the codewords in, two columns at a time from the right, upwards and downwards by turns.
    mutating func place(_ codewords: [UInt8]) {
        var bit = 0
        // Column 6 belongs to the timing pattern and is stepped over.
        let rights = Array(stride(from: side - 1, to: 6, by: -2)) + [5, 3, 1]
        for (turn, right) in rights.enumerated() {
            for step in 0..<side {
                let row = turn % 2 == 0 ? side - 1 - step : step
                for index in [row * side + right, row * side + right - 1] where reserved[index] == 0 && bit < codewords.count * 8 {
                    dark[index] = codewords[bit / 8] >> UInt8(7 - bit % 8) & 1
                    bit += 1
                }
            }
        }
    }

    /// Turns over the data modules that the mask's condition names.
    mutating func apply(_ mask: QRCodeMask) {
        for row in 0..<side {
            for column in 0..<side where reserved[row * side + column] == 0 && mask.turns(row, column) {
                dark[row * side + column] ^= 1
            }
        }
    }
}
