import HTTP

/// The result file of an import: each refused field with its line, in CSV that a spreadsheet opens (UTF-8 with a byte order mark).
///
/// A cell that a spreadsheet would take for a formula begins with an apostrophe; ids are masked.
package enum RejectionFile {
    package static let contentType = "text/csv; charset=utf-8"

    /// The first line.
    package static let header = "\u{FEFF}行号 line,字段 field,代码 code,原因,reason,首次出现行 first line,身份证号 national id\r\n"

    /// One line.
    package static func line(_ rejection: MemberImportRejection) -> String {
        let reason = MemberFault.named(rejection.code)?.reason
        let cells = [
            String(rejection.lineNumber), rejection.field, rejection.code, reason?.zh ?? "", reason?.en ?? "",
            rejection.firstLineNumber.map(String.init) ?? "", rejection.shown ?? "",
        ]
        return CSVLine.text(cells)
    }
}
