/// Rows of a CSV file that comes piece by piece, as text: UTF-8 or GB18030, comma or tab, with a byte order mark or without.
package struct CSVFile: ~Copyable {
    package struct Row: Sendable {
        /// Where the row begins in the file, counted from 1.
        package let lineNumber: Int
        /// Without the spaces around them.
        package let cells: [String]
        /// Why the row cannot be read; it then has no cells.
        package let fault: MemberFault?

        /// Nil for an empty cell and for one that is not there.
        package func cell(_ place: Int) -> String? {
            cells.indices.contains(place) && !cells[place].isEmpty ? cells[place] : nil
        }
    }

    private var text = ImportText()
    private var decoder = CSVDecoder()

    package init() {}

    /// The rows that end within these bytes.
    /// - Parameter bytes: nil at the file's end.
    package mutating func read(_ bytes: [UInt8]?) throws(MemberImportError) -> [Row] {
        var rows = CSVRows()
        decoder.decode(try text.decode(bytes ?? [], isLast: bytes == nil), into: &rows)
        if bytes == nil { decoder.finish(into: &rows) }
        return rows.rows.map { row in
            var cells: [String] = []
            for column in 0..<row.cellCount {
                var cell = rows.cell(row, column)
                while let first = cell.first, first == 0x20 || first == 0x09 { cell.removeFirst() }
                while let last = cell.last, last == 0x20 || last == 0x09 { cell.removeLast() }
                guard let known = String(validating: cell, as: UTF8.self), !cell.contains(0), !known.unicodeScalars.contains("\u{FFFD}")
                else { return Row(lineNumber: row.lineNumber, cells: [], fault: .rowEncoding) }
                cells.append(known)
            }
            return Row(lineNumber: row.lineNumber, cells: cells, fault: row.fault)
        }
    }
}
