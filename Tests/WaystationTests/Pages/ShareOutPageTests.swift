import Browser
import HTTP
import Postgres
import Programs
import Registry
import Runtime
import Scheduler
import Testing

/// A program from its draft to somebody's place, by what organizers and workers press.
struct ShareOutPageTests {
    @Test func `an organizer is led from nothing to a draft with sessions, and announces it`() async throws {
        try await withPages { scene in
            _ = try await scene.member()
            try await withBrowser(.desk(.chinese)) { browser in
                try await scene.admit(browser, .desk, scene.service.owner)
                try await scene.open(browser, .desk, "/programs/new")
                // What is missing is said beside its field, and nothing is made.
                try await browser.press("保存，下一步")
                try await browser.waitUntil(visible: "main .field .error")
                try await browser.find("[name=title]").type("冬季体检")
                try await browser.find("[name=organizationId] option[value='\(scene.city.city)']").click()
                try await browser.find("[name=quota]").type("1")
                try await browser.press("保存，下一步")
                try await browser.waitUntil(visible: "[name=opensAt]")
                try await browser.fill("报名开始", Self.input(hours: 1))
                try await browser.fill("报名截止", Self.input(hours: 2))
                try await browser.press("保存，下一步")
                try await browser.press("加一个群体")
                try await browser.fill("名称", "快递员")
                try await browser.fill("保底名额", "1")
                try await scene.inspect(browser, "desk-editor-who-desk-zh")
                try await browser.press("保存，下一步")
                try await browser.press("加一场")
                try await browser.fill("场次", "上午场")
                try await browser.fill("座位", "1")
                try await browser.press("保存，下一步")
                try await browser.waitUntil(visible: "main .banner")
                try await scene.inspect(browser, "desk-editor-check-desk-zh")
                try await browser.press("完成，去看草稿")
                try await browser.waitUntil("/^#\\/programs\\/\\d+$/.test(location.hash)")
                try await browser.press("公布规则")
                try await browser.agree()
                try await browser.waitUntil("document.querySelector('[aria-current=step]')?.textContent.includes('已公布')")
                let kept = try await scene.service.database.query(
                    """
                    select title, quota, state, rules->'floors'->0->>'group', (select count(*) from program_session)
                    from program
                    """
                ).single
                #expect(try kept.decode(0, as: String.self) == "冬季体检" && kept.decode(2, as: String.self) == "announced")
                #expect(try kept.decode(3, as: String.self) == "快递员" && kept.decode(4, as: Int64.self) == 1)
            }
        }
    }

    /// What a field for a day and a time takes, in China.
    private static func input(hours: Double) -> String {
        String(Timestamp(microseconds: Clock().nowMicroseconds + Int64((hours + 8) * 3_600_000_000)).description.prefix(16))
    }

