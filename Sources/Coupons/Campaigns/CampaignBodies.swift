import Crypto
import HTTP
import Postgres
import Programs
import Registry
import Runtime

/// What an organizer writes of a campaign.
struct CouponCampaignBody: Codable, Sendable, APIType {
    let organizationId: ID<Organization>
    let title: String
    let goods: String?
    let budgetFen: Int64
    let faceFen: Int64
    let minimumSpendFen: Int64?
    let firstOn: String
    let lastOn: String
    let weekdays: [Int32]?
    let from: String?
    let until: String?
    let timeZone: String?
    let cap: Int32?
    let offlineMax: Int32?
    let offlineCharge: CouponCampaignFacts.OfflineCharge?

    var facts: CouponCampaignFacts {
        func day(_ text: String) -> CalendarDate {
            guard let day = CalendarDate(text: text) else { preconditionFailure("the schema lets only days through") }
            return day
        }
        func minutes(_ time: String) -> Int32 { (Int32(time.prefix(2)) ?? 0) * 60 + (Int32(time.suffix(2)) ?? 0) }
        return CouponCampaignFacts(
            title: title, goods: goods, budgetFen: budgetFen, faceFen: faceFen, minimumSpendFen: minimumSpendFen ?? 0,
            window: CouponWindow(
                firstOn: day(firstOn), lastOn: day(lastOn), weekdays: weekdays ?? Array(1...7), fromMinute: from.map(minutes) ?? 0,
                toMinute: until.map(minutes) ?? 1_440, timeZone: timeZone ?? "Asia/Shanghai"),
            cap: cap ?? 1, offlineMax: offlineMax ?? 0, offlineCharge: offlineCharge ?? .venue)
    }

    static let time = Schema.string(
        5...5,
        pattern: Pattern("^([01][0-9]|2[0-3]):[0-5][0-9]$") { text in
            let bytes = Array(text)
            return bytes.count == 5 && bytes[2] == 0x3A && [0, 1, 3, 4].allSatisfy { (0x30...0x39).contains(bytes[$0]) }
                && (bytes[0] < 0x32 || bytes[0] == 0x32 && bytes[1] < 0x34) && bytes[3] < 0x36
        })

    static let schema = Schema.object(
        "CouponCampaignBody", "A campaign to be made, or what it is to be",
        [
            .required("organizationId", .id, "Who gives"), .required("title", .string(1...100)),
            .optional("goods", .string(1...100), "What is picked up; money off a bill when absent"),
            .required("budgetFen", .integer(1...100_000_000_000)),
            .required("faceFen", .integer(1...10_000_000), "What one coupon is worth; of goods, what they cost"),
            .optional("minimumSpendFen", .integer(0...100_000_000), "0 when absent"),
            .required("firstOn", .date, "From which day on a coupon is good"), .required("lastOn", .date, "To the end of which day"),
            .optional("weekdays", .array(of: .integer(1...7), 1...7), "1 for Monday; all when absent"),
            .optional("from", time, "From which time of day on; 00:00 when absent"),
            .optional("until", time, "Until which time of day; the day's end when absent"),
            .optional("timeZone", .string(1...64), "As in the tz database; Asia/Shanghai when absent"),
            .optional("cap", .integer(1...100), "Coupons that one person has of all rounds together; 1 when absent"),
            .optional("offlineMax", .integer(0...50), "Coupons that one device may take a day without network; 0 when absent"),
            .optional(
                "offlineCharge", .oneOf(CouponCampaignFacts.OfflineCharge.allCases.map(\.rawValue)),
                "Who bears one that was taken twice without network; venue when absent"),
        ])
}

/// Where coupons are: issued = held + redeemed + expired + returned, in coupons and in fen.
struct LedgerAnswer: Codable, Sendable {
    let issued: Int64
    let held: Int64
    let redeemed: Int64
    let expired: Int64
    let returned: Int64

    init(_ ledger: CouponLedger, times factor: Int64 = 1) {
        issued = Int64(ledger.issued) * factor
        held = Int64(ledger.held) * factor
        redeemed = Int64(ledger.redeemed) * factor
        expired = Int64(ledger.expired) * factor
        returned = Int64(ledger.returned) * factor
    }

