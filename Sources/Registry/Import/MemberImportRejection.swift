/// Why one field of one row of a file did not go in.
package struct MemberImportRejection: Sendable {
    /// The line on which the row begins, counted from 1.
    package let lineNumber: Int
    /// Counts the faults of a row from 1.
    package let ordinal: Int
    /// The column's English name; `row` when the row as a whole is at fault.
    package let field: String
    /// See `MemberFault.named(_:)` for the sentence.
    package let code: String
    /// Of a duplicate: the line that had the national id first.
    package let firstLineNumber: Int?
    /// The national id, masked; no other cell is kept.
    package let shown: String?
}
