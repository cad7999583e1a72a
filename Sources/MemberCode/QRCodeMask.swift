/// One of the eight masks that keep the data from looking like patterns: ISO/IEC 18004 section 7.8.
struct QRCodeMask {
    /// 0 to 7.
    let number: Int

    static let all = (0..<8).map { QRCodeMask(number: $0) }

    /// Whether the module is turned over (table 10).
    func turns(_ row: Int, _ column: Int) -> Bool {
        switch number {
        case 0: (row + column) % 2 == 0
        case 1: row % 2 == 0
        case 2: column % 3 == 0
        case 3: (row + column) % 3 == 0
        case 4: (row / 2 + column / 3) % 2 == 0
        case 5: row * column % 2 + row * column % 3 == 0
        case 6: (row * column % 2 + row * column % 3) % 2 == 0
        default: ((row + column) % 2 + row * column % 3) % 2 == 0
        }
    }
}

extension QRCodeMatrix {
    /// How hard it is to read, by the four rules of table 11: long runs, squares of one colour, what looks like a finder, dark and light
    /// out of balance.
    var penalty: Int {
        var lines = 0
        for line in 0..<side {
            lines += penalty(from: line * side, by: 1)
            lines += penalty(from: line, by: side)
        }
        var squares = 0
        for row in 0..<side - 1 {
            for index in row * side..<row * side + side - 1 {
                let sum = dark[index] + dark[index + 1] + dark[index + side] + dark[index + side + 1]
                if sum == 0 || sum == 4 { squares += 3 }
            }
        }
        let darkCount = dark.reduce(0) { $0 + Int($1) }
        let total = side * side
        // Steps of 5 % away from the half.
        return lines + squares + abs(darkCount * 20 - total * 10) / total * 10
    }

    /// The first and third rule in one row or column.
    private func penalty(from start: Int, by step: Int) -> Int {
        var points = 0
        var run = 0
        var last: UInt8 = 2
        // The last eleven modules; the quiet zone before and after the line is light.
        var window = 0
        for index in stride(from: start, to: start + side * step, by: step) {
            let module = dark[index]
            run = module == last ? run + 1 : 1
            last = module
            if run == 5 { points += 3 } else if run > 5 { points += 1 }
            window = (window << 1 | Int(module)) & 0x7FF
            points += Self.finderPoints(window)
        }
        for _ in 0..<4 {
            window = window << 1 & 0x7FF
            points += Self.finderPoints(window)
        }
        return points
    }

    /// 1:1:3:1:1 with four light modules before or after.
    private static func finderPoints(_ window: Int) -> Int {
        (window == 0b000_0101_1101 ? 40 : 0) + (window == 0b101_1101_0000 ? 40 : 0)
    }
}
