package import HTTP
import Postgres
import Registry
package import Runtime

/// What a campaign's venues are owed for a period.
package enum CouponSettlement {}

package struct SettlementBody: Codable, Sendable, APIType {
    package var from: String
    package var until: String

    package init(from: String, until: String) {
        self.from = from
        self.until = until
    }

    package static let schema = Schema.object(
        "SettlementPeriod", "A period to be settled",
        [
            .required("from", .dateTime, "What was recorded from then on"),
            .required("until", .dateTime, "And before then: at least 15 minutes ago"),
        ])
}

package struct SettlementAnswer: Codable, Sendable, APIType {
    package let id: ID<CouponSettlement>
    package let campaignId: ID<CouponCampaign>
    package let from: String
    package let until: String
    package let redemptions: Int32
    package let owedFen: Int64
    package let sha256: String
    package let createdBy: String
    package let createdAt: String

    package static let schema = Schema.object(
        "Settlement", "What a campaign's venues are owed for a period; its file says it by venue",
        [
            .required("id", .id), .required("campaignId", .id), .required("from", .dateTime), .required("until", .dateTime),
            .required("redemptions", .integer(0...Int64(Int32.max))), .required("owedFen", .integer(-Int64.max...Int64.max)),
            .required("sha256", .string(64...64), "Of the file, hexadecimal"), .required("createdBy", .string(1...100)),
            .required("createdAt", .dateTime),
        ])
}

package struct SettlementList: Codable, Sendable, APIType {
    package let items: [SettlementAnswer]
    package let next: String?

    package static let schema = Schema.object(
        "SettlementList", "A campaign's settlements in order of their numbers",
        [.required("items", .array(of: SettlementAnswer.schema, 0...200)), PageCursor.next])
}

package struct SettlementPreview: Codable, Sendable, APIType {
    package let from: String
    package let until: String
    package let lines: [SettlementLine]
    package let sum: SettlementLine

    package static let schema = Schema.object(
        "SettlementPreview", "What a settlement of the period would say now",
        [
            .required("from", .dateTime), .required("until", .dateTime),
            .required("lines", .array(of: SettlementLine.schema, 0...10_000), "By venue"), .required("sum", SettlementLine.schema),
        ])
}
