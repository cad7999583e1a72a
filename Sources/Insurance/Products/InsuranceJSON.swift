import HTTP
import Postgres

/// What stands as JSON in a column.
enum InsuranceJSON {
    static func text(_ value: some Encodable) throws(PostgresError) -> String {
        do { return String(decoding: try JSON.encode(value), as: UTF8.self) } catch { throw .decoding("a value that is no JSON") }
    }

    static func value<Value: Decodable>(_ text: String, as type: Value.Type = Value.self) throws(PostgresError) -> Value {
        do { return try JSON.decode(type, from: Array(text.utf8)) } catch { throw .decoding("JSON that \(type) is not made of") }
    }
}
