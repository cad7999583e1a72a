/// The size of a QR code, version 1 (21 modules a side) to 40 (177), and what it holds: ISO/IEC 18004 tables 1, 7 and 9.
struct QRCodeVersion: Hashable {
    /// 1 to 40.
    let number: Int

    static let all = (1...40).map { QRCodeVersion(number: $0) }

    /// Modules a side.
    var side: Int { 17 + 4 * number }

    /// Where the centres of the alignment patterns lie, in rows as in columns (annex E).
    var alignmentCentres: [Int] {
        guard number > 1 else { return [] }
        let count = number / 7 + 2
        // Equal even steps, the uneven rest between the first two. Version 32 alone does not follow the rounding of the others.
        let step = number == 32 ? 26 : (number * 4 + count * 2 + 1) / (count * 2 - 2) * 2
        return [6] + (0..<count - 1).map { side - 7 - $0 * step }.reversed()
    }

    /// Modules that carry codewords: all but the function patterns, format and version information.
    private var dataModuleCount: Int {
        let finders = 3 * 64
        let timing = 2 * (side - 16)
        let format = 31
        let versionInformation = number < 7 ? 0 : 36
        let centres = alignmentCentres.count
        // Those in the finders' corners are left out; those on the timing patterns share 5 modules with them.
        let alignment = centres == 0 ? 0 : 25 * (centres * centres - 3) - 2 * 5 * (centres - 2)
        return side * side - finders - timing - format - versionInformation - alignment
    }

    /// Codewords in all, those of error correction among them.
    var codewordCount: Int { dataModuleCount / 8 }

    /// How the codewords are shared out at an error level.
    func blocks(_ level: QRCode.Level) -> Blocks {
        Blocks(
            count: Self.blockCounts[level.index][number - 1],
            correctionPerBlock: Self.correctionCounts[level.index][number - 1],
            codewordCount: codewordCount)
    }

    /// The blocks that the codewords are cut into, each corrected apart: first some shorter ones, then those with one data codeword more.
    struct Blocks {
        let count: Int
        let correctionPerBlock: Int
        let codewordCount: Int

        var dataCount: Int { codewordCount - count * correctionPerBlock }
        /// Data codewords of each block, in order.
        var dataCounts: [Int] {
            let longer = dataCount % count
            return (0..<count).map { dataCount / count + ($0 < count - longer ? 0 : 1) }
        }
    }

    /// Error correction codewords of a block, by level and version (table 9).
    private static let correctionCounts: [[Int]] = [
        [
            7, 10, 15, 20, 26, 18, 20, 24, 30, 18, 20, 24, 26, 30, 22, 24, 28, 30, 28, 28,
            28, 28, 30, 30, 26, 28, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
        ],
        [
            10, 16, 26, 18, 24, 16, 18, 22, 22, 26, 30, 22, 22, 24, 24, 28, 28, 26, 26, 26,
            26, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28, 28,
        ],
        [
            13, 22, 18, 26, 18, 24, 18, 22, 20, 24, 28, 26, 24, 20, 30, 24, 28, 28, 26, 30,
            28, 30, 30, 30, 30, 28, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
        ],
        [
            17, 28, 22, 16, 22, 28, 26, 26, 24, 28, 24, 28, 22, 24, 24, 30, 28, 28, 26, 28,
            30, 24, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30, 30,
        ],
    ]

    /// Blocks, by level and version (table 9).
    private static let blockCounts: [[Int]] = [
        [
            1, 1, 1, 1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 4, 6, 6, 6, 6, 7, 8,
            8, 9, 9, 10, 12, 12, 12, 13, 14, 15, 16, 17, 18, 19, 19, 20, 21, 22, 24, 25,
        ],
        [
            1, 1, 1, 2, 2, 4, 4, 4, 5, 5, 5, 8, 9, 9, 10, 10, 11, 13, 14, 16,
            17, 17, 18, 20, 21, 23, 25, 26, 28, 29, 31, 33, 35, 37, 38, 40, 43, 45, 47, 49,
        ],
        [
            1, 1, 2, 2, 4, 4, 6, 6, 8, 8, 8, 10, 12, 16, 12, 17, 16, 18, 21, 20,
            23, 23, 25, 27, 29, 34, 34, 35, 38, 40, 43, 45, 48, 51, 53, 56, 59, 62, 65, 68,
        ],
        [
            1, 1, 2, 4, 4, 4, 5, 6, 8, 8, 11, 11, 16, 16, 18, 16, 19, 21, 25, 25,
            25, 34, 30, 32, 35, 37, 40, 42, 45, 48, 51, 54, 57, 60, 63, 66, 70, 74, 77, 81,
        ],
    ]
}
