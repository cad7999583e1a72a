package import HTTP
package import Runtime

/// A room at a site of a school (教室).
package struct Classroom: Codable, Hashable, Sendable, APIType {
    package let id: ID<Classroom>
    package let schoolId: ID<School>
    package let site: String
    package let name: String
    package let address: String
    package let seats: Int32
    package let version: Int32

    package static let schema = Schema.object(
        "Classroom", "A room at a site of a school",
        [.required("id", .id), .required("schoolId", .id), .required("version", SchoolSchema.version)] + ClassroomBody.fields)
}

/// What an organizer says of a room.
package struct ClassroomBody: Codable, Sendable, APIType {
    package var site: String
    package var name: String
    package var address: String
    package var seats: Int32

    static let fields: [Schema.Field] = [
        .required("site", .string(1...100)), .required("name", .string(1...40)), .required("address", .string(1...200)),
        .required("seats", .integer(1...100_000)),
    ]

    package static let schema = Schema.object("ClassroomBody", "What is said of a room", fields)
}

struct ClassroomList: Codable, Sendable, APIType {
    let items: [Classroom]
    let next: String?

    static let schema = SchoolSchema.list("ClassroomList", "A page of rooms", of: Classroom.schema)
}

/// What a catalogue is divided into: four that all schools have, and each school's own (“4+N”).
package struct CourseCategory: Codable, Hashable, Sendable, APIType {
    package let code: String
    package let name: String
    package let nameEn: String
    /// Whether all schools have it.
    package let isFixed: Bool

    package static let codeSchema = Schema.string(
        1...40,
        pattern: Pattern("^[a-z][a-z0-9_]*$") { text in
            (0x61...0x7A).contains(text.first ?? 0)
                && text.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x5F }
        })

    package static let schema = Schema.object(
        "CourseCategory", "A part of the catalogue",
        [
            .required("code", codeSchema), .required("name", .string(1...40)), .required("nameEn", .string(1...60)),
            .required("isFixed", .boolean, "Whether all schools have it"),
        ])
}

/// A school's own category.
package struct CourseCategoryBody: Codable, Sendable, APIType {
    package var name: String
    package var nameEn: String

    package static let schema = Schema.object(
        "CourseCategoryBody", "What is said of a school's own category",
        [.required("name", .string(1...40)), .required("nameEn", .string(1...60))])
}

struct CourseCategoryList: Codable, Sendable, APIType {
    let items: [CourseCategory]

    static let schema = Schema.object(
        "CourseCategoryList", "The four that all schools have, then the school's own",
        [.required("items", .array(of: CourseCategory.schema, 0...104))])
}
