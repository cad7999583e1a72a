package import HTTP
package import Postgres
package import Registry
package import Runtime

/// A night school of an organization (职工夜校).
package struct School: Codable, Hashable, Sendable, APIType {
    package let id: ID<School>
    package let organizationId: ID<Organization>
    package let name: String
    package let timeZone: String
    /// Grows with every change; the ETag.
    package let version: Int32

    package static let schema = Schema.object(
        "School", "A night school",
        [
            .required("id", .id), .required("organizationId", .id), .required("name", .string(1...100)),
            .required("timeZone", .oneOf(["Asia/Shanghai"])), .required("version", SchoolSchema.version),
        ])
}

/// What an organizer says of a school.
package struct SchoolBody: Codable, Sendable, APIType {
    package var organizationId: ID<Organization>
    package var name: String

    package static let schema = Schema.object(
        "SchoolBody", "What is said of a school",
        [.required("organizationId", .id, "Whose it is; cannot be changed later"), .required("name", .string(1...100))])
}

/// Forms that many of the feature's schemas share.
enum SchoolSchema {
    static let version = Schema.integer(1...Int64(Int32.max)).described("Grows with every change")

    static func list(_ name: String, _ summary: String, of item: Schema) -> Schema {
        .object(name, summary, [.required("items", .array(of: item, 0...200)), PageCursor.next])
    }
}

/// A page of a list.
struct SchoolList: Codable, Sendable, APIType {
    let items: [School]
    let next: String?

    static let schema = SchoolSchema.list("SchoolList", "A page of schools", of: School.schema)
}

// MARK: Terms

/// A season of classes (学期).
package struct SchoolTerm: Codable, Hashable, Sendable, APIType {
    /// A day without lessons.
    package struct Holiday: Codable, Hashable, Sendable {
        package var on: CalendarDate
        package var name: String

        package init(on: CalendarDate, name: String) {
            self.on = on
            self.name = name
        }

        static let schema = Schema.object(
            "SchoolHoliday", "A day without lessons", [.required("on", .date), .required("name", .string(1...40))])
    }

    package let id: ID<SchoolTerm>
    package let schoolId: ID<School>
    package let name: String
    package let startsOn: CalendarDate
    package let endsOn: CalendarDate
    package let enrolmentCap: Int32?
    package let offerHours: Int32
    package let holidays: [Holiday]
    package let version: Int32

    package var days: TermDays { TermDays(first: startsOn, last: endsOn, holidays: Set(holidays.map(\.on))) }

    package static let schema = Schema.object(
        "SchoolTerm", "A season of classes",
        [.required("id", .id), .required("schoolId", .id), .required("version", SchoolSchema.version)] + SchoolTermBody.fields)
}

/// What an organizer says of a term.
package struct SchoolTermBody: Codable, Sendable, APIType {
    package var name: String
    package var startsOn: CalendarDate
    package var endsOn: CalendarDate
    package var enrolmentCap: Int32?
    package var offerHours: Int32?
    package var holidays: [SchoolTerm.Holiday]?

    static let fields: [Schema.Field] = [
        .required("name", .string(1...100)), .required("startsOn", .date), .required("endsOn", .date, "The last day"),
        .optional("enrolmentCap", .integer(1...50), "Classes of the term that one member has a seat in at most; absent: any number"),
        .optional("offerHours", .integer(1...336), "How long a seat that came free is kept for whom it is offered to; absent: 24"),
        .optional("holidays", .array(of: SchoolTerm.Holiday.schema, 0...200), "Days without lessons"),
    ]

    package static let schema = Schema.object("SchoolTermBody", "What is said of a term", fields)

    func faults() -> [Violation] {
        var faults: [Violation] = []
        if !(0...399).contains(endsOn.daysSince1970 - startsOn.daysSince1970) {
            faults.append(Violation("school.term_days_invalid", pointer: "/endsOn", zh: "学期为 1 至 400 天", en: "A term has 1 to 400 days"))
        }
        var known: Set<CalendarDate> = []
        for (index, holiday) in (holidays ?? []).enumerated() {
            if holiday.on < startsOn || holiday.on > endsOn {
                faults.append(
                    Violation(
                        "school.holiday_outside_term", pointer: "/holidays/\(index)/on", zh: "停课日不在学期内",
                        en: "The day is not within the term"))
            }
            if !known.insert(holiday.on).inserted {
                faults.append(
                    Violation("school.holiday_twice", pointer: "/holidays/\(index)/on", zh: "停课日重复", en: "The day is given twice"))
            }
        }
        return faults
    }
}

struct SchoolTermList: Codable, Sendable, APIType {
    let items: [SchoolTerm]
    let next: String?

    static let schema = SchoolSchema.list("SchoolTermList", "A page of terms", of: SchoolTerm.schema)
}
