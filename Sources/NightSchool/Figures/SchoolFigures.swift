import HTTP
import Registry

/// What a term's figures are broken down by.
enum SchoolGrouping: String, CaseIterable, Sendable {
    case category, course
    case schoolClass = "class"
    case lesson
    case workerKind = "worker_kind"
}

extension SchoolGrouping: ParameterValue {}

/// Seats, persons and marks of a term or a part of it, counted.
struct SchoolFigures: Codable, Hashable, Sendable {
    let key: String
    let name: String
    let classes: Int64
    let capacity: Int64
    let seated: Int64
    let waiting: Int64
    let wanted: Int64
    let unmet: Int64
    let lessons: Int64
    let attended: Int64
    let late: Int64
    let excused: Int64
    let absent: Int64
    let guests: Int64
    /// Seated of 100 seats; nil without seats.
    let fillPercent: Int64?
    /// Of 100 marks those that came, the excused left out; nil without marks.
    let attendancePercent: Int64?

    private static let count = Schema.integer(0...Int64.max)

    static let schema = Schema.object(
        "SchoolFigures", "Seats, persons and marks, counted",
        [
            .required(
                "key", .string(0...64),
                "category: its code; course, class: the id; lesson: class and number, as 12.3; worker_kind: the code; empty: the total"),
            .required("name", .string(0...250)), .required("classes", count, "Published and not cancelled; of a worker kind none"),
            .required("capacity", count, "Seats; of a worker kind none"),
            .required("seated", count, "Seats taken; of a worker kind, of a lesson: persons"),
            .required("waiting", count, "Persons who wait or whose seats are still to be drawn"),
            .required("wanted", count, "Persons who asked for one of it"),
            .required("unmet", count, "Of those: who never had a seat nor an offer of one"),
            .required("lessons", count, "Lessons with marks"), .required("attended", count, "In time"), .required("late", count),
            .required("excused", count, "Said so in time"), .required("absent", count, "Without a word"),
            .required("guests", count, "Came on a seat that was lent"),
            .optional("fillPercent", .integer(0...100), "Seated of 100 seats"),
            .optional("attendancePercent", .integer(0...100), "Who came, of 100 marks without the excused"),
        ])
}

/// How a term went.
struct SchoolReport: Codable, Sendable, APIType {
    let by: String
    let total: SchoolFigures
    let items: [SchoolFigures]

    static let schema = Schema.object(
        "SchoolReport", "How a term went",
        [
            .required("by", .oneOf(SchoolGrouping.allCases.map(\.rawValue))),
            .required("total", SchoolFigures.schema, "Each person once, however the items overlap"),
            .required("items", .array(of: SchoolFigures.schema, 0...100_000), "In the order of their keys"),
        ])

    /// For a spreadsheet: with a byte order mark, and nothing in it that would be run.
    var csv: String {
        let names = [
            "编号", "名称", "班级", "名额", "录取", "候补", "报名", "未满足", "课次", "到课", "迟到", "请假", "缺勤", "旁听", "满员率", "到课率",
        ]
        var text = "\u{FEFF}" + CSVLine.text(names)
        for line in items + [total] {
            let counts = [
                line.classes, line.capacity, line.seated, line.waiting, line.wanted, line.unmet, line.lessons, line.attended, line.late,
                line.excused, line.absent, line.guests,
            ].map(String.init)
            let percents = [line.fillPercent, line.attendancePercent].map { $0.map { "\($0)%" } ?? "" }
            text += CSVLine.text([line.key, line.key.isEmpty ? "合计" : line.name] + counts + percents)
        }
        return text
    }
}
