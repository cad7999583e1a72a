/// Rows of a file, their cells laid end to end in one buffer: a chunk of ten thousand rows is three allocations.
struct CSVRows: Sendable {
    struct Row: Sendable {
        /// Where the row begins in the file, counted from 1.
        let lineNumber: Int
        fileprivate let firstCell: Int
        let cellCount: Int
        /// Why the row cannot be read; it then has no cells.
        let fault: MemberFault?
    }

    private var bytes: [UInt8] = []
    /// Where each cell ends; it begins where the one before ends.
    private var ends: [Int] = []
    private(set) var rows: [Row] = []

    var count: Int { rows.count }

    /// What the cells take in memory.
    var byteCount: Int { bytes.count + ends.count * MemoryLayout<Int>.stride }

    /// The cell in UTF-8; `column` counts from 0 and is below the row's `cellCount`.
    func cell(_ row: Row, _ column: Int) -> ArraySlice<UInt8> {
        let index = row.firstCell + column
        return bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]]
    }

    fileprivate mutating func append(_ open: CSVOpenRow, fault: MemberFault?) {
        let cellCount = fault == nil ? open.ends.count : 0
        rows.append(Row(lineNumber: open.lineNumber, firstCell: ends.count, cellCount: cellCount, fault: fault))
        if fault != nil { return }
        let start = bytes.count
        bytes.append(contentsOf: open.bytes)
        for end in open.ends { ends.append(start + end) }
    }
}

/// The row that is being read.
struct CSVOpenRow: Sendable {
    fileprivate(set) var bytes: [UInt8] = []
    fileprivate var ends: [Int] = []
    fileprivate var lineNumber = 1

    /// With its delimiters: a row may be nothing else.
    var byteCount: Int { bytes.count + ends.count }

    var hasContent: Bool { !bytes.isEmpty || !ends.isEmpty }

    mutating func append(_ piece: Span<UInt8>) {
        for index in piece.indices { bytes.append(piece[index]) }
    }

    mutating func append(_ byte: UInt8) {
        bytes.append(byte)
    }

    mutating func endCell() {
        ends.append(bytes.count)
    }

    /// Moves the row into `rows` and begins the next one, on `nextLine`. A line without anything is no row.
    mutating func end(into rows: inout CSVRows, fault: MemberFault?, nextLine: Int) {
        let isBlank = bytes.isEmpty && ends.count <= 1
        if !isBlank || fault != nil { rows.append(self, fault: fault) }
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        lineNumber = nextLine
    }
}
