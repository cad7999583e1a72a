import Browser
import HTTP
import Postgres
import Registry
import Runtime
import Testing

/// A round of coupons on an organizer's screen while workers claim.
struct RoundPageTests {
    @Test func `an organizer sees coupons go while they go, and the ledger sums up`() async throws {
        try await withPages { scene in
            let members = [
                try await scene.member(), try await scene.member("李四", nationalID: "110101199003072770", phone: "13912345678"),
            ]
            let round = try await ClaimStormTests.Storm.openRound(
                of: ID(scene.city.city), scene.service.database, scene.service.registry, scene.service.keys, stock: 2)
            try await withBrowser(.desk(.chinese)) { browser in
                try await scene.admit(browser, .desk, scene.service.owner)
                try await scene.open(browser, .desk, "/rounds/\(round)")
                try await browser.waitUntil(visible: ".chart .sum")
                try await browser.run("window.isSamePage = true; document.querySelector('.legend.ledger a').focus();")
                for (number, member) in members.enumerated() {
                    let request = #"{"requestId":"0b0ff0aa-7b8c-4a40-b3ba-00000000000\#(number)"}"#
                    try await scene.done(.post, "/v1/coupon-rounds/\(round)/claims", request, bearer: member.token)
                    // Given and left, in this order.
                    try await browser.waitUntil(
                        "[...document.querySelectorAll('.legend.ledger b')].map(one => one.textContent).join() === arguments[0]",
                        [.string("\(number + 1),\(1 - number)")])
                    // By script: the chart may be drawn anew between two commands.
                    let sum = try await browser.run("return document.querySelector('.chart .sum').textContent;").string ?? ""
                    #expect(sum.hasPrefix("✓") && sum.contains("2"), "\(sum)")
                }
                // What is left, over time: a line from the first look to the last.
                try await browser.waitUntil("document.querySelectorAll('figure.chart path.line').length > 0")
                #expect(try await browser.run("return window.isSamePage === true;").bool == true, "nothing was loaded anew")
                try await scene.inspect(browser, "desk-round-live-desk-zh")
                let held = try await browser.run("return document.activeElement.textContent;").string
                #expect(held == "已发出", "a chart that is drawn anew keeps who stands on its link")
                try await browser.press(.enter)
                try await browser.waitUntil("document.querySelectorAll('table.rows tbody tr').length === 2")
                try await scene.inspect(browser, "desk-round-coupons-desk-zh")
            }
        }
    }
}
