import Postgres
import Registry
import Runtime

/// A class's lessons as a calendar file; cancelled ones stay in it, so that they leave calendars that have them.
enum ClassCalendar {
    static func file(_ sheet: ClassSheet) -> CalendarFile {
        let found = sheet.schoolClass
        return CalendarFile(
            product: "NightSchool",
            events: sheet.lessons.map { lesson in
                lesson.event(
                    uid: "class-\(found.id)-\(lesson.number)@waystation", of: found.title, found.label, at: found.school, isPrivate: false)
            })
    }
}

extension Lesson {
    /// What a calendar shows of it.
    /// - Parameters:
    ///   - uid: the same for ever.
    ///   - isGuest: on a seat that was lent for the evening.
    func event(
        uid: String, of title: String, _ label: String, at school: String, isGuest: Bool = false, isPrivate: Bool
    ) -> CalendarFile.Event {
        var lines = ["\(school) 第 \(number) 课"]
        if let teacher { lines.append("老师：\(teacher.name)") }
        if isGuest { lines.append("借座旁听") }
        if state == .moved || state == .cancelled, let reason { lines.append("\(state == .moved ? "调课" : "停课")：\(reason)") }
        return CalendarFile.Event(
            uid: uid, sequence: sequence, changedAt: changedAt.description, startsAt: startsAt.description, endsAt: endsAt.description,
            summary: "\(title)（\(label)）", location: room.map { "\($0.site) \($0.name)，\($0.address)" } ?? "线上",
            description: lines.joined(separator: "\n"), status: state == .cancelled ? .cancelled : .confirmed, isPrivate: isPrivate)
    }
}
