package import HTTP
package import Postgres
package import Programs
package import Registry
package import Runtime

/// A class as it stands, for organizers and, without its link, for everybody.
package struct ClassAnswer: Codable, Sendable, APIType {
    package let id: ID<SchoolClass>
    package let version: Int32
    package let schoolId: ID<School>
    package let school: String
    package let organizationId: ID<Organization>
    package let termId: ID<SchoolTerm>
    package let courseId: ID<Course>
    package let category: String
    package let title: String
    package let titleEn: String?
    package let label: String
    package let kind: SchoolClass.Kind
    package let teacher: Lesson.Person?
    package let room: Lesson.Place?
    package var link: String?
    package let capacity: Int32
    package let seated: Int32
    package let waiting: Int32
    package let minimum: Int32?
    package let decideOn: CalendarDate?
    package let feeFen: Int32
    package let reducedFees: [SchoolClass.ReducedFee]
    package let audience: Condition?
    package let enrolmentMode: SchoolClass.EnrolmentMode
    package let opensAt: Timestamp?
    package let closesAt: Timestamp?
    package let pattern: LessonPattern
    package let state: SchoolClass.State
    package let cancelReason: String?
    package let cancelReasonEn: String?
    package let firstAt: Timestamp
    package let lastUntil: Timestamp
    package let lessonCount: Int32
    package let free: Int32
    package let applied: Int32
    package let drawId: ID<SchoolDraw>?

    /// As an organizer wrote it, with the capacity as it is now.
    package var facts: SchoolClassFacts {
        SchoolClassFacts(
            label: label, kind: kind, teacherId: teacher?.id, roomId: room?.id, link: link, capacity: capacity, minimum: minimum,
            decideOn: decideOn, feeFen: feeFen, reducedFees: reducedFees, audience: audience, enrolmentMode: enrolmentMode,
            opensAt: opensAt, closesAt: closesAt, pattern: pattern)
    }

    /// Without what only organizers see.
    var asPublic: ClassAnswer {
        var copy = self
        copy.link = nil
        return copy
    }

    private static let count = Schema.integer(0...1_000_000_000)

    package static let schema = Schema.object(
        "SchoolClass", "One run of a course in a term, with seats",
        [
            .required("id", .id), .required("version", SchoolSchema.version), .required("schoolId", .id),
            .required("school", .string(1...100)), .required("organizationId", .id), .required("termId", .id),
            .required("courseId", .id), .required("category", CourseCategory.codeSchema), .required("title", .string(1...100)),
            .optional("titleEn", .string(1...100)), .required("label", .string(1...40)),
            .required("kind", .oneOf(SchoolClass.Kind.allCases.map(\.rawValue))), .optional("teacher", Lesson.Person.schema),
            .optional("room", Lesson.Place.schema), .optional("link", SchoolClass.linkSchema, "For organizers only"),
            .required("capacity", .integer(1...100_000)), .required("seated", count), .required("waiting", count),
            .required("free", count, "Seats that nobody has"),
            .required("applied", count, "Of a draw that is to come: applications in which this class is a wish"),
            .optional("drawId", .id, "The draw that shares its seats out: /v1/public/school-draws/{id}"),
            .optional("minimum", .integer(1...100_000)), .optional("decideOn", .date),
            .required("feeFen", .integer(0...10_000_000)),
            .required("reducedFees", .array(of: SchoolClass.ReducedFee.schema, 0...10)),
            .optional("audience", SchoolClass.conditionSchema),
            .required("enrolmentMode", .oneOf(SchoolClass.EnrolmentMode.allCases.map(\.rawValue))), .optional("opensAt", .dateTime),
            .optional("closesAt", .dateTime), .required("pattern", LessonPattern.schema),
            .required("state", .oneOf(SchoolClass.State.allCases.map(\.rawValue))), .optional("cancelReason", .string(1...500)),
            .optional("cancelReasonEn", .string(1...500)), .required("firstAt", .dateTime, "Of the lessons that are not cancelled"),
            .required("lastUntil", .dateTime), .required("lessonCount", .integer(0...400), "Lessons that are not cancelled"),
        ])
}

/// A class with all its lessons.
package struct ClassSheet: Codable, Sendable, APIType {
    package let schoolClass: ClassAnswer
    package let lessons: [Lesson]

    private enum CodingKeys: String, CodingKey {
        case schoolClass = "class"
        case lessons
    }

    package init(_ schoolClass: ClassAnswer, _ lessons: [Lesson]) {
        self.schoolClass = schoolClass
        self.lessons = lessons
    }

    var asPublic: ClassSheet {
        ClassSheet(
            schoolClass.asPublic,
            lessons.map { lesson in
                var copy = lesson
                copy.link = nil
                return copy
            })
    }

    package static let schema = Schema.object(
        "ClassSheet", "A class with all its lessons",
        [.required("class", ClassAnswer.schema), .required("lessons", .array(of: Lesson.schema, 0...400), "In order of time")])
}

package struct ClassList: Codable, Sendable, APIType {
    package let items: [ClassAnswer]
    package let next: String?

    package static let schema = SchoolSchema.list("SchoolClassList", "A page of classes", of: ClassAnswer.schema)
}

/// Seats as they are to be.
struct CapacityBody: Codable, Sendable, APIType {
    let capacity: Int32

    static let schema = Schema.object("CapacityBody", "Seats as they are to be", [.required("capacity", .integer(1...100_000))])
}

/// One thing that happened to a class.
struct ClassEvent: Codable, Sendable {
    let step: String
    let lesson: Int32?
    let details: [String: String]
    let reason: String?
    let reasonEn: String?
    let doneBy: String
    let occurredAt: Timestamp

    static let schema = Schema.object(
        "SchoolClassEvent", "One thing that happened to a class",
        [
            .required("step", .string(1...40)), .optional("lesson", .integer(1...400)), .required("details", .map(of: .string(0...500))),
            .optional("reason", .string(1...500)), .optional("reasonEn", .string(1...500)), .required("doneBy", .string(1...100)),
            .required("occurredAt", .dateTime),
        ])
}

struct ClassEventList: Codable, Sendable, APIType {
    let items: [ClassEvent]

    static let schema = Schema.object(
        "SchoolClassEventList", "What happened to a class, in order", [.required("items", .array(of: ClassEvent.schema, 0...10_000))])
}
