extension Row {
    /// A `text` that is one of an enum's options; the column's check keeps others out.
    package func decodeOption<Option: RawRepresentable>(
        _ column: Int, as type: Option.Type = Option.self
    ) throws(PostgresError) -> Option where Option.RawValue == String {
        try Self.option(try decode(column))
    }

    /// The same by the column's name.
    package func decodeOption<Option: RawRepresentable>(
        _ column: String, as type: Option.Type = Option.self
    ) throws(PostgresError) -> Option where Option.RawValue == String {
        try Self.option(try decode(column))
    }

    private static func option<Option: RawRepresentable>(_ text: String) throws(PostgresError) -> Option
    where Option.RawValue == String {
        guard let option = Option(rawValue: text) else { throw .decoding("an option that \(Option.self) does not have") }
        return option
    }
}
