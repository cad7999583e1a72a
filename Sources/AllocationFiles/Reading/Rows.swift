/// Splits comma-separated lines into fields by where they start and end, without copying any: the reader of every table here.
///
/// Lines end with a line feed, a carriage return before it is passed over. A field may stand in quotation marks, which it may then not hold
/// itself, for nothing in these files does. A line break ends the row even within them: no field has one, and a mark that is never closed
/// would else swallow the rest of the file.
struct Rows {
    enum Step: Equatable {
        case row
        /// The line has no end: the file may be cut off.
        case cut
        case quoteUnclosed
        case quoteStray
        case end
    }

    let bytes: [UInt8]
    /// Where the next line starts.
    private(set) var offset: Int
    /// Of the row read last, 1 for the file's first.
    private(set) var line: Int
    private(set) var fieldCount = 0
    /// Start and end of each field of the row read last. Fields beyond the last are only counted.
    private(set) var bounds = [Int](repeating: 0, count: 2 * fieldCountMax)
    private let end: Int

    static let fieldCountMax = 64
    private static let comma = UInt8(ascii: ",")
    private static let mark = UInt8(ascii: "\"")
    private static let feed = UInt8(ascii: "\n")
    private static let carriage = UInt8(ascii: "\r")

    /// - Parameters:
    ///   - range: the part of the bytes to read.
    ///   - line: the number of the line before it.
    init(_ bytes: [UInt8], _ range: Range<Int>, after line: Int) {
        self.bytes = bytes
        self.line = line
        offset = range.lowerBound
        end = range.upperBound
    }

    /// A whole file, without its byte order mark.
    init(file bytes: [UInt8]) {
        self.init(bytes, (bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0)..<bytes.count, after: 0)
    }

    mutating func next() -> Step {
        if offset >= end { return .end }
        line += 1
        fieldCount = 0
        var step = Step.row
        var index = offset
        var start = index
        let bytes = bytes
        let span = bytes.span
        while index < end {
            let byte = span[index]
            if byte == Self.comma {
                add(start, index)
                start = index + 1
            } else if byte == Self.feed {
                add(start, index > start && span[index - 1] == Self.carriage ? index - 1 : index)
                offset = index + 1
                return step
            } else if byte == Self.mark, index == start {
                index = quoted(span, index + 1, &step)
                if step == .quoteUnclosed { continue }
                add(start + 1, index)
                // After the mark comes a comma or the line's end.
                index += 1
                if index < end, span[index] == Self.carriage, index + 1 < end, span[index + 1] == Self.feed { index += 1 }
                if index < end, span[index] == Self.feed {
                    offset = index + 1
                    return step
                }
                if index < end, span[index] != Self.comma {
                    step = .quoteStray
                    while index < end, span[index] != Self.comma, span[index] != Self.feed { index += 1 }
                    start = index
                    continue
                }
                start = index + 1
            }
            index += 1
        }
        offset = end
        return .cut
    }

    /// The index of the mark that closes the field, or of the line's end.
    private func quoted(_ span: Span<UInt8>, _ start: Int, _ step: inout Step) -> Int {
        var index = start
        while index < end, span[index] != Self.feed {
            if span[index] == Self.mark {
                if index + 1 < end, span[index + 1] == Self.mark { index += 1 } else { return index }
            }
            index += 1
        }
        step = .quoteUnclosed
        return index
    }

    private mutating func add(_ start: Int, _ end: Int) {
        if fieldCount < Self.fieldCountMax {
            bounds[2 * fieldCount] = start
            bounds[2 * fieldCount + 1] = end
        }
        fieldCount += 1
    }
}
