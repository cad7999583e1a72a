package import HTTP
package import Postgres

extension LessonPattern {
    /// A class has no more.
    package static let lessonsMax = 400

    /// The lessons that the pattern makes in a term, in order of time, and all that is wrong with it.
    /// - Parameter pointer: where the pattern stands in the body.
    package func lessons(in term: TermDays, at pointer: String = "/pattern") -> (lessons: [LessonTime], faults: [Violation]) {
        var faults = [LessonTime.fault(from: from, to: to, at: "\(pointer)/to")].compactMap(\.self)
        for (name, day) in [("startsOn", startsOn), ("until", until)] {
            guard let day, day < term.first || day > term.last else { continue }
            faults.append(
                Violation(
                    "school.lesson_outside_term", pointer: "\(pointer)/\(name)", zh: "\(day) 不在学期内（\(term.first) 至 \(term.last)）",
                    en: "\(day) is not within the term, \(term.first) to \(term.last)"))
        }
        let weekly = weekly(in: term)
        var lessons = weekly
        for (index, extra) in (extras ?? []).enumerated() {
            let time = LessonTime(day: extra.on, from: extra.from ?? from, to: extra.to ?? to)
            faults += [
                term.fault(extra.on, at: "\(pointer)/extras/\(index)/on"),
                LessonTime.fault(from: time.from, to: time.to, at: "\(pointer)/extras/\(index)/to"),
            ].compactMap(\.self)
            if let other = lessons.first(where: { $0.day == time.day && $0.from < time.to && time.from < $0.to }) {
                faults.append(
                    Violation(
                        "school.extra_overlaps", pointer: "\(pointer)/extras/\(index)", zh: "与 \(other.day) \(other.from) 的课重叠",
                        en: "It overlaps the lesson of \(other.day) \(other.from)"))
            }
            lessons.append(time)
        }
        if lessons.isEmpty {
            faults.append(
                Violation("school.pattern_without_lessons", pointer: pointer, zh: "没有排出任何一节课", en: "The pattern makes no lesson at all"))
        } else if let count, weekly.count < count {
            faults.append(
                Violation(
                    "school.pattern_short", pointer: "\(pointer)/count", zh: "学期内只能排出 \(weekly.count) 节，少于 \(count) 节",
                    en: "The term has days for \(weekly.count) of the \(count) lessons"))
        }
        if lessons.count > Self.lessonsMax {
            faults.append(
                Violation(
                    "school.lessons_too_many", pointer: pointer, zh: "一个班最多 \(Self.lessonsMax) 节课",
                    en: "A class has \(Self.lessonsMax) lessons at most"))
        }
        return (lessons.sorted(), faults)
    }

    private func weekly(in term: TermDays) -> [LessonTime] {
        let days = Set(weekdays ?? [])
        if days.isEmpty { return [] }
        let left = Set(exceptions ?? [])
        let first = max(startsOn ?? term.first, term.first)
        let last = min(until ?? term.last, term.last)
        guard first <= last else { return [] }
        return Array(
            (first.daysSince1970...last.daysSince1970).lazy.map { CalendarDate(daysSince1970: $0) }
                .filter { days.contains($0.weekday) && !term.holidays.contains($0) && !left.contains($0) }
                .prefix(count ?? Self.lessonsMax + 1)
                .map { LessonTime(day: $0, from: from, to: to) })
    }
}

extension CalendarDate {
    /// 1 for Monday to 7 for Sunday: 1970-01-01 was a Thursday.
    package var weekday: Int { (daysSince1970 + 3) % 7 + 1 }
}
