/// Lines of CSV that a spreadsheet opens without running anything.
package enum CSVLine {
    /// Cells joined by commas, ended as RFC 4180 says.
    package static func text(_ cells: [String]) -> String { cells.map(cell).joined(separator: ",") + "\r\n" }

    /// Quoted where it must be; with an apostrophe before what a spreadsheet would take for a formula.
    package static func cell(_ text: String) -> String {
        let safe = isFormula(text) ? "'" + text : text
        guard safe.utf8.contains(where: { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }) else { return safe }
        return "\"" + safe.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }

    /// Begins with = + - @, of whatever width (spreadsheets take those of Chinese keyboards for the same), a tab or the end of a line.
    static func isFormula(_ text: String) -> Bool {
        text.unicodeScalars.first.map { "=+-@＝＋－＠\t\r\n".unicodeScalars.contains($0) } ?? false
    }
}
