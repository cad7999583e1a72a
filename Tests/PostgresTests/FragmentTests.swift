import TestSupport
import Testing

@testable import Postgres

struct FragmentTests {
    @Test func `a statement within a statement numbers its parameters on`() async throws {
        let names = ["b", "c"]
        let inner: SQL = "name = any(\(names)) and \(7) < rank"
        let nested: SQL = "(\(fragment: inner) or name = \("z"))"
        let sql: SQL = "select \(1) + \(2) as sum where \(fragment: nested) and \(fragment: "true") and \(3) > 0"
        #expect(sql.text == "select $1 + $2 as sum where (name = any($3) and $4 < rank or name = $5) and true and $6 > 0")
        try await withEmptyDatabase { database in
            let condition: SQL = "name = any(\(names)) or name = \("ä")"
            let found = try await database.query(
                """
                select \(1) + count(*) as sum from (values ('a'), ('b'), ('c'), ('ä')) entry (name)
                where (\(fragment: condition)) and name <> \("c")
                """)
            #expect(try found[0].decode(0, as: Int.self) == 3)
        }
    }
}