    /// An open program of one place with three sessions: couriers go first, and of riders nothing is promised yet.
    private func open(_ scene: PageScene) async throws -> Int64 {
        func of(_ kind: String, _ name: String) -> String {
            #"{"name":"\#(name)","conditions":[{"attribute":{"name":"worker_kind","in":["\#(kind)"],"evidence":"self_declared"}}]}"#
        }
        let id = try await scene.make(
            "/v1/programs",
            """
            {"organizationId":\(scene.city.city),"title":"冬季体检","quota":1,"opensAt":"\(PageScene.time(1))",
            "closesAt":"\(PageScene.time(2))","offerHours":48,
            "rules":{"eligibility":[],"classes":[\(of("courier", "快递员"))],"groups":[\(of("food_rider", "骑手"))]}}
            """)
        let sessions = (1...3).map { number in
            #"{"number":\#(number),"title":"第\#(number)天","capacity":1,"startsAt":"\#(PageScene.time(Double(number) * 24 + 72))"}"#
        }
        try await scene.done(.put, "/v1/programs/\(id)/sessions", #"{"sessions":[\#(sessions.joined(separator: ","))]}"#)
        try await scene.done(.post, "/v1/programs/\(id)/announce")
        _ = try await scene.service.database.query("update program set opens_at = now() - interval '1 hour' where program_id = \(id)")
        for job in scene.service.programs.jobs { _ = try await job.run() }
        return id
    }

    private func close(_ scene: PageScene, _ id: Int64) async throws {
        _ = try await scene.service.database.query("update program set closes_at = now() - interval '1 second' where program_id = \(id)")
    }

    @Test func `wishes are ranked and sent, shared out under four eyes, and a place is taken by who was given it`() async throws {
        try await withPages { scene in
            let member = try await scene.member()
            let other = try await scene.member("李四", nationalID: "110101199003072770", phone: "13912345678")
            let second = try await scene.service.registry.accounts.createOwner(name: "second")
            let rider = try await scene.member("王五", nationalID: "110105198803150010", phone: "13712345678")
            _ = try await scene.service.database.query("update member set worker_kind = 'food_rider' where member_id = \(rider.id)")
            let id = try await open(scene)
            try await withBrowsers([.phone(.chinese), .desk(.chinese)]) { browsers in
                let (phone, desk) = (browsers[0], browsers[1])
                try await scene.admit(phone, .worker, member.token)
                try await scene.open(phone, .worker, "/programs/\(id)")
                try await phone.press(css: "[data-session='2']")
                try await phone.press(css: "[data-session='3']")
                try await phone.press(css: "[data-way='3 -1']")
                try await scene.inspect(phone, "worker-program-ranked-phone-zh")
                try await phone.press("提交报名")
                try await phone.waitUntil(visible: "main .actions button.danger")
                let wishes: [Int32] = try await scene.value("select wishes from program_application where member_id = \(member.id)")
                #expect(wishes == [3, 2])
                for one in [other, rider] {
                    try await scene.done(.put, "/v1/me/programs/\(id)/application", #"{"wishes":[1]}"#, bearer: one.token)
                }
                try await whatIf(scene, desk, id)
                try await shareOut(scene, desk, id, second)
                try await takePlace(scene, phone, id, [member, other])
                try await explain(scene, desk, id)
            }
        }
    }

    /// The slider promises a rider the place, and what is drawn follows; nothing is kept of it.
    private func whatIf(_ scene: PageScene, _ desk: BrowserSession, _ id: Int64) async throws {
        try await scene.admit(desk, .desk, scene.service.owner)
        try await scene.open(desk, .desk, "/programs/\(id)/what-if")
        try await desk.waitUntil(visible: "main figure.chart")
        let shown = "[...document.querySelectorAll('main figure.chart')].map(one => one.textContent).join()"
        let before = try await desk.run("return \(shown)")
        try await desk.press(css: ".slider ~ .slider input[type=range]")
        try await desk.press(.end)
        try await desk.waitUntil("document.querySelector('.slider ~ .slider input[type=number]').value === '1'")
        try await desk.waitUntil("\(shown) !== arguments[0]", [before])
        let promised = try await desk.run("return \(shown)")
        // As many places as the slider goes: whoever applied has one.
        try await desk.press(css: ".slider input[type=range]")
        try await desk.press(.end)
        try await desk.waitUntil("\(shown) !== arguments[0]", [promised])
        try await scene.settled(desk)
        try await scene.inspect(desk, "desk-what-if-desk-zh")
        #expect(try await scene.value("select count(*) from program_run", as: Int64.self) == 0, "nothing was kept of it")
    }

    /// One organizer closes and runs; another accepts; the first publishes.
    private func shareOut(_ scene: PageScene, _ desk: BrowserSession, _ id: Int64, _ second: String) async throws {
        try await close(scene, id)
        try await scene.open(desk, .desk, "/programs/\(id)")
        try await desk.press("截止报名")
        try await desk.agree()
        try await desk.press("开始分配")
        try await scene.work()
        try await desk.waitUntil(text: "这次分配是您做的", in: "main")
        try await scene.open(desk, .desk, "/programs/\(id)/runs/1")
        try await desk.waitUntil(text: "这次分配是您做的", in: "main")
        #expect(try await desk.findAll("[name=decision]").isEmpty, "nobody reviews a run of their own")
        try await scene.admit(desk, .desk, second)
        try await scene.open(desk, .desk, "/programs/\(id)/runs/1")
        try await desk.waitUntil(visible: "[name=decision]")
        try await scene.inspect(desk, "desk-run-review-desk-zh")
        try await desk.press("提交审核")
        try await desk.waitUntil(text: "已审核", in: "main .tag")
        try await scene.admit(desk, .desk, scene.service.owner)
        try await scene.open(desk, .desk, "/programs/\(id)")
        try await desk.press("公示结果")
        try await desk.agree()
        try await desk.waitUntil("document.querySelector('[aria-current=step]')?.textContent.includes('已公示')")
        #expect(try await scene.value("select count(*) from program_award where state = 'offered'", as: Int64.self) == 1)
    }

    /// Who was given the place is asked and takes it; who was not is told where they wait, and why.
    private func takePlace(
        _ scene: PageScene, _ phone: BrowserSession, _ id: Int64, _ members: [(id: Int64, token: String)]
    ) async throws {
        let given: Int64 = try await scene.value("select member_id from program_award")
        let (winner, loser) = members[0].id == given ? (members[0], members[1]) : (members[1], members[0])
        try await scene.admit(phone, .worker, loser.token)
        try await scene.open(phone, .worker, "/programs/\(id)")
        try await phone.waitUntil(text: "候补第 1 位", in: "main")
        #expect(try await !phone.find("main .explained").text().isEmpty)
        try await scene.inspect(phone, "worker-program-waits-phone-zh")
        try await scene.admit(phone, .worker, winner.token)
        try await scene.open(phone, .worker, "/programs/\(id)")
        try await phone.press("我要")
        try await phone.waitUntil(visible: "main .tag.good")
        try await scene.inspect(phone, "worker-program-confirmed-phone-zh")
        #expect(try await scene.value("select state from program_award where member_id = \(given)", as: String.self) == "confirmed")
    }

    /// For each of the applicants there is an answer to why.
    private func explain(_ scene: PageScene, _ desk: BrowserSession, _ id: Int64) async throws {
        try await scene.open(desk, .desk, "/programs/\(id)/people")
        try await desk.press("为什么")
        let said = try await desk.waitUntil(visible: "dialog[open] .banner").text()
        #expect(said.contains("有名额") || said.contains("候补"))
        try await scene.inspect(desk, "desk-why-desk-zh")
    }
}
