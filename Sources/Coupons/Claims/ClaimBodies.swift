import FoundationEssentials
import HTTP
import Postgres
import Registry
import Runtime

/// A claim, as a member's phone makes it.
struct ClaimBody: Codable, Sendable, APIType, DirectlyReadable {
    let requestId: String
    let venueId: ID<Venue>?

    init?(from json: inout JSONReader) {
        var (requestID, venueID): (String?, ID<Venue>?)
        let isRead = json.object { key, json in
            switch key {
            case "requestId" where requestID == nil: requestID = json.string()
            case "venueId" where venueID == nil: venueID = json.integer().map { ID($0) }
            default: return false
            }
            return key == "requestId" ? requestID != nil : venueID != nil
        }
        guard isRead, let requestID else { return nil }
        (requestId, venueId) = (requestID, venueID)
    }

    static let schema = Schema.object(
        "CouponClaimBody", "A claim on a coupon",
        [
            .required("requestId", .uuid, "Made by the phone. The same claim again gets the same coupon"),
            .optional("venueId", .id, "Of goods: where they are to be picked up"),
        ])
}

/// Why a claim gets nothing.
struct ClaimReasonAnswer: Codable, Hashable, Sendable {
    let code: String
    let text: String

    static let schema = Schema.object(
        "CouponClaimReason", "Why not",
        [
            .required("code", .oneOf(ClaimReason.allCases.map(\.rawValue)), "Stable"),
            .required("text", .string(1...1_000), "In the language asked for"),
        ])
}

/// How a claim went.
struct ClaimAnswer: Codable, Sendable, APIType, DirectJSON {
    let roundId: ID<CouponRound>
    let requestId: String
    let result: ClaimResult
    let reasons: [ClaimReasonAnswer]
    let couponId: ID<Coupon>?
    let claimedAt: String?
    let ticket: String?

    /// Nil for an outcome that is a problem.
    /// - Parameter ticket: of a claim that waited for the shuffle.
    init?(_ outcome: CouponClaim.Outcome, round: ID<CouponRound>, request: UUID, ticket: String? = nil, _ language: Language) {
        roundId = round
        self.ticket = ticket
        requestId = request.requestIDText
        switch outcome {
        case .won(let id, let at): (result, reasons, couponId, claimedAt) = (.won, [], id, at.description)
        case .pending(let since): (result, reasons, couponId, claimedAt) = (.pending, [], nil, since.description)
        case .refused(let reasons):
            result = ClaimResult(reasons)
            self.reasons = reasons.map { ClaimReasonAnswer(code: $0.code, text: $0.detail[language]) }
            (couponId, claimedAt) = (nil, nil)
        case .roundUnknown, .memberUnknown, .conflict: return nil
        }
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            json.member("claimedAt", claimedAt)
            if let couponId { json.member("couponId", couponId.rawValue) }
            json.member(
                "reasons",
                elements: { json in
                    for reason in reasons {
                        json.object { json in
                            json.member("code", reason.code)
                            json.member("text", reason.text)
                        }
                    }
                })
            json.member("requestId", requestId)
            json.member("result", result.rawValue)
            json.member("roundId", roundId.rawValue)
            json.member("ticket", ticket)
        }
    }

    static let schema = Schema.object(
        "CouponClaim", "How a claim went; every answer but pending is final",
        [
            .required("roundId", .id), .required("requestId", .uuid, "As in the request, in lower case"),
            .required("result", .oneOf(ClaimResult.allCases.map(\.rawValue))),
            .required(
                "reasons", .array(of: ClaimReasonAnswer.schema, 0...64), "Every reason that applies; none when won or pending"),
            .optional("couponId", .id, "Of who won"), .optional("claimedAt", .dateTime, "Of who won or waits"),
            .optional("ticket", .string(16...16), "Of who waited for a shuffle, when asked for: where to look in what is published of it"),
        ])
}

/// A coupon as its person sees it.
struct OwnCouponAnswer: Codable, Sendable, APIType {
    let id: ID<Coupon>
    let roundId: ID<CouponRound>
    let campaignId: ID<CouponCampaign>
    let title: String
    let goods: String?
    let state: Coupon.State
    let faceFen: Int64
    let minimumSpendFen: Int64
    let firstOn: String
    let lastOn: String
    let weekdays: [Int32]
    let from: String
    let until: String
    let timeZone: String
    let venue: OwnVenueAnswer?
    let claimedAt: String
    let changedAt: String

