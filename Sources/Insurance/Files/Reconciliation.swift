import HTTP
import Postgres
import Registry
import Runtime

/// What stands between an insurer and the union, for one batch.
struct ReconciliationLine: Codable, Sendable {
    let batchId: ID<InsuranceBatch>
    let title: String
    let size: Int64
    /// Policies that ever stood in a roster.
    let sent: Int64
    /// Policies that were ever issued, whatever became of them.
    let issued: Int64
    /// Of these, refused or returned afterwards.
    let givenBack: Int64
    /// Rejected, and not mended yet.
    let rejected: Int64
    /// Sent, and not answered yet.
    let outstanding: Int64
    /// The oldest roster that has some of these.
    let outstandingSinceRoster: Int32?
    let outstandingSince: String?
    let voidNumbers: Int64
    /// For every policy that was ever issued.
    let premiumsFen: Int64
    /// Of this, for those given back afterwards.
    let givenBackFen: Int64
    let claimsPaid: Int64
    let claimsPaidFen: Int64

    private static let count = Schema.integer(0...Int64.max)

    static let schema = Schema.object(
        "InsuranceReconciliationLine", "One batch",
        [
            .required("batchId", .id), .required("title", .string(1...100)), .required("size", count),
            .required("sent", count, "Policies that ever stood in a roster"),
            .required("issued", count, "Ever, whatever became of them"),
            .required("givenBack", count, "Of these, refused or returned after they were issued"),
            .required("rejected", count, "And not mended yet"), .required("outstanding", count, "Sent, and not answered yet"),
            .optional("outstandingSinceRoster", .integer(1...Int64(Int32.max)), "The oldest that has some of these"),
            .optional("outstandingSince", .dateTime, "When that one was made"), .required("voidNumbers", count),
            .required("premiumsFen", count, "For every policy that was ever issued"),
            .required("givenBackFen", count, "Of this, for those given back afterwards"), .required("claimsPaid", count),
            .required("claimsPaidFen", count),
        ])

    private static let titles = [
        "批次", "名称", "份数", "已投保", "已承保", "承保后退回", "被拒未补正", "待承保", "最早待承保名单", "名单时间", "作废号码", "应付保费（分）",
        "其中退回（分）", "已赔付件数", "已赔付（分）",
    ]

    private var cells: [String] {
        [
            "\(batchId)", title, "\(size)", "\(sent)", "\(issued)", "\(givenBack)", "\(rejected)", "\(outstanding)",
            outstandingSinceRoster.map { "\($0)" } ?? "", outstandingSince ?? "", "\(voidNumbers)", "\(premiumsFen)", "\(givenBackFen)",
            "\(claimsPaid)", "\(claimsPaidFen)",
        ]
    }

    static func csv(_ lines: [ReconciliationLine]) -> String {
        "\u{FEFF}" + CSVLine.text(titles) + lines.map { CSVLine.text($0.cells) }.joined()
    }
}

struct ReconciliationAnswer: Codable, Sendable, APIType {
    static let batchesMax = 10_000

    let items: [ReconciliationLine]

    static let schema = Schema.object(
        "InsuranceReconciliation", "What stands between an insurer and the union, batch by batch",
        [.required("items", .array(of: ReconciliationLine.schema, 0...batchesMax), "In the order of their numbers")])
}
