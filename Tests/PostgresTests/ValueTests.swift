import FoundationEssentials
import Postgres
import TestSupport
import Testing

struct ValueTests {
    @Test func `every type comes back as it went`() async throws {
        try await withEmptyDatabase { database in
            let integers: [Int64?] = [1, nil, .min, .max]
            let uuid = UUID()
            let result = try await database.query(
                """
                select \(Int64.max) as a, \("héllo 'quoted' 张") as b, \(integers) as c, \([UInt8](0...255)) as d, \(nil as Int32?) as e,
                    \(Timestamp(microseconds: -1)) as f, \(true) as h, \(-1.5) as i, \(uuid) as j, \("") as k, \([String]()) as l,
                    \([[UInt8]]([[1], []])) as m, \(Int16(-2)) as n, \([true, false]) as o, \([UUID]([uuid])) as p
                """)
            let row = try #require(result.first)
            #expect(try row.decode("a", as: Int64.self) == .max)
            #expect(try row.decode("b", as: String.self) == "héllo 'quoted' 张")
            #expect(try row.decode("c", as: [Int64?].self) == integers)
            #expect(try row.decode("d", as: [UInt8].self) == [UInt8](0...255))
            #expect(try row.decode("e", as: Int32?.self) == nil)
            #expect(try row.decode("f", as: Timestamp.self) == Timestamp(microseconds: -1))
            #expect(try row.decode("h", as: Bool.self))
            #expect(try row.decode("i", as: Double.self) == -1.5)
            #expect(try row.decode("j", as: UUID.self) == uuid)
            #expect(try row.decode("k", as: String.self) == "")
            #expect(try row.decode("l", as: [String].self) == [])
            #expect(try row.decode("m", as: [[UInt8]].self) == [[1], []])
            #expect(try row.decode("n", as: Int.self) == -2)
            #expect(try row.decode("o", as: [Bool].self) == [true, false])
            #expect(try row.decode("p", as: [UUID].self) == [uuid])
        }
    }

    @Test func `a null, a wrong width and a missing column are decoding errors, not traps`() async throws {
        try await withEmptyDatabase { database in
            let row = try #require(try await database.query("select null::bigint as a, 70000::int as b, 'text' as c").first)
            #expect(throws: PostgresError.self) { try row.decode("a", as: Int64.self) }
            #expect(throws: PostgresError.self) { try row.decode("b", as: Int16.self) }
            #expect(throws: PostgresError.self) { try row.decode("c", as: Timestamp.self) }
            #expect(throws: PostgresError.self) { try row.decode("nothing", as: Int.self) }
            #expect(throws: PostgresError.self) { try row.decode(7, as: Int.self) }
        }
    }

    @Test func `days agree with PostgreSQL over four centuries`() async throws {
        try await withEmptyDatabase { database in
            let rows = try await database.query(
                """
                select d::date as day, to_char(d, 'YYYY-MM-DD') as text
                from generate_series('1850-01-01'::date, '2250-01-01'::date, '13 days') d
                """
            )
            #expect(rows.count > 10_000)
            for row in rows {
                let day = try row.decode("day", as: CalendarDate.self)
                #expect(try day.description == row.decode("text", as: String.self))
                #expect(CalendarDate(daysSince1970: day.daysSince1970) == day)
            }
            #expect(CalendarDate(year: 2023, month: 2, day: 29) == nil)
            #expect(CalendarDate(year: 2024, month: 2, day: 29) != nil)
        }
    }

    @Test func `text that would end a literal stays a value`() async throws {
        try await withEmptyDatabase { database in
            let hostile = "'; drop table member; --"
            let answer = try await database.query("select \(hostile) as text")[0].decode("text", as: String.self)
            #expect(answer == hostile)
        }
    }
}
