import HTTP
import Registry
import Runtime

/// Lines of a file that has exactly the titles that were agreed, in their order: read piece by piece, strictly. What is wrong with a line
/// is collected; what is wrong with the whole is thrown.
struct FileTable: ~Copyable {
    /// A line with as many cells as there are titles; empty ones are nil.
    struct Line {
        let number: Int
        let cells: [String?]
    }

    private let titles: [String]
    private let linesMax: Int
    private var text: InsurerText
    private var csv = CSVFile()
    private var hasTitles = false
    private var lineCount = 0
    private var lastByte: UInt8?
    /// Whether the last line that was read has too few cells, or a quote that does not end.
    private var isLastOpen = false
    /// The first line's bytes as they came, or their beginning.
    private var firstLine: [UInt8] = []
    private var isFirstLineWhole = false

    init(_ encoding: InsurerFileForm.Encoding, titles: [String], linesMax: Int) throws(Problem) {
        self.titles = titles
        self.linesMax = linesMax
        do throws(SystemError) { text = try InsurerText(encoding) } catch { throw Problem(InsuranceFileProblem.encoding) }
    }

    /// The lines that end within these bytes.
    /// - Parameter bytes: nil at the file's end.
    mutating func read(_ bytes: [UInt8]?, _ faults: inout FileFaults) throws(Problem) -> [Line] {
        keepFirstLine(bytes ?? [])
        guard let decoded = text.decode(bytes ?? [], isLast: bytes == nil) else {
            // At the end nothing is missing but the rest of a character.
            throw Problem(bytes == nil ? InsuranceFileProblem.truncated : InsuranceFileProblem.encoding)
        }
        if let last = decoded.last { lastByte = last }
        var lines: [Line] = []
        for row in try rows(decoded, isLast: false) + (bytes == nil ? try rows([], isLast: true) : []) {
            guard hasTitles else {
                try readTitles(row)
                continue
            }
            lineCount += 1
            guard lineCount <= linesMax else { throw Problem(InsuranceFileProblem.tooLong) }
            if let line = line(row, &faults) { lines.append(line) }
        }
        if bytes == nil { try checkEnd() }
        return lines
    }

    private mutating func rows(_ decoded: [UInt8], isLast: Bool) throws(Problem) -> [CSVFile.Row] {
        do throws(MemberImportError) {
            return try csv.read(isLast ? nil : decoded)
        } catch {
            throw Problem(InsuranceFileProblem.encoding)
        }
    }

    private mutating func keepFirstLine(_ bytes: [UInt8]) {
        guard !isFirstLineWhole else { return }
        let end = bytes.firstIndex { $0 == 0x0A || $0 == 0x0D }
        firstLine += bytes[..<(end ?? bytes.count)].prefix(4_096)
        isFirstLineWhole = end != nil || firstLine.count >= 4_096
    }

    private mutating func readTitles(_ row: CSVFile.Row) throws(Problem) {
        hasTitles = true
        if row.cells == titles { return }
        // UTF-8 read as GB18030 gives other characters, mostly without a fault.
        if firstLine.contains(where: { $0 >= 0x80 }), let line = String(validating: firstLine, as: UTF8.self),
            titles.contains(where: { title in title.utf8.contains { $0 >= 0x80 } && line.contains(title) })
        {
            let decodedSame = row.cells.contains { titles.contains($0) && $0.utf8.contains { $0 >= 0x80 } }
            if !decodedSame { throw Problem(InsuranceFileProblem.encoding) }
        }
        let wanted = titles.joined(separator: ",")
        throw Problem(
            InsuranceFileProblem.titles,
            violations: [
                Violation("insurance.titles_differ", pointer: "/1", zh: "表头应为：\(wanted)", en: "the titles are to be: \(wanted)")
            ])
    }

    private mutating func line(_ row: CSVFile.Row, _ faults: inout FileFaults) -> Line? {
        isLastOpen = false
        if let fault = row.fault {
            isLastOpen = fault.code == "import.row_quote_unterminated"
            faults.add("insurance.line_unreadable", line: row.lineNumber, column: titles[0], zh: fault.reason.zh, en: fault.reason.en)
            return nil
        }
        // Spreadsheets write lines of nothing but commas.
        if row.cells.allSatisfy(\.isEmpty) { return nil }
        isLastOpen = row.cells.count < titles.count
        guard row.cells.count >= titles.count, row.cells[titles.count...].allSatisfy(\.isEmpty) else {
            faults.add(
                "insurance.line_cells", line: row.lineNumber, column: titles[min(row.cells.count, titles.count) - 1],
                zh: "应有 \(titles.count) 列，实有 \(row.cells.count) 列", en: "\(row.cells.count) cells instead of \(titles.count)")
            return nil
        }
        return Line(number: row.lineNumber, cells: titles.indices.map { row.cell($0) })
    }

    private func checkEnd() throws(Problem) {
        guard hasTitles, lineCount > 0 else { throw Problem(InsuranceFileProblem.empty) }
        guard !isLastOpen, lastByte == 0x0A || lastByte == 0x0D else { throw Problem(InsuranceFileProblem.truncated) }
    }
}
