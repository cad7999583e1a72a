/// The column of the database that a sealed value stands in: what was sealed for one column opens in no other.
package struct SealedColumn: Hashable, Sendable {
    /// What is authenticated with the value, up to the row's id: "table|column|".
    let prefix: [UInt8]

    /// - Parameters:
    ///   - table: its name in the database, without `|`.
    ///   - column: its name in the database, without `|`.
    package init(table: String, column: String) {
        precondition(!table.contains("|") && !column.contains("|"), "the bar separates the names")
        prefix = Array("\(table)|\(column)|".utf8)
    }

    /// Calls `body` with what is authenticated beside the ciphertext: the envelope's first four bytes, then "table|column|row".
    func withAuthenticatedData<Result>(
        header: SealedEnvelope.Header, row: Int64, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        let limit = SealedEnvelope.Header.byteCount + prefix.count + 20  // an Int64 has 19 digits and a sign at most
        return withUnsafeTemporaryAllocation(byteCount: limit, alignment: 1) { buffer in
            header.write(to: buffer)
            var end = SealedEnvelope.Header.byteCount
            UnsafeMutableRawBufferPointer(rebasing: buffer[end...]).copyBytes(from: prefix)
            end += prefix.count
            if row < 0 {
                buffer[end] = UInt8(ascii: "-")
                end += 1
            }
            let first = end
            var rest = row.magnitude
            repeat {
                buffer[end] = UInt8(ascii: "0") + UInt8(rest % 10)
                end += 1
                rest /= 10
            } while rest > 0
            buffer[first..<end].reverse()
            return body(UnsafeRawBufferPointer(rebasing: buffer[..<end]))
        }
    }
}