    init(sum parts: [LedgerAnswer]) {
        issued = parts.reduce(0) { $0 + $1.issued }
        held = parts.reduce(0) { $0 + $1.held }
        redeemed = parts.reduce(0) { $0 + $1.redeemed }
        expired = parts.reduce(0) { $0 + $1.expired }
        returned = parts.reduce(0) { $0 + $1.returned }
    }

    private static let count = Schema.integer(0...1_000_000_000_000_000)

    static let schema = Schema.object(
        "CouponLedger", "Where they are: issued = held + redeemed + expired + returned",
        [
            .required("issued", count), .required("held", count, "Usable still"), .required("redeemed", count), .required("expired", count),
            .required("returned", count, "Given back unused"),
        ])
}

/// A campaign as organizers see it.
struct CouponCampaignAnswer: Codable, Sendable, APIType {
    let id: ID<CouponCampaign>
    let organizationId: ID<Organization>
    let title: String
    let goods: String?
    let budgetFen: Int64
    let plannedFen: Int64
    let faceFen: Int64
    let minimumSpendFen: Int64
    let firstOn: String
    let lastOn: String
    let weekdays: [Int32]
    let from: String
    let until: String
    let timeZone: String
    let cap: Int32
    let offlineMax: Int32
    let offlineCharge: CouponCampaignFacts.OfflineCharge
    let pausedAt: String?
    let pauseReason: String?

    init(_ campaign: CouponCampaign) {
        let facts = campaign.facts
        func time(_ minute: Int32) -> String {
            let (hours, minutes) = (String(100 + minute / 60).suffix(2), String(100 + minute % 60).suffix(2))
            return "\(hours):\(minutes)"
        }
        id = campaign.id
        organizationId = campaign.organizationID
        title = facts.title
        goods = facts.goods
        budgetFen = facts.budgetFen
        plannedFen = campaign.plannedFen
        faceFen = facts.faceFen
        minimumSpendFen = facts.minimumSpendFen
        firstOn = facts.window.firstOn.description
        lastOn = facts.window.lastOn.description
        weekdays = facts.window.weekdays
        from = time(facts.window.fromMinute)
        until = time(facts.window.toMinute)
        timeZone = facts.window.timeZone
        cap = facts.cap
        offlineMax = facts.offlineMax
        offlineCharge = facts.offlineCharge
        pausedAt = campaign.pausedAt?.description
        pauseReason = campaign.pauseReason
    }

    static let schema = Schema.object(
        "CouponCampaign", "A campaign of coupons",
        [
            .required("id", .id), .required("organizationId", .id), .required("title", .string(1...100)),
            .optional("goods", .string(1...100), "What is picked up; money off a bill when absent"),
            .required("budgetFen", .integer(1...100_000_000_000)),
            .required("plannedFen", .integer(0...100_000_000_000), "What the stock of all rounds is worth"),
            .required("faceFen", .integer(1...10_000_000)), .required("minimumSpendFen", .integer(0...100_000_000)),
            .required("firstOn", .date), .required("lastOn", .date), .required("weekdays", .array(of: .integer(1...7), 1...7)),
            .required("from", .string(5...5)), .required("until", .string(5...5), "24:00 is the day's end"),
            .required("timeZone", .string(1...64)), .required("cap", .integer(1...100)), .required("offlineMax", .integer(0...50)),
            .required("offlineCharge", .oneOf(CouponCampaignFacts.OfflineCharge.allCases.map(\.rawValue))),
            .optional("pausedAt", .dateTime), .optional("pauseReason", .string(1...500)),
        ])
}

struct CouponCampaignList: Codable, Sendable, APIType {
    let items: [CouponCampaignAnswer]
    let next: String?

    static let schema = Schema.object(
        "CouponCampaignList", "A page of campaigns",
        [.required("items", .array(of: CouponCampaignAnswer.schema, 0...200)), PageCursor.next])
}

/// Why.
struct PauseBody: Codable, Sendable, APIType {
    let reason: String

    static let schema = Schema.object(
        "CouponPauseBody", "Why", [.required("reason", .string(1...500), "Members are told; no personal data")])
}
