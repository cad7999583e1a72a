import CLibPQ
import Glibc

/// The rows of an answer. Holds libpq's memory; rows are views into it, decoded when asked.
package struct QueryResult: Sendable, RandomAccessCollection {
    let handle: ResultHandle

    package var startIndex: Int { 0 }
    package let endIndex: Int
    package subscript(index: Int) -> Row { Row(handle: handle, index: index) }

    init(_ handle: ResultHandle) {
        self.handle = handle
        endIndex = Int(PQntuples(handle.pointer))
    }

    /// What the server says it did: `COMMIT`, `INSERT 0 3`.
    var commandTag: String { PQcmdStatus(handle.pointer).map { String(cString: $0) } ?? "" }

    /// Rows inserted, updated, deleted or selected, as the server reports it.
    package var affectedRows: Int {
        guard let text = PQcmdTuples(handle.pointer) else { return 0 }
        return Int(String(cString: text)) ?? 0
    }
}

/// Unchecked because a PGresult is never written to once libpq has handed it out; freed with the last reference.
final class ResultHandle: @unchecked Sendable {
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit { PQclear(pointer) }
}

/// One row of an answer.
package struct Row: Sendable {
    let handle: ResultHandle
    let index: Int

    /// The field at `column`, counted from 0.
    /// - Throws: `.decoding` for null, a wrong type or a missing column.
    package func decode<T: PostgresDecodable>(_ column: Int, as type: T.Type = T.self) throws(PostgresError) -> T {
        let result = handle.pointer
        let column32 = Int32(column)
        guard column >= 0, column32 < PQnfields(result) else { throw .decoding("no column \(column)") }
        let type = PostgresType(rawValue: PQftype(result, column32))
        if PQgetisnull(result, Int32(index), column32) != 0 { return try T(postgres: nil, type: type) }
        let field = PostgresField(
            start: PQgetvalue(result, Int32(index), column32), count: Int(PQgetlength(result, Int32(index), column32)))
        return try T(postgres: field, type: type)
    }

    /// The field of the column named `column`.
    package func decode<T: PostgresDecodable>(_ column: String, as type: T.Type = T.self) throws(PostgresError) -> T {
        // Quoted, because libpq folds the case of bare names.
        let number = PQfnumber(handle.pointer, "\"\(column)\"")
        guard number >= 0 else { throw .decoding("no column \(column)") }
        return try decode(Int(number), as: type)
    }
}

extension ServerError {
    init(_ result: OpaquePointer) {
        // PG_DIAG_* are characters of the protocol's error fields.
        func field(_ code: Character) -> String? {
            guard let ascii = code.asciiValue, let text = PQresultErrorField(result, CInt(ascii)) else { return nil }
            return String(cString: text)
        }
        self.init(
            sqlState: field("C") ?? "XX000", constraint: field("n"), table: field("t"), column: field("c"), message: field("M") ?? "")
    }
}
