package import HTTP
package import Postgres
package import Registry
package import Runtime

/// Coupons of one kind, given away in rounds within one budget (消费券活动).
package struct CouponCampaign: Sendable {
    package let id: ID<CouponCampaign>
    package let organizationID: ID<Organization>
    /// Grows with every change; the ETag.
    package let version: Int32
    package let facts: CouponCampaignFacts
    /// What the stock of all rounds is worth.
    package let plannedFen: Int64
    package let pausedAt: Timestamp?
    package let pauseReason: String?
    package let endedAt: Timestamp?
    package let createdBy: String
}

/// What an organizer says of a campaign.
package struct CouponCampaignFacts: Hashable, Sendable {
    package var title: String
    /// What is picked up, of goods; nil: money off a bill.
    package var goods: String?
    package var budgetFen: Int64
    /// What one coupon is worth; of goods, what they cost the union.
    package var faceFen: Int64
    package var minimumSpendFen: Int64
    package var window: CouponWindow
    /// Coupons that one person has of all rounds together, 1 to 100.
    package var cap: Int32
    /// Coupons that one venue's device may take a day without network, 0 to 50.
    package var offlineMax: Int32
    package var offlineCharge: OfflineCharge

    /// Who bears a coupon that was taken twice without network.
    package enum OfflineCharge: String, Codable, CaseIterable, Sendable {
        /// The venue that told later.
        case venue
        case union
    }

    package init(
        title: String, goods: String? = nil, budgetFen: Int64, faceFen: Int64, minimumSpendFen: Int64 = 0, window: CouponWindow,
        cap: Int32 = 1, offlineMax: Int32 = 0, offlineCharge: OfflineCharge = .venue
    ) {
        self.title = title
        self.goods = goods
        self.budgetFen = budgetFen
        self.faceFen = faceFen
        self.minimumSpendFen = minimumSpendFen
        self.window = window
        self.cap = cap
        self.offlineMax = offlineMax
        self.offlineCharge = offlineCharge
    }

    /// What is wrong with it as a whole; its parts were checked by the schema.
    package func faults(at pointer: String = "") -> [Violation] {
        var faults = window.faults(at: pointer)
        if faceFen > budgetFen {
            faults.append(
                Violation(
                    "coupon.face_above_budget", pointer: "\(pointer)/faceFen", zh: "面额大于总预算", en: "One coupon is worth more than the budget"
                ))
        }
        if faceFen > minimumSpendFen, goods == nil, minimumSpendFen > 0 {
            faults.append(
                Violation(
                    "coupon.face_above_minimum_spend", pointer: "\(pointer)/minimumSpendFen", zh: "最低消费不能小于面额",
                    en: "Who spends the minimum would get money back: it is at least the face value, or 0"))
        }
        return faults
    }
}

/// When a coupon is good: on these days, weekdays and hours, in the campaign's time zone.
package struct CouponWindow: Hashable, Sendable {
    package var firstOn: CalendarDate
    package var lastOn: CalendarDate
    /// 1 Monday to 7 Sunday, each once.
    package var weekdays: [Int32]
    /// Minutes since midnight, 0 to 1,439.
    package var fromMinute: Int32
    /// Minutes since midnight, until which, 1 to 1,440.
    package var toMinute: Int32
    package var timeZone: String

    package static let dayCountMax = 1_100

    package init(
        firstOn: CalendarDate, lastOn: CalendarDate, weekdays: [Int32] = Array(1...7), fromMinute: Int32 = 0, toMinute: Int32 = 1_440,
        timeZone: String = "Asia/Shanghai"
    ) {
        self.firstOn = firstOn
        self.lastOn = lastOn
        self.weekdays = weekdays
        self.fromMinute = fromMinute
        self.toMinute = toMinute
        self.timeZone = timeZone
    }

    /// Bit 0 for Monday.
    package var weekdayMask: Int16 { weekdays.reduce(0) { $0 | 1 << Int16($1 - 1) } }

    package static func weekdays(ofMask mask: Int16) -> [Int32] { (1...7).filter { mask >> Int16($0 - 1) & 1 == 1 } }

    func faults(at pointer: String) -> [Violation] {
        var faults: [Violation] = []
        if lastOn < firstOn || lastOn.daysSince1970 - firstOn.daysSince1970 >= Self.dayCountMax {
            faults.append(
                Violation(
                    "coupon.days_invalid", pointer: "\(pointer)/lastOn", zh: "有效期为 1 至 \(Self.dayCountMax) 天",
                    en: "Coupons are good for 1 to \(Self.dayCountMax) days"))
        }
        if fromMinute >= toMinute {
            faults.append(
                Violation("coupon.hours_invalid", pointer: "\(pointer)/until", zh: "结束时刻须晚于开始时刻", en: "It ends after it begins"))
        }
        if Set(weekdays).count != weekdays.count {
            faults.append(Violation("coupon.weekday_twice", pointer: "\(pointer)/weekdays", zh: "星期重复", en: "A weekday is named twice"))
        }
        return faults
    }
}
