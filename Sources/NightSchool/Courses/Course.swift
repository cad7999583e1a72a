package import HTTP
package import Runtime

/// What is taught (课程).
package struct Course: Codable, Hashable, Sendable, APIType {
    package let id: ID<Course>
    package let schoolId: ID<School>
    package let category: String
    package let title: String
    package let titleEn: String?
    package let description: String?
    package let descriptionEn: String?
    package let version: Int32

    package static let schema = Schema.object(
        "Course", "What is taught",
        [.required("id", .id), .required("schoolId", .id), .required("version", SchoolSchema.version)] + CourseBody.fields)
}

/// What an organizer says of a course.
package struct CourseBody: Codable, Sendable, APIType {
    package var category: String
    package var title: String
    package var titleEn: String?
    package var description: String?
    package var descriptionEn: String?

    package init(category: String, title: String, titleEn: String? = nil, description: String? = nil, descriptionEn: String? = nil) {
        self.category = category
        self.title = title
        self.titleEn = titleEn
        self.description = description
        self.descriptionEn = descriptionEn
    }

    static let fields: [Schema.Field] = [
        .required("category", CourseCategory.codeSchema, "Of all schools or the school's own"), .required("title", .string(1...100)),
        .optional("titleEn", .string(1...100)), .optional("description", .string(1...2_000)),
        .optional("descriptionEn", .string(1...2_000)),
    ]

    package static let schema = Schema.object("CourseBody", "What is said of a course", fields)
}

struct CourseList: Codable, Sendable, APIType {
    let items: [Course]
    let next: String?

    static let schema = SchoolSchema.list("CourseList", "A page of courses", of: Course.schema)
}
