import HTTP
import Postgres

extension Row {
    /// A `text` that is one of an enum's options; the column's check keeps others out.
    func decodeOption<Option: RawRepresentable>(_ column: Int, as type: Option.Type = Option.self) throws(PostgresError) -> Option
    where Option.RawValue == String {
        let text = try decode(column, as: String.self)
        guard let option = Option(rawValue: text) else { throw .decoding("an option that \(Option.self) does not have") }
        return option
    }

    /// A `jsonb` read as text, written by this version or one before.
    func decodeJSON<Value: Decodable>(_ column: Int, as type: Value.Type = Value.self) throws(PostgresError) -> Value {
        let bytes = Array(try decode(column, as: String.self).utf8)
        do {
            return try JSON.decode(Value.self, from: bytes)
        } catch {
            throw .decoding("JSON that is no \(Value.self)")
        }
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

/// A value as JSON text, to be cast to `jsonb`.
func jsonText(_ value: some Encodable) -> String {
    do {
        return String(decoding: try JSON.encode(value), as: UTF8.self)
    } catch {
        preconditionFailure("what is kept as JSON holds only strings, integers and booleans")
    }
}
