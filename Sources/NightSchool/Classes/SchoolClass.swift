package import HTTP
package import Postgres
package import Programs
package import Runtime

/// One run of a course in a term, with seats (班).
package enum SchoolClass: Sendable {
    package enum Kind: String, Codable, CaseIterable, Sendable {
        case `class`
        /// One lesson for many (大师课).
        case masterLecture = "master_lecture"
        /// No room, but a link.
        case online
    }

    package enum EnrolmentMode: String, Codable, CaseIterable, Sendable {
        case firstCome = "first_come"
        case draw
        case drawThenFirstCome = "draw_then_first_come"
    }

    package enum State: String, Codable, CaseIterable, Sendable {
        case draft
        case published
        /// Its first lesson has begun.
        case running
        case ended
        case cancelled
    }

    /// A fee for those of whom a condition holds.
    package struct ReducedFee: Codable, Hashable, Sendable {
        package var condition: Condition
        package var fen: Int32

        static let schema = Schema.object(
            "ReducedFee", "A fee for those of whom the condition holds; of several the least",
            [.required("condition", conditionSchema), .required("fen", .integer(0...10_000_000))])
    }

    /// Conditions hold conditions, which a schema here cannot say: they are read strictly by `Condition`.
    static let conditionSchema = Schema.json.described(
        "A condition as in a program's rules: attribute, organization, age, sex, memberSince, benefit, any, all or not")

    /// A master lecture has at least as many seats.
    package static let masterLectureSeatsMin: Int32 = 200
}

/// What an organizer says of a class.
package struct SchoolClassFacts: Codable, Hashable, Sendable {
    package var label: String
    package var kind: SchoolClass.Kind?
    package var teacherId: ID<Teacher>?
    package var roomId: ID<Classroom>?
    package var link: String?
    package var capacity: Int32
    package var minimum: Int32?
    package var decideOn: CalendarDate?
    package var feeFen: Int32?
    package var reducedFees: [SchoolClass.ReducedFee]?
    package var audience: Condition?
    package var enrolmentMode: SchoolClass.EnrolmentMode?
    package var opensAt: Timestamp?
    package var closesAt: Timestamp?
    package var pattern: LessonPattern

    package var kindOrStandard: SchoolClass.Kind { kind ?? .class }

    static let fields: [Schema.Field] = [
        .required("label", .string(1...40), "What tells it from other classes of the course: 周二班"),
        .optional("kind", .oneOf(SchoolClass.Kind.allCases.map(\.rawValue)), "class when absent"),
        .optional("teacherId", .id, "Needed to be published"), .optional("roomId", .id, "Needed to be published, unless it is online"),
        .optional("link", SchoolClass.linkSchema, "Of an online class, where it is; members get it one by one"),
        .required("capacity", .integer(1...100_000), "Seats"),
        .optional("minimum", .integer(1...100_000), "Fewer seated on decideOn: it is cancelled"),
        .optional("decideOn", .date, "Goes with minimum; before the first lesson"),
        .optional("feeFen", .integer(0...10_000_000), "0 when absent"),
        .optional("reducedFees", .array(of: SchoolClass.ReducedFee.schema, 0...10)),
        .optional("audience", SchoolClass.conditionSchema, "Who may enrol; absent: every active member"),
        .optional("enrolmentMode", .oneOf(SchoolClass.EnrolmentMode.allCases.map(\.rawValue)), "first_come when absent"),
        .optional("opensAt", .dateTime, "Needed to be published"), .optional("closesAt", .dateTime, "Needed to be published"),
        .required("pattern", LessonPattern.schema),
    ]
}

extension SchoolClass {
    static let linkSchema = Schema.string(
        8...500,
        pattern: Pattern("^https://[!-~]+$") { text in
            text.count > 8 && text.starts(with: "https://".utf8) && text.allSatisfy { (0x21...0x7E).contains($0) }
        })
}

/// A class to be made, or what a draft is to be.
package struct SchoolClassBody: Codable, Sendable, APIType {
    package var courseId: ID<Course>
    package var termId: ID<SchoolTerm>
    package var facts: SchoolClassFacts

    private enum CodingKeys: String, CodingKey { case courseId, termId }

    package init(courseId: ID<Course>, termId: ID<SchoolTerm>, facts: SchoolClassFacts) {
        self.courseId = courseId
        self.termId = termId
        self.facts = facts
    }

    package init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: CodingKeys.self)
        courseId = try box.decode(ID<Course>.self, forKey: .courseId)
        termId = try box.decode(ID<SchoolTerm>.self, forKey: .termId)
        facts = try SchoolClassFacts(from: decoder)
    }

    package func encode(to encoder: any Encoder) throws {
        var box = encoder.container(keyedBy: CodingKeys.self)
        try box.encode(courseId, forKey: .courseId)
        try box.encode(termId, forKey: .termId)
        try facts.encode(to: encoder)
    }

    package static let schema = Schema.object(
        "SchoolClassBody", "A class to be made, or what a draft is to be",
        [.required("courseId", .id), .required("termId", .id, "Of the same school")] + SchoolClassFacts.fields)
}