    static let schema = Schema.object(
        "OwnCoupon", "A coupon of yours",
        [
            .required("id", .id), .required("roundId", .id), .required("campaignId", .id), .required("title", .string(1...100)),
            .optional("goods", .string(1...100), "What is picked up; money off a bill when absent"),
            .required("state", .oneOf(Coupon.State.allCases.map(\.rawValue)), "claimed, annulled and refunded ones are usable"),
            .required("faceFen", .integer(1...10_000_000)), .required("minimumSpendFen", .integer(0...100_000_000)),
            .required("firstOn", .date), .required("lastOn", .date), .required("weekdays", .array(of: .integer(1...7), 1...7)),
            .required("from", .string(5...5)), .required("until", .string(5...5)), .required("timeZone", .string(1...64)),
            .optional("venue", OwnVenueAnswer.schema, "Of goods: where they are picked up"), .required("claimedAt", .dateTime),
            .required("changedAt", .dateTime),
        ])
}

struct OwnCouponList: Codable, Sendable, APIType {
    let items: [OwnCouponAnswer]

    static let schema = Schema.object(
        "OwnCouponList", "The newest first, at most 200", [.required("items", .array(of: OwnCouponAnswer.schema, 0...200))])
}

/// A venue as members see it.
struct OwnVenueAnswer: Codable, Sendable, APIType {
    let id: ID<Venue>
    let name: String
    let address: String
    let latitude: Double?
    let longitude: Double?
    let leftAtLeast: Int32?

    static let schema = Schema.object(
        "OwnCouponVenue", "Where coupons are good",
        [
            .required("id", .id), .required("name", .string(1...100)), .required("address", .string(1...200)),
            .optional("latitude", .number(-90...90)), .optional("longitude", .number(-180...180)),
            .optional("leftAtLeast", .integer(0...10_000_000), "Of goods: so many are left at the least; 0: none"),
        ])
}

struct OwnVenueList: Codable, Sendable, APIType {
    let items: [OwnVenueAnswer]

    static let schema = Schema.object(
        "OwnCouponVenueList", "By name, at most 500", [.required("items", .array(of: OwnVenueAnswer.schema, 0...500))])
}

/// A round as members see it.
struct OwnRoundAnswer: Codable, Sendable, APIType {
    /// By the service's clock.
    enum Phase: String, Codable, CaseIterable, Sendable {
        case notOpen = "not_open"
        case open, paused
        case soldOut = "sold_out"
        case ended
    }

    let id: ID<CouponRound>
    let campaignId: ID<CouponCampaign>
    let number: Int32
    let title: String
    let goods: String?
    let mode: FairnessMode
    let equalStartSeconds: Int32?
    let faceFen: Int64
    let minimumSpendFen: Int64
    let opensAt: String
    let closesAt: String
    let phase: Phase
    let pauseReason: String?
    let leftAtLeast: Int32
    let cap: Int32
    let own: Int32
    let isWaiting: Bool
    /// Filled in by `RoundEligibility`.
    var eligible = true
    var reason: ClaimReasonAnswer?
    let rulesHash: String
    let commitment: String?
    let serverTime: String

    static let schema = Schema.object(
        "OwnCouponRound", "A round, to be raced for",
        [
            .required("id", .id), .required("campaignId", .id), .required("number", .integer(1...1_000)),
            .required("title", .string(1...100)), .optional("goods", .string(1...100)),
            .required("mode", .oneOf(FairnessMode.allCases.map(\.rawValue))), .optional("equalStartSeconds", .integer(1...3_600)),
            .required("faceFen", .integer(1...10_000_000)), .required("minimumSpendFen", .integer(0...100_000_000)),
            .required("opensAt", .dateTime), .required("closesAt", .dateTime), .required("phase", .oneOf(Phase.allCases.map(\.rawValue))),
            .optional("pauseReason", .string(1...500)),
            .required("leftAtLeast", .integer(0...10_000_000), "So many are left at the least, in steps; 0: none"),
            .required("cap", .integer(1...100)), .required("own", .integer(0...100), "Coupons of this round that you have"),
            .required("isWaiting", .boolean, "Whether a claim of yours waits for the shuffle or the draw"),
            .required("eligible", .boolean, "Whether the round is for you, whatever is left of it and whatever you have"),
            .optional("reason", ClaimReasonAnswer.schema, "Why it is not: the first reason"),
            .required("rulesHash", .string(64...64)), .optional("commitment", .string(64...64)),
            .required("serverTime", .dateTime, "Count down by this clock, whatever the phone's says"),
        ])
}

struct OwnRoundList: Codable, Sendable, APIType {
    let items: [OwnRoundAnswer]

    static let schema = Schema.object(
        "OwnCouponRoundList", "Those that open next first, at most 100", [.required("items", .array(of: OwnRoundAnswer.schema, 0...100))])
}

/// What is shown of a stock: a floor of it, so that a glance is honest and nobody counts others' claims by it.
enum StockBucket {
    private static let steps: [Int32] = [0, 1, 10, 50, 100, 500, 1_000, 5_000, 10_000, 50_000, 100_000, 500_000, 1_000_000, 5_000_000]

    static func floor(_ left: Int32) -> Int32 { steps.last { $0 <= left } ?? 0 }
}
