import HTTP
import Postgres
import Programs
import Registry
import Runtime
import Testing

@testable import Coupons

@Suite struct CouponRuleTests {
    private let day = CalendarDate(daysSince1970: 20_000)

    private func campaign(_ change: (inout CouponCampaignFacts) -> Void = { _ in }) -> [String] {
        var facts = CouponCampaignFacts(
            title: "冰雪", budgetFen: 2_000_000_000, faceFen: 5_000, minimumSpendFen: 10_000, window: CouponWindow(firstOn: day, lastOn: day))
        change(&facts)
        return facts.faults().map(\.code)
    }

    @Test func `a campaign's parts fit together`() {
        #expect(campaign() == [])
        #expect(campaign { $0.faceFen = 3_000_000_000 } == ["coupon.face_above_budget", "coupon.face_above_minimum_spend"])
        #expect(campaign { $0.minimumSpendFen = 4_999 } == ["coupon.face_above_minimum_spend"])
        #expect(campaign { $0.minimumSpendFen = 0 } == [])
        #expect(campaign { $0.window.lastOn = CalendarDate(daysSince1970: 19_999) } == ["coupon.days_invalid"])
        #expect(campaign { $0.window.toMinute = 0 } == ["coupon.hours_invalid"])
        #expect(campaign { $0.window.weekdays = [1, 1] } == ["coupon.weekday_twice"])
    }

    @Test func `weekdays stand in a mask, Monday first`() {
        let window = CouponWindow(firstOn: day, lastOn: day, weekdays: [1, 6, 7])
        #expect(window.weekdayMask == 0b110_0001)
        #expect(CouponWindow.weekdays(ofMask: window.weekdayMask) == [1, 6, 7])
    }
}
