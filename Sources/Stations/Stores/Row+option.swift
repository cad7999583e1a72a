import Postgres

extension Row {
    /// A `text` that is one of an enum's options; the column's check keeps others out.
    func decodeOption<Option: RawRepresentable>(_ column: Int, as type: Option.Type = Option.self) throws(PostgresError) -> Option
    where Option.RawValue == String {
        let text = try decode(column, as: String.self)
        guard let option = Option(rawValue: text) else { throw .decoding("an option that \(Option.self) does not have") }
        return option
    }
}

extension QueryResult {
    /// The row of a statement that gives exactly one.
    var single: Row {
        get throws(PostgresError) {
            guard count == 1, let row = first else { throw .decoding("\(count) rows where there is one") }
            return row
        }
    }
}
