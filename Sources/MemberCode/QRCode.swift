/// A QR code (ISO/IEC 18004), model 2: the smallest version that holds the content at the error level wanted, with the best of the eight
/// masks.
///
/// Text of digits, capital letters and " $%*+-./:" is drawn in alphanumeric mode, anything else as bytes. Readers take these for UTF-8.
package struct QRCode: Sendable {
    /// How much of the code may be lost.
    package enum Level: Sendable, CaseIterable {
        /// 7 %.
        case low
        /// 15 %.
        case medium
        /// 25 %.
        case quartile
        /// 30 %.
        case high

        var index: Int {
            switch self {
            case .low: 0
            case .medium: 1
            case .quartile: 2
            case .high: 3
            }
        }

        var formatBits: Int {
            switch self {
            case .low: 1
            case .medium: 0
            case .quartile: 3
            case .high: 2
            }
        }
    }

    /// 1 to 40.
    package let version: Int
    package let level: Level
    /// 0 to 7.
    package let mask: Int
    /// Modules a side, without the quiet zone.
    package let side: Int
    private let dark: [UInt8]

    /// - Throws: `tooLong` for what no version holds.
    package init(_ text: String, level: Level = .medium) throws(QRCodeError) {
        try self.init(bytes: Array(text.utf8), level: level)
    }

    /// - Throws: `tooLong` for what no version holds.
    package init(bytes: [UInt8], level: Level = .medium) throws(QRCodeError) {
        let content = QRCodeContent(bytes)
        guard let version = QRCodeVersion.all.first(where: { content.fits($0, level) }) else {
            throw .tooLong(count: content.count, countMax: content.countMax(QRCodeVersion(number: 40), level))
        }
        var plain = QRCodeMatrix(version)
        plain.place(Self.interleaved(content.codewords(version, level), version.blocks(level)))
        var best: (penalty: Int, mask: Int, dark: [UInt8])?
        for mask in QRCodeMask.all {
            var masked = plain
            masked.apply(mask)
            masked.drawFormat(level, mask: mask.number)
            let penalty = masked.penalty
            if best.map({ penalty < $0.penalty }) ?? true { best = (penalty, mask.number, masked.dark) }
        }
        guard let best else { preconditionFailure("there are eight masks") }
        self.version = version.number
        self.level = level
        mask = best.mask
        side = version.side
        dark = best.dark
    }

    /// Whether the module is dark. Outside of the code, in the quiet zone, all are light.
    package subscript(row: Int, column: Int) -> Bool {
        (0..<side).contains(row) && (0..<side).contains(column) && dark[row * side + column] == 1
    }

    /// All modules without the quiet zone, row by row without a gap between rows, eight a byte, the first in the highest bit, 1 for a dark
    /// one; the last byte is filled up with 0.
    package var bits: [UInt8] {
        stride(from: 0, to: dark.count, by: 8).map { start in
            (start..<start + 8).reduce(0) { $0 << 1 | ($1 < dark.count ? dark[$1] : 0) }
        }
    }

    /// How much a version, 1 to 40, holds at a level: characters of alphanumeric text, or bytes.
    package static func capacity(version: Int, level: Level, alphanumeric: Bool) -> Int {
        precondition((1...40).contains(version), "versions run from 1 to 40")
        let content = alphanumeric ? QRCodeContent.alphanumeric([]) : .bytes([])
        return content.countMax(QRCodeVersion(number: version), level)
    }

    /// Light modules that must surround it on every side.
    package static let quietZone = 4

    /// Data and correction codewords, the blocks' first ones first, so that a spot of dirt is shared by all blocks (section 7.6).
    private static func interleaved(_ data: [UInt8], _ blocks: QRCodeVersion.Blocks) -> [UInt8] {
        let code = ReedSolomon(count: blocks.correctionPerBlock)
        var start = 0
        var pieces: [ArraySlice<UInt8>] = []
        for count in blocks.dataCounts {
            pieces.append(data[start..<start + count])
            start += count
        }
        let corrections = pieces.map(code.correction)
        var codewords: [UInt8] = []
        codewords.reserveCapacity(blocks.codewordCount)
        for position in 0..<(pieces.last?.count ?? 0) {
            for piece in pieces where position < piece.count { codewords.append(piece[piece.startIndex + position]) }
        }
        for position in 0..<blocks.correctionPerBlock {
            for correction in corrections { codewords.append(correction[position]) }
        }
        return codewords
    }
}

/// Why there is no QR code.
package enum QRCodeError: Error, Hashable, Sendable {
    /// More than the largest version holds at this level: characters of alphanumeric text, else bytes.
    case tooLong(count: Int, countMax: Int)
}
