import Postgres
import Registry
import Runtime

/// A class's lessons as a calendar file; cancelled ones stay in it, so that they leave calendars that have them.
enum ClassCalendar {
    static func file(_ sheet: ClassSheet) -> CalendarFile {
        CalendarFile(product: "NightSchool", events: sheet.lessons.map { event($0, of: sheet.schoolClass) })
    }

    private static func event(_ lesson: Lesson, of found: ClassAnswer) -> CalendarFile.Event {
        let place = lesson.room.map { "\($0.site) \($0.name)，\($0.address)" }
        var lines = ["\(found.school) 第 \(lesson.number) 课"]
        if let teacher = lesson.teacher { lines.append("老师：\(teacher.name)") }
        if lesson.state == .moved || lesson.state == .cancelled, let reason = lesson.reason {
            lines.append("\(lesson.state == .moved ? "调课" : "停课")：\(reason)")
        }
        return CalendarFile.Event(
            uid: "class-\(found.id)-\(lesson.number)@waystation", sequence: lesson.sequence, changedAt: lesson.changedAt.description,
            startsAt: lesson.startsAt.description, endsAt: lesson.endsAt.description, summary: "\(found.title)（\(found.label)）",
            location: place ?? "线上", description: lines.joined(separator: "\n"),
            status: lesson.state == .cancelled ? .cancelled : .confirmed, isPrivate: false)
    }
}
