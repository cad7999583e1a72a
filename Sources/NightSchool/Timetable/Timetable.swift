import HTTP
import Postgres
import Registry
import Runtime

/// A lesson in a member's week.
struct TimetableLesson: Codable, Sendable, APIType {
    let classId: ID<SchoolClass>
    let school: String
    let title: String
    let titleEn: String?
    let label: String
    /// On a seat that was lent for the evening.
    let isGuest: Bool
    let lesson: Lesson

    static let schema = Schema.object(
        "TimetableLesson", "A lesson in your week",
        [
            .required("classId", .id), .required("school", .string(1...100)), .required("title", .string(1...100)),
            .optional("titleEn", .string(1...100)), .required("label", .string(1...40)),
            .required("isGuest", .boolean, "On a seat that was lent for the evening"),
            .required("lesson", Lesson.schema, "Its link only by /v1/me/classes/{id}/lessons/{number}/link"),
        ])

    /// What a calendar shows of it. Cancelled ones stay in the file, so that they leave calendars that have them.
    var event: CalendarFile.Event {
        lesson.event(
            uid: "lesson-\(classId)-\(lesson.number)@waystation", of: title, label, at: school, isGuest: isGuest, isPrivate: true)
    }
}

/// A member's lessons, as they come.
struct Timetable: Codable, Sendable, APIType {
    let from: CalendarDate
    let to: CalendarDate
    let items: [TimetableLesson]

    static let daysMax = 200

    static let schema = Schema.object(
        "Timetable", "Your lessons, as they come",
        [
            .required("from", .date), .required("to", .date),
            .required("items", .array(of: TimetableLesson.schema, 0...2_000), "Cancelled ones too, with the reason"),
        ])
}

/// Where a calendar asks for a member's lessons.
struct CalendarAddress: Codable, Sendable, APIType {
    /// Behind the service's own address.
    let path: String

    static let schema = Schema.object(
        "CalendarAddress", "Where a phone's calendar asks for your lessons",
        [.required("path", .string(1...200), "Behind this service's address; who knows it may read them, and it is told once")])
}
