/// A table's header and how its rows are told from bad ones: what the readers of sessions and applicants share.
struct Table<Column: RawRepresentable & CaseIterable & Hashable> where Column.RawValue == String {
    let file: String
    var rows: Rows
    var faults = FileFaults()
    /// By position in the row.
    private(set) var columns: [Column] = []

    /// Reads the header: columns in any order, each once, those needed all there.
    init(_ file: String, _ rows: Rows, needed: [Column]) throws(FileFaults) {
        self.file = file
        self.rows = rows
        switch self.rows.next() {
        case .end: throw FileFaults(FileFault(.fileEmpty, file: file, line: nil))
        case .row: break
        case let step: throw FileFaults(fault(step))
        }
        for index in 0..<min(self.rows.fieldCount, Rows.fieldCountMax) {
            let name = text(index)
            guard let column = Column(rawValue: name) else {
                let known = Column.allCases.map(\.rawValue).joined(separator: ", ")
                faults.add(
                    isUTF8(index)
                        ? FileFault(.columnUnknown, file: file, line: self.rows.line, field: shown(name.utf8), detail: known)
                        : FileFault(.notUTF8, file: file, line: self.rows.line))
                continue
            }
            if columns.contains(column) { faults.add(FileFault(.columnTwice, file: file, line: self.rows.line, field: name)) }
            columns.append(column)
        }
        if faults.isEmpty {
            for column in needed where !columns.contains(column) {
                faults.add(FileFault(.columnMissing, file: file, line: self.rows.line, field: column.rawValue))
            }
        }
        try faults.check()
    }

    /// Whether there is another whole row. Rows that are not are noted and passed over.
    mutating func next() -> Bool {
        while true {
            switch rows.next() {
            case .end: return false
            case .row where rows.fieldCount == columns.count: return true
            case .row:
                let detail = "\(rows.fieldCount), \(columns.count)"
                faults.add(FileFault(.fieldCount, file: file, line: rows.line, detail: detail))
            case let step:
                let fault = fault(step)
                faults.add(fault)
            }
        }
    }

    private func fault(_ step: Rows.Step) -> FileFault {
        let reason: FileFault.Reason =
            switch step {
            case .cut: .fileTruncated
            case .quoteUnclosed: .quoteUnclosed
            case .quoteStray: .quoteStray
            case .row, .end: .fieldCount
            }
        return FileFault(reason, file: file, line: rows.line)
    }

    func start(_ index: Int) -> Int { rows.bounds[2 * index] }
    func end(_ index: Int) -> Int { rows.bounds[2 * index + 1] }
    func isEmpty(_ index: Int) -> Bool { start(index) == end(index) }
    func text(_ index: Int) -> String { String(decoding: rows.bytes[start(index)..<end(index)], as: UTF8.self) }
    func isUTF8(_ index: Int) -> Bool { isValidUTF8(rows.bytes[start(index)..<end(index)]) }

    /// Notes a mistake in a field of this row; bytes that are no text come first.
    mutating func fault(_ code: FileFault.Code, _ index: Int, detail: String? = nil) {
        let (file, line, bytes) = (file, rows.line, rows.bytes[start(index)..<end(index)])
        let field = columns[index].rawValue
        faults.add {
            if !isValidUTF8(bytes) { return FileFault(.notUTF8, file: file, line: line, field: field) }
            return FileFault(code, file: file, line: line, field: field, detail: detail ?? shown(bytes))
        }
    }

    /// The field as a whole number; nil after noting that it is none, or is beyond the range.
    mutating func number(_ index: Int, _ range: ClosedRange<Int>) -> Int? {
        if let value = decimal(rows.bytes.span, start(index), end(index)), range.contains(value) { return value }
        fault(
            .form(.numberInvalid), index, detail: "\(shown(rows.bytes[start(index)..<end(index)])), \(range.lowerBound)–\(range.upperBound)"
        )
        return nil
    }
}

/// Decimal digits as a number; nil for anything else, and for more than 15 digits.
func decimal(_ span: Span<UInt8>, _ start: Int, _ end: Int) -> Int? {
    guard start < end, end - start <= 15 else { return nil }
    var value = 0
    for index in start..<end {
        let digit = span[index] &- 0x30
        guard digit < 10 else { return nil }
        value = value &* 10 &+ Int(digit)
    }
    return value
}

func isValidUTF8(_ bytes: some Sequence<UInt8>) -> Bool {
    var decoder = UTF8()
    var rest = bytes.makeIterator()
    while true {
        switch decoder.decode(&rest) {
        case .scalarValue: continue
        case .emptyInput: return true
        case .error: return false
        }
    }
}

/// Whether the bytes may name a program, a group, a session or an exclusion: not empty, UTF-8, no control characters (Unicode's Cc), and
/// nothing that separates fields in these files.
func isName(_ bytes: [UInt8]) -> Bool {
    for (index, byte) in bytes.enumerated() {
        switch byte {
        case 0...31, 127, UInt8(ascii: ","), UInt8(ascii: "|"), UInt8(ascii: "="), UInt8(ascii: "\""): return false
        case 0x80...0x9F where index > 0 && bytes[index - 1] == 0xC2: return false
        default: continue
        }
    }
    return !bytes.isEmpty && isValidUTF8(bytes)
}
