import Browser
import Coupons
import Crypto
import HTTP
import MemberCode
import Postgres
import Registry
import Runtime
import Testing

/// Tablets at a van, at a counter and in a classroom.
struct CounterPageTests {
    /// A tablet of a profile, and its key.
    private func tablet(_ scene: PageScene, _ profile: DeviceProfile) async throws -> (id: ID<Device>, key: String) {
        let (device, key) = try await scene.service.registry.devices.create(name: "tablet", profile: profile)
        return (device.id, key)
    }

    /// Shows a code and waits for what the tablet says; another result may still stand there.
    private func show(_ browser: BrowserSession, _ code: String, _ kind: String) async throws -> String {
        try await browser.scan(code)
        let said = try await browser.waitUntil(visible: ".result.\(kind)").text()
        return said
    }

    private func next(_ browser: BrowserSession) async throws {
        try await browser.press(.escape)
        try await browser.waitUntil(gone: ".result")
        // A scanner's second code comes no sooner.
        try await Task.sleep(for: .milliseconds(1_600))
    }

    @Test func `at the van who has a place is checked in, and who has none is told why`() async throws {
        try await withPages { scene in
            let member = try await scene.member()
            let other = try await scene.member("李四", nationalID: "110101199003072770", phone: "13912345678")
            let id = try await scene.make(
                "/v1/programs",
                """
                {"organizationId":\(scene.city.city),"title":"冬季体检","quota":100,"opensAt":"\(PageScene.time(1))",
                "closesAt":"\(PageScene.time(2))"}
                """)
            try await scene.done(.post, "/v1/checkups/campaigns", #"{"programId":\#(id),"graceMinutes":60,"earlyMinutes":60}"#)
            let package = try await scene.make(
                "/v1/checkups/campaigns/\(id)/packages", #"{"name":"基础套餐","items":["血压"],"valueFen":55000}"#)
            let visit = try await scene.make(
                "/v1/checkups/campaigns/\(id)/visits",
                """
                {"packageId":\(package),"hostOrganizationId":\(scene.city.east),"site":"科技园","address":"创新大道 1 号",
                "firstOn":"\(PageScene.day(0))","lastOn":"\(PageScene.day(1))"}
                """)
            try await scene.done(
                .post, "/v1/checkups/visits/\(visit)/sessions",
                #"{"days":["\#(PageScene.day(1))"],"from":"08:00","to":"08:30","everyMinutes":30,"capacity":2}"#)
            // The session is soon: the page goes by its own clock.
            _ = try await scene.service.database.query(
                """
                update program_session
                set starts_at = now() + interval '10 minutes', ends_at = now() + interval '40 minutes'
                where program_id = \(id)
                """)
            _ = try await scene.service.database.query(
                """
                update program
                set state = 'published', lottery_secret_sealed = '\\x00', lottery_commitment = '\\x00', announcement = 'x',
                    rules_hash = sha256('x'), inputs_hash = '\\x00',
                    announced_at = now(), opened_at = now(), closed_at = now(), published_at = now()
                where program_id = \(id)
                """)
            let held: String = try await scene.value(
                """
                select outcome
                from programs_hold(
                    \([member.id]), \([id]), \([Int32(1)]), \(["confirmed"]), \(["tick"]), \([Int32?.none]), \(["test"]),
                    \(["account:1"]), 0)
                """)
            #expect(held == "held")
            try await withBrowser(.phone(.chinese)) { browser in
                try await scene.admit(browser, .device, try await tablet(scene, .van).key)
                try await scene.open(browser, .device, "/place")
                try await browser.press(css: "button.choice")
                try await browser.waitUntil(visible: ".ready")
                let good = try await show(browser, scene.code(member.id), "good")
                #expect(good.contains("张*") && good.contains("基础套餐") && !good.contains("张三"))
                try await scene.inspect(browser, "device-van-good-phone-zh")
                try await next(browser)
                let bad = try await show(browser, scene.code(other.id), "bad")
                #expect(!bad.contains("基础套餐"))
                try await scene.inspect(browser, "device-van-bad-phone-zh")
                try await next(browser)
                let foreign = MemberCodeIssuer(.random()).issue(memberID: member.id, nowMicroseconds: Clock().nowMicroseconds).text
                #expect(try await !show(browser, foreign, "bad").isEmpty)
                #expect(try await scene.value("select count(*) from checkup_attendance where came", as: Int64.self) == 1)
            }
        }
    }

    @Test func `at the counter a coupon is redeemed once, and the second time is told`() async throws {
        try await withPages { scene in
            let member = try await scene.member()
            let round = try await ClaimStormTests.Storm.openRound(
                of: ID(scene.city.city), scene.service.database, scene.service.registry, scene.service.keys, stock: 1)
            let campaign: Int64 = try await scene.value("select campaign_id from coupon_round where round_id = \(round)")
            let venue = try await scene.make(
                "/v1/venues", #"{"organizationId":\#(scene.city.city),"name":"面馆","address":"创新大道 1 号"}"#)
            try await scene.done(.put, "/v1/coupon-campaigns/\(campaign)/venues/\(venue)", "{}")
            let (device, key) = try await tablet(scene, .venue)
            try await scene.done(.put, "/v1/venues/\(venue)/devices/\(device)")
            try await scene.done(
                .post, "/v1/coupon-rounds/\(round)/claims", #"{"requestId":"0b0ff0aa-7b8c-4a40-b3ba-000000000001"}"#, bearer: member.token)
            try await withBrowser(.phone(.chinese)) { browser in
                try await scene.admit(browser, .device, key)
                try await scene.open(browser, .device, "/")
                try await browser.waitUntil(text: "面馆", in: "h1")
                try await browser.find("[inputmode=decimal]").type("80")
                try await browser.press(.enter)
                #expect(try await !show(browser, scene.code(member.id), "bad").isEmpty, "it is good from 100 yuan on")
                try await next(browser)
                try await browser.find("[inputmode=decimal]").clear()
                try await browser.find("[inputmode=decimal]").type("120")
                try await browser.press(.enter)
                let good = try await show(browser, scene.code(member.id), "good")
                #expect(good.contains("50") && good.contains("张*") && !good.contains("张三"))
                try await scene.inspect(browser, "device-venue-good-phone-zh")
                try await next(browser)
                try await browser.find("[inputmode=decimal]").type("120")
                try await browser.press(.enter)
                #expect(try await show(browser, scene.code(member.id), "bad").contains("面馆"), "where it was used before")
                try await scene.inspect(browser, "device-venue-bad-phone-zh")
                let redeemed = try await scene.service.database.query(
                    "select amount_fen, spend_fen from coupon_event where event = 'redeemed'"
                )
                .single
                #expect(try redeemed.decode(0, as: Int64.self) == 5_000 && redeemed.decode(1, as: Int64.self) == 12_000)
            }
        }
    }
}
