import HTTP
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import NightSchool

/// Lessons are made of patterns by a pure value: what is always so of them, whatever the pattern.
@Suite struct LessonPatternTests {
    static func day(_ text: String) throws -> CalendarDate { try #require(CalendarDate(text: text)) }
    static func clock(_ text: String) throws -> ClockTime { try #require(ClockTime(text)) }

    private static func term(_ holidays: [String] = []) throws -> TermDays {
        TermDays(first: try day("2026-09-01"), last: try day("2026-12-31"), holidays: Set(try holidays.map(day)))
    }

    @Test func `two evenings a week, twelve times, without the holidays, make twelve lessons on these days`() throws {
        let pattern = LessonPattern(
            weekdays: [2, 4], from: try Self.clock("19:00"), to: try Self.clock("20:30"), startsOn: try Self.day("2026-09-08"), count: 12)
        let (lessons, faults) = pattern.lessons(in: try Self.term(["2026-10-01", "2026-10-06"]))
        #expect(faults.isEmpty)
        #expect(
            lessons.map(\.day.description) == [
                "2026-09-08", "2026-09-10", "2026-09-15", "2026-09-17", "2026-09-22", "2026-09-24", "2026-09-29", "2026-10-08",
                "2026-10-13", "2026-10-15", "2026-10-20", "2026-10-22",
            ])
        #expect(lessons[0].startsAt.description == "2026-09-08T11:00:00.000000Z")
        #expect(lessons[0].endsAt.description == "2026-09-08T12:30:00.000000Z")
    }

    @Test(arguments: SeededGenerator.seeds(20))
    func `lessons ascend within the term, on the pattern's weekdays, never on a holiday or an exception, as many as asked`(
        seed: UInt64
    ) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let first = CalendarDate(daysSince1970: Int.random(in: 18_000...24_000, using: &generator))
            let last = CalendarDate(daysSince1970: first.daysSince1970 + Int.random(in: 0...200, using: &generator))
            func days(_ count: Int) -> [CalendarDate] {
                (0..<Int.random(in: 0...count, using: &generator)).map { _ in
                    CalendarDate(daysSince1970: Int.random(in: first.daysSince1970...last.daysSince1970, using: &generator))
                }
            }
            let term = TermDays(first: first, last: last, holidays: Set(days(20)))
            let weekdays = (1...7).filter { _ in Bool.random(using: &generator) }
            let exceptions = days(8)
            let count = Bool.random(using: &generator) ? Int.random(in: 1...40, using: &generator) : nil
            let extras = Set(days(4)).map { LessonPattern.Extra(on: $0) }
            let pattern = LessonPattern(
                weekdays: weekdays, from: try Self.clock("19:00"), to: try Self.clock("21:00"), startsOn: days(1).first, count: count,
                until: days(1).first, exceptions: exceptions, extras: extras)
            let (lessons, faults) = pattern.lessons(in: term)
            let extraDays = extras.map(\.on)
            let weekly = lessons.filter { !extraDays.contains($0.day) }
            #expect(lessons == lessons.sorted())
            #expect(lessons.allSatisfy { $0.startsAt < $0.endsAt })
            #expect(weekly.allSatisfy { weekdays.contains($0.day.weekday) })
            #expect(weekly.allSatisfy { !term.holidays.contains($0.day) && !exceptions.contains($0.day) })
            #expect(weekly.allSatisfy { $0.day >= term.first && $0.day <= term.last })
            #expect(weekly.allSatisfy { lesson in pattern.startsOn.map { lesson.day >= $0 } ?? true })
            #expect(weekly.allSatisfy { lesson in pattern.until.map { lesson.day <= $0 } ?? true })
            if faults.isEmpty {
                #expect(!lessons.isEmpty)
                #expect(zip(lessons, lessons.dropFirst()).allSatisfy { $0.endsAt <= $1.startsAt }, "no two at once")
                #expect(lessons.allSatisfy { !term.holidays.contains($0.day) }, "no extra one on a holiday either")
                if let count { #expect(lessons.count == count + extras.count) }
            }
        }
    }

    @Test func `weekdays are those of the calendar`() throws {
        #expect(try ["2026-11-16", "2026-11-22", "1970-01-01", "2024-02-29"].map { try Self.day($0).weekday } == [1, 7, 4, 4])
    }

    @Test func `a pattern that makes no lesson, too few, some on holidays, outside or at once says which`() throws {
        let term = try Self.term(["2026-10-01"])
        func codes(_ pattern: LessonPattern) -> [String] { pattern.lessons(in: term).faults.map { "\($0.code) \($0.pointer ?? "")" } }
        let (seven, nine) = (try Self.clock("19:00"), try Self.clock("21:00"))
        #expect(codes(LessonPattern(from: seven, to: nine)) == ["school.pattern_without_lessons /pattern"])
        #expect(
            codes(
                LessonPattern(
                    weekdays: [4], from: seven, to: nine, startsOn: try Self.day("2026-10-01"), until: try Self.day("2026-10-02")))
                == ["school.pattern_without_lessons /pattern"])
        #expect(codes(LessonPattern(weekdays: [1], from: seven, to: nine, count: 40)) == ["school.pattern_short /pattern/count"])
        #expect(codes(LessonPattern(weekdays: [1], from: nine, to: seven)) == ["school.lesson_length_invalid /pattern/to"])
        #expect(
            codes(
                LessonPattern(
                    weekdays: [1], from: seven, to: nine, startsOn: try Self.day("2026-08-31"), until: try Self.day("2027-01-01"),
                    extras: [
                        .init(on: try Self.day("2026-10-01")), .init(on: try Self.day("2027-02-01")),
                        .init(on: try Self.day("2026-09-07"), from: try Self.clock("20:00"), to: nine),
                        .init(on: try Self.day("2026-09-07"), from: nine, to: try Self.clock("22:00")),
                    ]))
                == [
                    "school.lesson_outside_term /pattern/startsOn", "school.lesson_outside_term /pattern/until",
                    "school.lesson_on_holiday /pattern/extras/0/on", "school.lesson_outside_term /pattern/extras/1/on",
                    "school.extra_overlaps /pattern/extras/2",
                ])
    }
}
