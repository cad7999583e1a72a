import Browser
import HTTP
import Postgres
import Registry
import Runtime
import Testing

/// Two phones, one coupon.
struct PageRaceTests {
    @Test func `of two phones that press at once exactly one has the last coupon, and the other is told`() async throws {
        try await withPages { scene in
            let first = try await scene.member()
            let second = try await scene.member("李四", nationalID: "110101199003072770", phone: "13912345678")
            let round = try await ClaimStormTests.Storm.openRound(
                of: ID(scene.city.city), scene.service.database, scene.service.registry, scene.service.keys, stock: 1)
            try await withBrowsers([.phone(.chinese), .phone(.english)]) { browsers in
                for (browser, member) in zip(browsers, [first, second]) {
                    try await scene.admit(browser, .worker, member.token)
                    try await scene.open(browser, .worker, "/rounds/\(round)")
                    try await browser.waitUntil(visible: "button.claim")
                }
                try await scene.inspect(browsers[0], "worker-round-phone-zh")
                // Both fingers come down at one moment: a driver's click takes so long that the other phone may have heard of it before.
                let press = "setTimeout(() => document.querySelector('button.claim').click(), arguments[0] - Date.now())"
                let moment = Double(Clock().nowMicroseconds / 1_000 + 2_000)
                for browser in browsers { try await browser.run(press, [.number(moment)]) }
                var results: [String] = []
                for browser in browsers {
                    try await browser.waitUntil(visible: ".result h2")
                    results.append(try await browser.run("return document.querySelector('.result').className").string ?? "")
                }
                #expect(results.filter { $0.contains("good") }.count == 1, "\(results)")
                #expect(results.filter { $0.contains("bad") }.count == 1, "\(results)")
                try await browsers[0].saveScreenshot(named: "worker-round-result-phone-zh")
                try await browsers[1].saveScreenshot(named: "worker-round-result-phone-en")
                let issued: Int64 = try await scene.service.database.query("select count(*) from coupon")[0].decode(0)
                #expect(issued == 1)
            }
        }
    }
}
