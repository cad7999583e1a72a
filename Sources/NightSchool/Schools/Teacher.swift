package import HTTP
package import Postgres
package import Registry
package import Runtime

/// Who teaches: of the staff, or of the pool of visiting experts.
package struct Teacher: Codable, Hashable, Sendable, APIType {
    package enum Kind: String, Codable, CaseIterable, Sendable {
        case staff
        case expert
    }

    /// A term of office (聘期), both days included; open-ended without the last one.
    package struct Office: Codable, Hashable, Sendable {
        package var from: CalendarDate
        package var to: CalendarDate?

        package init(from: CalendarDate, to: CalendarDate? = nil) {
            self.from = from
            self.to = to
        }

        func contains(_ day: CalendarDate) -> Bool { from <= day && to.map { day <= $0 } ?? true }

        static let schema = Schema.object(
            "TeacherOffice", "A term of office", [.required("from", .date), .optional("to", .date, "The last day; absent: open")])
    }

    package let id: ID<Teacher>
    package let organizationId: ID<Organization>
    package let kind: Kind
    package let name: String
    package let introduction: String?
    package let memberId: ID<Member>?
    package let offices: [Office]
    package let version: Int32

    package static let schema = Schema.object(
        "Teacher", "Who teaches: the name is public",
        [.required("id", .id), .required("version", SchoolSchema.version)] + TeacherBody.fields)
}

/// What an organizer says of a teacher.
package struct TeacherBody: Codable, Sendable, APIType {
    package var organizationId: ID<Organization>
    package var kind: Teacher.Kind
    package var name: String
    package var introduction: String?
    package var memberId: ID<Member>?
    package var offices: [Teacher.Office]

    static let fields: [Schema.Field] = [
        .required("organizationId", .id, "Its schools and those of the organizations below may have them teach; cannot be changed later"),
        .required("kind", .oneOf(Teacher.Kind.allCases.map(\.rawValue))),
        .required("name", .string(1...40), "Stands in the public catalogue"),
        .optional("introduction", .string(1...1_000), "Public, too"), .optional("memberId", .id, "The same person in the register"),
        .required("offices", .array(of: Teacher.Office.schema, 1...50), "Days on which they may teach"),
    ]

    package static let schema = Schema.object("TeacherBody", "What is said of a teacher", fields)

    func faults() -> [Violation] {
        var faults: [Violation] = []
        for (index, office) in offices.enumerated() {
            if let to = office.to, to < office.from {
                faults.append(
                    Violation("school.office_reversed", pointer: "/offices/\(index)/to", zh: "聘期结束早于开始", en: "It ends before it begins"))
            }
            let isTwice = offices[..<index].contains { other in
                // One that is reversed has no days to overlap.
                (other.to.map { $0 >= office.from && $0 >= other.from } ?? true)
                    && (office.to.map { $0 >= other.from && $0 >= office.from } ?? true)
            }
            if isTwice {
                faults.append(
                    Violation("school.offices_overlap", pointer: "/offices/\(index)", zh: "聘期重叠", en: "It overlaps one before it"))
            }
        }
        return faults
    }
}

struct TeacherList: Codable, Sendable, APIType {
    let items: [Teacher]
    let next: String?

    static let schema = SchoolSchema.list("TeacherList", "A page of teachers", of: Teacher.schema)
}
