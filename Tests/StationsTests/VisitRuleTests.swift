import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Stations

@Suite struct VisitRuleTests {
    private static func day(_ text: String) throws -> CalendarDate { try #require(CalendarDate(iso: text)) }

    private static func period(_ first: String, _ last: String) throws -> [String] {
        let period = try #require(VisitPeriod(first: day(first), last: day(last)))
        return period.parts.map { "\($0.sign < 0 ? "not " : "")\($0.span) \($0.first) \($0.end)" }
    }

    @Test func `a period is read as whole months and the days at both ends`() throws {
        #expect(try Self.period("2026-11-05", "2026-11-05") == ["day 2026-11-05 2026-11-06"])
        #expect(try Self.period("2026-11-01", "2026-11-30") == ["month 2026-11-01 2026-12-01"])
        #expect(try Self.period("2026-11-16", "2026-12-15") == ["day 2026-11-16 2026-12-01", "day 2026-12-01 2026-12-16"])
        #expect(
            try Self.period("2026-11-02", "2026-12-30") == [
                "month 2026-11-01 2026-12-01", "not day 2026-11-01 2026-11-02", "month 2026-12-01 2027-01-01",
                "not day 2026-12-31 2027-01-01",
            ])
        #expect(
            try Self.period("2026-11-03", "2026-11-29") == [
                "month 2026-11-01 2026-12-01", "not day 2026-11-01 2026-11-03", "not day 2026-11-30 2026-12-01",
            ])
        #expect(
            try Self.period("2025-12-31", "2026-03-01") == [
                "day 2025-12-31 2026-01-01", "month 2026-01-01 2026-03-01", "day 2026-03-01 2026-03-02",
            ])
    }

    @Test func `the parts of any period hold each of its days once`() throws {
        let seed = SeededGenerator.seeds(1)[0]
        var random = SeededGenerator(seed: seed)
        for _ in 0..<2_000 {
            let first = CalendarDate(daysSince1970: Int.random(in: 10_000..<30_000, using: &random))
            let last = CalendarDate(daysSince1970: first.daysSince1970 + Int.random(in: 0..<1_000, using: &random))
            let parts = try #require(VisitPeriod(first: first, last: last)).parts
            var times: [Int: Int32] = [:]
            for part in parts {
                #expect(part.span == "day" || part.first.day == 1 && part.end.day == 1, "seed \(seed)")
                for day in part.first.daysSince1970..<part.end.daysSince1970 { times[day, default: 0] += part.sign }
            }
            let held = times.filter { $0.value != 0 }
            #expect(held.values.allSatisfy { $0 == 1 } && held.count == last.daysSince1970 - first.daysSince1970 + 1, "seed \(seed)")
            #expect(held.keys.min() == first.daysSince1970 && held.keys.max() == last.daysSince1970, "seed \(seed)")
            let days = parts.filter { $0.span == "day" }.reduce(0) { $0 + $1.end.daysSince1970 - $1.first.daysSince1970 }
            #expect(days < 32, "seed \(seed): months are read as such")
        }
    }

    @Test func `no period runs backwards or over more than ten years`() throws {
        #expect(VisitPeriod(first: try Self.day("2026-11-05"), last: try Self.day("2026-11-04")) == nil)
        #expect(VisitPeriod(first: try Self.day("2016-11-05"), last: try Self.day("2026-11-05")) != nil)
        #expect(VisitPeriod(first: try Self.day("2016-11-05"), last: try Self.day("2026-11-06")) == nil)
    }

    @Test func `percentiles from the buckets are near those of the stays themselves`() {
        let seed = SeededGenerator.seeds(1)[0]
        var random = SeededGenerator(seed: seed)
        let bounds = VisitFigures.Dwells.bounds
        for _ in 0..<200 {
            let stays = (0..<Int.random(in: 1...500, using: &random)).map { _ in Int64.random(in: 0..<28_800, using: &random) }.sorted()
            var dwells = VisitFigures.Dwells()
            for stay in stays {
                dwells.count += 1
                dwells.seconds += stay
                dwells.buckets[bounds.firstIndex { stay < $0 } ?? bounds.count] += 1
            }
            #expect(dwells.meanSeconds == stays.reduce(0, +) / Int64(stays.count))
            for share in [0.1, 0.5, 0.9, 0.99, 1] {
                let exact = stays[Int((share * Double(stays.count)).rounded(.up)) - 1]
                let bucket = bounds.firstIndex { exact < $0 } ?? bounds.count
                let lower = bucket == 0 ? 0 : bounds[bucket - 1]
                let found = dwells.percentileSeconds(share) ?? -1
                #expect(found >= lower && found <= bounds[bucket], "seed \(seed)")
            }
        }
        #expect(VisitFigures.Dwells().percentileSeconds(0.5) == nil && VisitFigures.Dwells().meanSeconds == nil)
        var long = VisitFigures.Dwells()
        long.buckets[bounds.count] = 3
        #expect(long.percentileSeconds(0.5) == 28_800)
    }

    @Test func `a cursor of visits is read as it was written, and nothing else is one`() {
        let cursor = TimeCursor(at: Timestamp(microseconds: 1_732_000_000_123_456), requestID: StationScene.requestID())
        #expect(TimeCursor(cursor.text) == cursor)
        for text in ["", "_", "1_", "a_\(cursor.requestID)", "1_2_3"] { #expect(TimeCursor(text) == nil) }
    }
}
