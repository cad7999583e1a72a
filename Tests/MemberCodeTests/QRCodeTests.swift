import Crypto
import MemberCode
import Testing

@Suite struct QRCodeTests {
    /// Published capacities (table 7): version, level, alphanumeric characters, bytes.
    static let capacities: [(version: Int, level: QRCode.Level, characters: Int, bytes: Int)] = [
        (1, .low, 25, 17), (1, .medium, 20, 14), (1, .quartile, 16, 11), (1, .high, 10, 7),
        (6, .medium, 154, 106), (7, .low, 224, 154), (9, .high, 143, 98), (10, .low, 395, 271), (10, .high, 174, 119),
        (26, .quartile, 1094, 751), (27, .low, 2132, 1465), (32, .medium, 2238, 1538), (39, .high, 1774, 1219),
        (40, .low, 4296, 2953), (40, .medium, 3391, 2331), (40, .quartile, 2420, 1663), (40, .high, 1852, 1273),
    ]

    @Test(arguments: capacities) func `the smallest version that holds it is taken, up to its published capacity`(
        version: Int, level: QRCode.Level, characters: Int, bytes: Int
    ) throws {
        #expect(try QRCode(String(repeating: "A", count: characters), level: level).version == version)
        #expect(try QRCode(String(repeating: "a", count: bytes), level: level).version == version)
        if version < 40 {
            #expect(try QRCode(String(repeating: "A", count: characters + 1), level: level).version == version + 1)
            #expect(try QRCode(String(repeating: "a", count: bytes + 1), level: level).version == version + 1)
        } else {
            #expect(throws: QRCodeError.tooLong(count: characters + 1, countMax: characters)) {
                try QRCode(String(repeating: "A", count: characters + 1), level: level)
            }
            #expect(throws: QRCodeError.tooLong(count: 1_000_000, countMax: bytes)) {
                try QRCode(bytes: [UInt8](repeating: 0, count: 1_000_000), level: level)
            }
        }
    }

    /// Bytes that the versions hold (table 7), level by level.
    static let byteCapacities: [(QRCode.Level, [Int])] = [
        (
            .low,
            [
                17, 32, 53, 78, 106, 134, 154, 192, 230, 271, 321, 367, 425, 458, 520, 586, 644, 718, 792, 858,
                929, 1003, 1091, 1171, 1273, 1367, 1465, 1528, 1628, 1732, 1840, 1952, 2068, 2188, 2303, 2431, 2563, 2699, 2809, 2953,
            ]
        ),
        (
            .medium,
            [
                14, 26, 42, 62, 84, 106, 122, 152, 180, 213, 251, 287, 331, 362, 412, 450, 504, 560, 624, 666,
                711, 779, 857, 911, 997, 1059, 1125, 1190, 1264, 1370, 1452, 1538, 1628, 1722, 1809, 1911, 1989, 2099, 2213, 2331,
            ]
        ),
        (
            .quartile,
            [
                11, 20, 32, 46, 60, 74, 86, 108, 130, 151, 177, 203, 241, 258, 292, 322, 364, 394, 442, 482,
                509, 565, 611, 661, 715, 751, 805, 868, 908, 982, 1030, 1112, 1168, 1228, 1283, 1351, 1423, 1499, 1579, 1663,
            ]
        ),
        (
            .high,
            [
                7, 14, 24, 34, 44, 58, 64, 84, 98, 119, 137, 155, 177, 194, 220, 250, 280, 310, 338, 382,
                403, 439, 461, 511, 535, 593, 625, 658, 698, 742, 790, 842, 898, 958, 983, 1051, 1093, 1139, 1219, 1273,
            ]
        ),
    ]

    @Test(arguments: byteCapacities) func `every version holds as many bytes as published`(level: QRCode.Level, bytes: [Int]) {
        #expect((1...40).map { QRCode.capacity(version: $0, level: level, alphanumeric: false) } == bytes)
    }

    @Test func `a member's code fits version 6 at the middle level`() throws {
        let text = MemberCodeIssuer(.random()).issue(memberID: .max, nowMicroseconds: 1_770_000_000_000_000).text
        #expect(try QRCode(text).version == 6)
    }

    @Test(arguments: [1, 2, 7, 20, 40], QRCode.Level.allCases) func `patterns and information stand where the standard wants them`(
        version: Int, level: QRCode.Level
    ) throws {
        let code = try QRCode(bytes: filling(version, level), level: level)
        let side = code.side
        #expect(code.version == version)
        #expect(side == 17 + 4 * version)
        for (top, left) in [(0, 0), (0, side - 7), (side - 7, 0)] {
            for row in -1...7 {
                for column in -1...7 where (0..<side).contains(top + row) && (0..<side).contains(left + column) {
                    let ring = max(abs(row - 3), abs(column - 3))
                    #expect(code[top + row, left + column] == (ring == 3 || ring < 2))
                }
            }
        }
        for position in 8..<side - 8 {
            #expect(code[6, position] == (position % 2 == 0))
            #expect(code[position, 6] == (position % 2 == 0))
        }
        #expect(code[side - 8, 8])
        #expect(!code[-1, 0] && !code[0, side] && !code[side, side])
    }

    @Test(arguments: QRCode.Level.allCases) func `both copies of the format tell level and mask`(level: QRCode.Level) throws {
        let code = try QRCode("WAYSTATION", level: level)
        let side = code.side
        let upwards = [7, 5, 4, 3, 2, 1, 0].map { ($0, 8) }
        let first = [0, 1, 2, 3, 4, 5, 7, 8].map { (8, $0) } + upwards
        let second = (1...7).map { (side - $0, 8) } + (1...8).reversed().map { (8, side - $0) }
        let levels: [QRCode.Level] = [.medium, .low, .high, .quartile]
        for places in [first, second] {
            let bits = places.reduce(0) { $0 << 1 | (code[$1.0, $1.1] ? 1 : 0) }
            let data = (bits ^ 0x5412) >> 10
            #expect(levels[data >> 3] == level)
            #expect(data & 7 == code.mask)
            #expect(Self.formats[data] == bits)
        }
    }

    /// Table C.1: the 15 bits for each five bits of data.
    static let formats: [Int] = [
        0x5412, 0x5125, 0x5E7C, 0x5B4B, 0x45F9, 0x40CE, 0x4F97, 0x4AA0, 0x77C4, 0x72F3, 0x7DAA, 0x789D, 0x662F, 0x6318, 0x6C41, 0x6976,
        0x1689, 0x13BE, 0x1CE7, 0x19D0, 0x0762, 0x0255, 0x0D0C, 0x083B, 0x355F, 0x3068, 0x3F31, 0x3A06, 0x24B4, 0x2183, 0x2EDA, 0x2BED,
    ]

    /// Table D.1, a few of its rows.
    @Test(arguments: [(7, 0x07C94), (8, 0x085BC), (21, 0x15683), (32, 0x209D5), (40, 0x28C69)])
    func `both copies of the version tell it`(version: Int, bits: Int) throws {
        let code = try QRCode(bytes: filling(version, .medium))
        #expect(code.version == version)
        for position in 0..<18 {
            let (long, short) = (position / 3, code.side - 11 + position % 3)
            #expect(code[long, short] == (bits >> position & 1 == 1))
            #expect(code[short, long] == (bits >> position & 1 == 1))
        }
    }

    @Test func `the image has a title that no text breaks, a quiet zone, and one path`() throws {
        let code = try QRCode("WAYSTATION")
        let image = code.svg(title: "张* <b>&\u{0}")
        #expect(image.hasPrefix(#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 29 29" shape-rendering="crispEdges" role="img">"#))
        #expect(image.contains("<title>张* &lt;b&gt;&amp;\u{FFFD}</title>"))
        #expect(image.split(separator: "<path").count == 2)
        #expect(image.hasSuffix("</svg>"))
        #expect(Picture(svg: image).modules == Picture(code).modules)
    }

    @Test func `the terminal shows dark on light with colours, and light blocks on dark without`() throws {
        let code = try QRCode("WAYSTATION")
        let expected = Picture(code)
        #expect(Picture(terminal: code.terminal(), darkIsDrawn: true, side: expected.side).modules == expected.modules)
        #expect(Picture(terminal: code.terminal(colours: false), darkIsDrawn: false, side: expected.side).modules == expected.modules)
        #expect(!code.terminal(colours: false).contains("\u{1B}"))
        for line in code.terminal().split(separator: "\n") {
            #expect(line.hasPrefix("\u{1B}[38;5;16;48;5;231m") && line.hasSuffix("\u{1B}[0m"))
        }
    }

    /// Bytes that just fit a version at a level.
    private func filling(_ version: Int, _ level: QRCode.Level) -> [UInt8] {
        [UInt8](repeating: 0x61, count: QRCode.capacity(version: version, level: level, alphanumeric: false))
    }
}
