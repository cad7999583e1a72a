package import HTTP
import Registry

/// What figures are broken down by.
package enum CheckupGrouping: String, CaseIterable, Sendable {
    case campaignClass = "class"
    case floor, organization, session
}

extension CheckupGrouping: ParameterValue {}

/// People, counted.
package struct CheckupFigures: Codable, Hashable, Sendable {
    package let key: String
    package let name: String
    package let applied: Int64
    package let placed: Int64
    package let confirmed: Int64
    package let attended: Int64
    package let noShow: Int64

    private static let count = Schema.integer(0...Int64.max)

    static let schema = Schema.object(
        "CheckupFigures", "People, counted",
        [
            .required(
                "key", .string(0...64),
                "class: its place in the order, from 1; floor: the group's place; organization: its id; session: its number; walk_in: who "
                    + "came without having applied; none: in no floor's group; empty: the total"),
            .required("name", .string(0...200)),
            .required("applied", count, "Applications that stand; of a session, wishes for it"),
            .required("placed", count, "Were given a place, whatever became of it"),
            .required("confirmed", count, "Confirmed it"),
            .required("attended", count, "Were there"),
            .required("noShow", count, "Were not, without a word"),
        ])
}

/// Figures of a campaign.
package struct CheckupReport: Codable, Sendable, APIType {
    package let by: String
    package let total: CheckupFigures
    package let items: [CheckupFigures]

    package static let schema = Schema.object(
        "CheckupReport", "Figures of a campaign",
        [
            .required("by", .oneOf(CheckupGrouping.allCases.map(\.rawValue))),
            .required("total", CheckupFigures.schema, "Each person once, however the items overlap"),
            .required("items", .array(of: CheckupFigures.schema, 0...100_000)),
        ])

    /// For a spreadsheet: with a byte order mark, and nothing in it that would be run.
    var csv: String {
        var text = "\u{FEFF}" + CSVLine.text(["编号", "名称", "报名", "获得名额", "确认", "到检", "未到"])
        for line in items + [total] {
            let counts = [line.applied, line.placed, line.confirmed, line.attended, line.noShow].map(String.init)
            text += CSVLine.text([line.key, line.key.isEmpty ? "合计" : line.name] + counts)
        }
        return text
    }
}
