import HTTP
package import Postgres
import Registry
package import Runtime

/// What one venue did in a period, and what it is owed: all that was recorded in it, whenever it happened.
package struct SettlementLine: Codable, Hashable, Sendable {
    /// How many, and what they are worth together.
    package struct Count: Codable, Hashable, Sendable {
        package let count: Int64
        package let fen: Int64

        package static let zero = Count(count: 0, fen: 0)

        static func + (left: Count, right: Count) -> Count { Count(count: left.count + right.count, fen: left.fen + right.fen) }

        static let schema = Schema.object(
            "SettlementCount", "How many, and what they are worth together",
            [.required("count", .integer(0...1_000_000_000)), .required("fen", .integer(0...Int64.max))])
    }

    /// Nil in the sum of all.
    package let venueId: ID<Venue>?
    package let venueName: String
    package let redeemed: Count
    package let annulled: Count
    package let refunded: Count
    /// Taken twice without network, at the venue's or at the union's cost.
    package let twiceByVenue: Count
    package let twiceByUnion: Count
    /// Among those redeemed: beyond what a device may take without network, at the venue's cost; less those of them taken back.
    package let beyondAllowance: Count
    package let beyondAllowanceUndone: Count

    /// What the union pays. Below 0 where more was taken back than redeemed.
    package let owedFen: Int64

    package init(
        venueId: ID<Venue>?, venueName: String, redeemed: Count = .zero, annulled: Count = .zero, refunded: Count = .zero,
        twiceByVenue: Count = .zero, twiceByUnion: Count = .zero, beyondAllowance: Count = .zero, beyondAllowanceUndone: Count = .zero
    ) {
        self.venueId = venueId
        self.venueName = venueName
        self.redeemed = redeemed
        self.annulled = annulled
        self.refunded = refunded
        self.twiceByVenue = twiceByVenue
        self.twiceByUnion = twiceByUnion
        self.beyondAllowance = beyondAllowance
        self.beyondAllowanceUndone = beyondAllowanceUndone
        owedFen =
            redeemed.fen - annulled.fen - refunded.fen + twiceByUnion.fen - beyondAllowance.fen + beyondAllowanceUndone.fen
    }

    static let schema = Schema.object(
        "SettlementLine", "What a venue did in a period, and what it is owed",
        [
            .optional("venueId", .id, "Absent in the sum of all"), .required("venueName", .string(0...100)),
            .required("redeemed", Count.schema), .required("annulled", Count.schema), .required("refunded", Count.schema),
            .required("twiceByVenue", Count.schema, "Taken without network when used elsewhere: borne by the venue"),
            .required("twiceByUnion", Count.schema, "The same, paid by the union"),
            .required("beyondAllowance", Count.schema, "Among those redeemed: more than a device may take without network; not paid"),
            .required("beyondAllowanceUndone", Count.schema, "Among those annulled or refunded: of them"),
            .required("owedFen", .integer(-Int64.max...Int64.max), "Below 0 where more was taken back than redeemed"),
        ])

    /// The sum of all lines.
    package static func sum(_ lines: [SettlementLine]) -> SettlementLine {
        lines.reduce(SettlementLine(venueId: nil, venueName: "合计")) { sum, line in
            SettlementLine(
                venueId: nil, venueName: sum.venueName, redeemed: sum.redeemed + line.redeemed, annulled: sum.annulled + line.annulled,
                refunded: sum.refunded + line.refunded, twiceByVenue: sum.twiceByVenue + line.twiceByVenue,
                twiceByUnion: sum.twiceByUnion + line.twiceByUnion, beyondAllowance: sum.beyondAllowance + line.beyondAllowance,
                beyondAllowanceUndone: sum.beyondAllowanceUndone + line.beyondAllowanceUndone)
        }
    }
}

/// The sheet that is paid by: a line for each venue and their sum, for a spreadsheet, with a byte order mark and nothing in it that would
/// be run. The same period of the same events is the same bytes.
package enum SettlementFile {
    package static func bytes(title: String, from: Timestamp, until: Timestamp, _ lines: [SettlementLine]) -> [UInt8] {
        var text = "\u{FEFF}" + CSVLine.text(["活动", title, "期间（不含止）", from.description, until.description])
        text += CSVLine.text([
            "商户编号", "商户", "核销笔数", "核销金额（元）", "撤销笔数", "撤销金额（元）", "退券笔数", "退券金额（元）", "重复核销笔数（商户承担）",
            "重复核销金额（商户承担，元）", "重复核销笔数（工会承担）", "重复核销金额（工会承担，元）", "超离线额度笔数（商户承担）", "超离线额度金额（商户承担，元）",
            "应付金额（元）",
        ])
        for line in lines + [SettlementLine.sum(lines)] { text += row(line) }
        return Array(text.utf8)
    }

    private static func row(_ line: SettlementLine) -> String {
        // Only the name is somebody's text; numbers stay numbers, those below 0 too.
        var cells = [line.venueId.map { "\($0)" } ?? "", CSVLine.cell(line.venueName)]
        for count in [line.redeemed, line.annulled, line.refunded, line.twiceByVenue, line.twiceByUnion] {
            cells += ["\(count.count)", yuan(count.fen)]
        }
        cells += ["\(line.beyondAllowance.count - line.beyondAllowanceUndone.count)"]
        cells += [yuan(line.beyondAllowance.fen - line.beyondAllowanceUndone.fen), yuan(line.owedFen)]
        return cells.joined(separator: ",") + "\r\n"
    }

    /// `-12.05`
    package static func yuan(_ fen: Int64) -> String {
        let cents = fen.magnitude % 100
        return "\(fen < 0 ? "-" : "")\(fen.magnitude / 100).\(cents < 10 ? "0" : "")\(cents)"
    }
}
