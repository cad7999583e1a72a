package import HTTP
import Postgres
import Registry
package import Runtime

/// What a venue's device asks with somebody's code.
package struct RedemptionBody: Codable, Sendable, APIType {
    package var code: String
    package var pin: String?
    package var couponId: ID<Coupon>?
    package var spendFen: Int64
    package var requestId: String
    package var occurredAt: String

    package init(
        code: String, pin: String? = nil, couponId: ID<Coupon>? = nil, spendFen: Int64, requestId: String, occurredAt: String
    ) {
        self.code = code
        self.pin = pin
        self.couponId = couponId
        self.spendFen = spendFen
        self.requestId = requestId
        self.occurredAt = occurredAt
    }

    package static let schema = Schema.object(
        "RedemptionRequest", "A code shown at a venue",
        [
            .required(
                "code", .anySigns(0...1_024),
                "As read or typed: a member code (WS1:), a printed card (WC1:), a card's number (NFC: and its bytes), or a coupon's code"),
            .optional("pin", .string(0...16), "Typed with a card or number"),
            .optional("couponId", .id, "Absent: the one that can be used now whose last day is nearest"),
            .required("spendFen", .integer(0...100_000_000), "What the bill comes to; 0 for goods"),
            .required("requestId", .uuid, "Made by the device. The same request again gets the first answer, for ever"),
            .required("occurredAt", .dateTime, "When it was read, by the device's clock. Online the server's clock decides"),
        ])
}

/// Who stands at the counter, masked.
package struct RedemptionMember: Codable, Sendable {
    package let maskedName: String?
    package let maskedPhone: String?

    init(_ member: Member) {
        maskedName = member.person?.name.masked
        maskedPhone = member.person?.phone?.masked
    }

    static let schema = Schema.object(
        "RedemptionMember", "Who stands at the counter, masked",
        [
            .optional("maskedName", .string(1...10), "张*; absent once the person was forgotten"),
            .optional("maskedPhone", .string(11...11), "138****5678"),
        ])
}

package struct RedemptionCoupon: Codable, Sendable {
    package let id: ID<Coupon>
    package let campaignId: ID<CouponCampaign>
    package let title: String
    package let goods: String?
    package let faceFen: Int64

    static let schema = Schema.object(
        "RedemptionCoupon", "A coupon at a counter",
        [
            .required("id", .id), .required("campaignId", .id), .required("title", .string(1...100), "The campaign's"),
            .optional("goods", .string(1...100), "What is handed out; absent: money off the bill"),
            .required("faceFen", .integer(1...10_000_000), "What it is worth"),
        ])
}

/// When and where a coupon was used before.
package struct EarlierRedemption: Codable, Sendable {
    package let at: String
    package let venueName: String

    static let schema = Schema.object(
        "EarlierRedemption", "When and where it was used before", [.required("at", .dateTime), .required("venueName", .string(1...100))])
}

/// The answer at the counter.
package struct RedemptionAnswer: Codable, Sendable, APIType {
    package let outcome: VenueDecision.Outcome
    package let reasons: [CouponReasonAnswer]
    package let member: RedemptionMember?
    package let coupon: RedemptionCoupon?
    package let amountFen: Int64?
    package let chargedTo: CouponCampaignFacts.OfflineCharge?
    package let earlier: EarlierRedemption?
    package let decidedAt: String
    package let requestId: String

    package static let schema = Schema.object(
        "Redemption", "Whether a coupon is good here and now, or why not",
        [
            .required(
                "outcome", .oneOf(VenueDecision.Outcome.allCases.map(\.rawValue)),
                "redeemed_twice: taken without network when it was used elsewhere, or given back"),
            .required("reasons", CouponReasonAnswer.list, "Every reason that applies"),
            .optional("member", RedemptionMember.schema, "Whose code it is, on a refusal too; absent when the code is not valid"),
            .optional("coupon", RedemptionCoupon.schema, "Which coupon it is, or would be"),
            .optional("amountFen", .integer(0...10_000_000), "What comes off the bill"),
            .optional(
                "chargedTo", .oneOf(CouponCampaignFacts.OfflineCharge.allCases.map(\.rawValue)),
                "Who bears what was taken without network twice or beyond the allowance; absent: the union, as planned"),
            .optional("earlier", EarlierRedemption.schema, "Of a coupon used before"), .required("decidedAt", .dateTime),
            .required("requestId", .uuid, "As in the request, in lower case"),
        ])

    init(_ decided: VenueDecision.Decided, member: Member?, requestID: String, _ language: Language) {
        outcome = decided.outcome
        reasons = decided.reasons.map { CouponReasonAnswer($0, language) }
        self.member = member.map(RedemptionMember.init)
        coupon = decided.coupon.map {
            RedemptionCoupon(id: $0.id, campaignId: $0.campaignID, title: $0.title, goods: $0.goods, faceFen: $0.faceFen)
        }
        amountFen = decided.amountFen
        chargedTo = decided.chargedTo
        earlier = decided.earlier.map { EarlierRedemption(at: $0.at.description, venueName: $0.venueName) }
        decidedAt = decided.decidedAt.description
        requestId = requestID
    }
}

/// What was taken without network.
package struct RedemptionJournalBody: Codable, Sendable, APIType {
    package var items: [RedemptionBody]

    package init(items: [RedemptionBody]) { self.items = items }

    /// As many as one upload holds.
    package static let itemsMax = 200

    package static let schema = Schema.object(
        "RedemptionJournal", "What a device took without network, with the true times",
        [.required("items", .array(of: RedemptionBody.schema, 1...itemsMax))])
}

package struct RedemptionJournalAnswer: Codable, Sendable, APIType {
    package struct Item: Codable, Sendable {
        package let requestId: String
        /// The request id was used for something else: it is not recorded.
        package let isConflict: Bool
        package let redemption: RedemptionAnswer?

        static let schema = Schema.object(
            "RedemptionJournalItem", "What became of an item",
            [
                .required("requestId", .uuid, "In lower case"),
                .required("isConflict", .boolean, "The request id was used for something else: it is not recorded"),
                .optional("redemption", RedemptionAnswer.schema, "What was decided, now or before; absent on a conflict"),
            ])
    }

    package let items: [Item]

    package static let schema = Schema.object(
        "RedemptionJournalAnswer", "What became of each item, in their order; all of them are done with and need not be sent again",
        [.required("items", .array(of: Item.schema, 1...RedemptionJournalBody.itemsMax))])
}

/// A redemption taken back.
package struct UndoAnswer: Codable, Sendable, APIType {
    package let requestId: String
    package let wasTaken: Bool
    package let couponId: ID<Coupon>?
    package let amountFen: Int64?
    package let undoneAt: String

    package static let schema = Schema.object(
        "RedemptionUndone", "A redemption taken back; the same again gets the same answer",
        [
            .required("requestId", .uuid, "In lower case"),
            .required("wasTaken", .boolean, "False: it took nothing, or has not come and is never taken, should it come yet"),
            .optional("couponId", .id, "Usable again"), .optional("amountFen", .integer(0...10_000_000)),
            .required("undoneAt", .dateTime),
        ])
}
