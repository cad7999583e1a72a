/// Splits UTF-8 into rows and cells, piece by piece, wherever the pieces are cut: RFC 4180 with what spreadsheets do beside it.
///
/// Comma or tab, told by the first line; quoted cells with doubled quotes and line ends inside; lines end with CRLF, LF or CR. A row
/// that cannot be read is handed out with its fault and the next line begins afresh; a quote that never ends takes at most
/// `rowBytesMax` with it, so one stray sign does not eat the file.
struct CSVDecoder: Sendable {
    static let rowBytesMax = 65_536

    private enum State {
        /// At the start of a cell, within a plain one, within a quoted one, after a quote within a quoted one.
        case cellStart, plain, quoted, quoteSeen
        /// Passing over the rest of a row that is handed out as faulty.
        case skipping(MemberFault)
    }

    private var state = State.cellStart
    private var open = CSVOpenRow()
    private var delimiter: UInt8?
    /// Bytes of a first line that has not ended, before the delimiter is known.
    private var held: [UInt8] = []
    private var lineNumber = 1
    private var lastWasReturn = false

    /// What the row that has not ended holds so far.
    var openByteCount: Int { open.byteCount }

    /// Appends the rows that end within `bytes` to `rows`.
    mutating func decode(_ bytes: [UInt8], into rows: inout CSVRows) {
        if delimiter != nil { return scan(bytes, into: &rows) }
        held += bytes
        guard held.count >= Self.rowBytesMax || bytes.contains(where: { $0 == 0x0A || $0 == 0x0D }) else { return }
        settleDelimiter(into: &rows)
    }

    /// Ends the file: a last line without a line end counts.
    mutating func finish(into rows: inout CSVRows) {
        if delimiter == nil { settleDelimiter(into: &rows) }
        switch state {
        case .quoted: endRow(into: &rows, fault: .rowQuoteUnterminated)
        case .skipping(let fault): endRow(into: &rows, fault: fault)
        case .cellStart where !open.hasContent: break
        case .cellStart, .plain, .quoteSeen: endRow(into: &rows, fault: nil)
        }
    }

    private mutating func settleDelimiter(into rows: inout CSVRows) {
        let firstLine = held.prefix { $0 != 0x0A && $0 != 0x0D }
        let tabs = firstLine.count { $0 == 0x09 }
        let commas = firstLine.count { $0 == 0x2C }
        delimiter = tabs > commas ? 0x09 : 0x2C
        let bytes = held
        held = []
        scan(bytes, into: &rows)
    }

    private mutating func scan(_ bytes: [UInt8], into rows: inout CSVRows) {
        guard let delimiter else { return }
        let span = bytes.span
        var index = 0
        while index < span.count {
            let byte = span[index]
            if byte == 0x0A || byte == 0x0D {
                index += 1
                // The second half of CRLF ends nothing more; within quotes it still belongs to the cell.
                if byte == 0x0A && lastWasReturn {
                    lastWasReturn = false
                    if case .quoted = state { open.append(byte) }
                    continue
                }
                lastWasReturn = byte == 0x0D
                lineNumber += 1
                endLine(byte, into: &rows)
                continue
            }
            lastWasReturn = false
            switch state {
            case .cellStart where byte == 0x22:
                state = .quoted
                index += 1
            case .cellStart, .plain:
                var end = index
                while end < span.count, span[end] != delimiter, span[end] != 0x0A, span[end] != 0x0D { end += 1 }
                open.append(span.extracting(index..<end))
                index = end
                state = .plain
                if end < span.count, span[end] == delimiter {
                    open.endCell()
                    state = .cellStart
                    index += 1
                }
            case .quoted:
                var end = index
                while end < span.count, span[end] != 0x22, span[end] != 0x0A, span[end] != 0x0D { end += 1 }
                open.append(span.extracting(index..<end))
                index = end
                if end < span.count, span[end] == 0x22 {
                    state = .quoteSeen
                    index += 1
                }
            case .quoteSeen:
                index += 1
                if byte == 0x22 {
                    open.append(byte)
                    state = .quoted
                } else if byte == delimiter {
                    open.endCell()
                    state = .cellStart
                } else {
                    state = .skipping(.rowQuoteMisplaced)
                }
            case .skipping:
                index += 1
            }
            limit()
        }
    }

    private mutating func endLine(_ byte: UInt8, into rows: inout CSVRows) {
        switch state {
        case .quoted: open.append(byte)
        case .skipping(let fault): endRow(into: &rows, fault: fault)
        case .cellStart, .plain, .quoteSeen: endRow(into: &rows, fault: nil)
        }
        limit()
    }

    private mutating func endRow(into rows: inout CSVRows, fault: MemberFault?) {
        open.endCell()
        open.end(into: &rows, fault: fault, nextLine: lineNumber)
        state = .cellStart
    }

    private mutating func limit() {
        guard open.byteCount > Self.rowBytesMax else { return }
        switch state {
        case .quoted, .quoteSeen: state = .skipping(.rowQuoteUnterminated)
        case .skipping: break
        case .cellStart, .plain: state = .skipping(.rowTooLong)
        }
    }
}
