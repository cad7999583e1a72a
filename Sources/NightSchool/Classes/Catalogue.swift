package import HTTP
package import Runtime

/// A term's courses with their classes, brought in at once.
package struct CatalogueBody: Codable, Sendable, APIType {
    /// A course with the classes in which it is taught.
    package struct Entry: Codable, Sendable {
        package var course: CourseBody
        package var classes: [SchoolClassFacts]

        private enum CodingKeys: String, CodingKey { case classes }

        package init(course: CourseBody, classes: [SchoolClassFacts]) {
            self.course = course
            self.classes = classes
        }

        package init(from decoder: any Decoder) throws {
            course = try CourseBody(from: decoder)
            classes = try decoder.container(keyedBy: CodingKeys.self).decode([SchoolClassFacts].self, forKey: .classes)
        }

        package func encode(to encoder: any Encoder) throws {
            try course.encode(to: encoder)
            var box = encoder.container(keyedBy: CodingKeys.self)
            try box.encode(classes, forKey: .classes)
        }
    }

    package var courses: [Entry]
    /// Whether all classes are shown to everybody at once; drafts otherwise.
    package var publish: Bool?

    package init(courses: [Entry], publish: Bool? = nil) {
        self.courses = courses
        self.publish = publish
    }

    private static let classSchema = Schema.object("CatalogueClass", "A class of the course in the term", SchoolClassFacts.fields)
    private static let entry = Schema.object(
        "CatalogueCourse", "A course with its classes",
        CourseBody.fields + [.required("classes", .array(of: classSchema, 1...50))])

    package static let schema = Schema.object(
        "CatalogueBody", "A term's courses with their classes",
        [
            .required("courses", .array(of: entry, 1...500)),
            .optional("publish", .boolean, "Whether all classes are shown to everybody at once; drafts otherwise"),
        ])
}

/// What was brought in.
package struct CatalogueAnswer: Codable, Sendable, APIType {
    package let courses: Int
    package let classes: Int
    package let lessons: Int
    /// In the order of the body.
    package let courseIds: [ID<Course>]
    package let classIds: [ID<SchoolClass>]

    package static let schema = Schema.object(
        "CatalogueAnswer", "What was brought in",
        [
            .required("courses", .integer(1...500)), .required("classes", .integer(1...25_000)),
            .required("lessons", .integer(1...10_000_000)), .required("courseIds", .array(of: .id, 1...500), "In the order of the body"),
            .required("classIds", .array(of: .id, 1...25_000), "In the order of the body"),
        ])
}
