import Crypto
package import HTTP
package import Postgres
package import Runtime

/// One sharing out of the seats of a course's parallel classes in a term, at one moment, by lottery (抽签).
package struct SchoolDraw: Sendable {
    package let id: ID<SchoolDraw>
    package let courseID: ID<Course>
    package let termID: ID<SchoolTerm>
    package let opensAt: Timestamp
    package let closesAt: Timestamp
    /// What was published of the secret before anybody could apply.
    package let commitment: [UInt8]
    package let drawnAt: Timestamp?
    package let applicants: Int32?
    package let seated: Int32?

    /// As the lottery and audit files name it.
    static func name(_ id: ID<SchoolDraw>) -> String { "school-draw-\(id)" }

    /// What there was to share out in one class.
    struct Seats: Sendable {
        let classID: ID<SchoolClass>
        let seats: Int32
        /// The place of who got the last seat; nil: seats were left.
        let closing: Int32?
    }

    /// An application as it stood when the seats were drawn.
    struct Entry: Sendable {
        let ticket: Int64
        let priority: Int16
        /// Wishes that the person could have, the dearest first.
        let feasible: [Int64]
        let classID: Int64?
    }
}

/// A draw as everybody sees it: enough to check it.
package struct SchoolDrawAnswer: Codable, Sendable, APIType {
    struct Seats: Codable, Sendable {
        let classId: ID<SchoolClass>
        let seats: Int32
        let closing: Int32?

        static let schema = Schema.object(
            "SchoolDrawSeats", "What there was to share out in one class",
            [
                .required("classId", .id), .required("seats", .integer(0...100_000)),
                .optional("closing", .integer(1...10_000_000), "The place in the order of who got the last seat; absent: seats were left"),
            ])
    }

    let id: ID<SchoolDraw>
    let courseId: ID<Course>
    let termId: ID<SchoolTerm>
    let opensAt: Timestamp
    let closesAt: Timestamp
    let commitment: String
    let lottery: String
    let drawnAt: Timestamp?
    let applicants: Int32?
    let seated: Int32?
    let secret: String?
    let classes: [Seats]

    init(_ draw: SchoolDraw, _ seats: [SchoolDraw.Seats], secret: String?) {
        id = draw.id
        courseId = draw.courseID
        termId = draw.termID
        opensAt = draw.opensAt
        closesAt = draw.closesAt
        commitment = Hex.encode(draw.commitment)
        lottery = SchoolDraw.name(draw.id)
        drawnAt = draw.drawnAt
        applicants = draw.applicants
        seated = draw.seated
        self.secret = secret
        classes = seats.map { Seats(classId: $0.classID, seats: $0.seats, closing: $0.closing) }
    }

    package static let schema = Schema.object(
        "SchoolDraw", "One sharing out of the seats of a course's parallel classes in a term",
        [
            .required("id", .id), .required("courseId", .id), .required("termId", .id), .required("opensAt", .dateTime),
            .required("closesAt", .dateTime),
            .required("commitment", .string(64...64), "SHA-256 of \"alloc-commit-v1\", a zero byte and the secret; published beforehand"),
            .required("lottery", .string(1...60), "The name under which its lottery is drawn"), .optional("drawnAt", .dateTime),
            .optional("applicants", .integer(0...10_000_000)), .optional("seated", .integer(0...10_000_000)),
            .optional("secret", .string(64...64), "Once it was drawn"),
            .required("classes", .array(of: Seats.schema, 0...1_000), "Once it was drawn"),
        ])
}
