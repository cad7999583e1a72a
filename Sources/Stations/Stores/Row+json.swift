import HTTP
import Postgres

extension Row {
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

/// A value as JSON text, to be cast to `jsonb`.
func jsonText(_ value: some Encodable) -> String {
    do {
        return String(decoding: try JSON.encode(value), as: UTF8.self)
    } catch {
        preconditionFailure("what is kept as JSON holds only strings, integers and booleans")
    }
}
