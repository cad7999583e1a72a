package import HTTP
package import Postgres
package import Runtime

/// One evening of a class (课时).
package struct Lesson: Codable, Hashable, Sendable, APIType {
    package enum State: String, Codable, CaseIterable, Sendable {
        case planned
        case moved
        case cancelled
        /// It took place: its end has passed.
        case held
    }

    package struct Place: Codable, Hashable, Sendable {
        package let id: ID<Classroom>
        package let site: String
        package let name: String
        package let address: String

        static let schema = Schema.object(
            "LessonPlace", "A room",
            [
                .required("id", .id), .required("site", .string(1...100)), .required("name", .string(1...40)),
                .required("address", .string(1...200)),
            ])
    }

    package struct Person: Codable, Hashable, Sendable {
        package let id: ID<Teacher>
        package let name: String

        static let schema = Schema.object("LessonTeacher", "Who teaches", [.required("id", .id), .required("name", .string(1...40))])
    }

    package let number: Int32
    package let state: State
    package let startsAt: Timestamp
    package let endsAt: Timestamp
    package let room: Place?
    package let teacher: Person?
    package let isOnline: Bool
    /// Nil for members: they get it by itself, and are counted.
    package var link: String?
    /// How often it was moved or cancelled.
    package let sequence: Int32
    package let reason: String?
    package let reasonEn: String?
    package let changedAt: Timestamp
    /// How often its link was opened.
    package let views: Int64

    package static let schema = Schema.object(
        "Lesson", "One evening of a class",
        [
            .required("number", .integer(1...400)), .required("state", .oneOf(State.allCases.map(\.rawValue))),
            .required("startsAt", .dateTime), .required("endsAt", .dateTime), .optional("room", Place.schema),
            .optional("teacher", Person.schema), .required("isOnline", .boolean),
            .optional("link", SchoolClass.linkSchema, "For organizers only"),
            .required("sequence", .integer(0...Int64(Int32.max)), "How often it was moved or cancelled"),
            .optional("reason", .string(1...500)), .optional("reasonEn", .string(1...500)), .required("changedAt", .dateTime),
            .required("views", .integer(0...Int64.max), "How often its link was opened"),
        ])
}

/// When, where and by whom a lesson is to be instead.
struct LessonMoveBody: Codable, Sendable, APIType {
    let on: CalendarDate
    let from: ClockTime
    let to: ClockTime
    let teacherId: ID<Teacher>?
    let roomId: ID<Classroom>?
    let link: String?
    let reason: String
    let reasonEn: String?

    static let schema = Schema.object(
        "LessonMoveBody", "When, where and by whom a lesson is to be instead",
        [
            .required("on", .date), .required("from", ClockTime.schema), .required("to", ClockTime.schema),
            .optional("teacherId", .id, "The same when absent"), .optional("roomId", .id, "The same when absent"),
            .optional("link", SchoolClass.linkSchema, "Of a lesson online; the same when absent"),
        ] + SchoolReasonBody.fields)
}

/// Why, for those who are told.
struct SchoolReasonBody: Codable, Sendable, APIType {
    let reason: String
    let reasonEn: String?

    static let fields: [Schema.Field] = [
        .required("reason", .string(1...500), "Members read it: no personal data"), .optional("reasonEn", .string(1...500)),
    ]

    static let schema = Schema.object("SchoolReasonBody", "Why", fields)
}
