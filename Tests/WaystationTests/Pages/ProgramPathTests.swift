import Browser
import FoundationEssentials
import HTTP
import Postgres
import Programs
import Registry
import Runtime
import Scheduler
import Testing

/// A program by its pages alone, from the draft to a place taken: an organizer, a second one, and two workers.
struct ProgramPathTests {
    private let moved = MovedClock()

    @Test func `one drafts, another reviews, workers rank and take, and whoever got nothing is told why`() async throws {
        try await withPages(clock: moved.clock) { scene in
            let courier = try await scene.member()
            let housekeeper = try await scene.member("李四", nationalID: "110101199003072770", phone: "13912345678", kind: "housekeeper")
            let second = try await scene.service.registry.accounts.createOwner(name: "second")
            try await withBrowsers([.desk(.chinese), .phone(.chinese)]) { browsers in
                let (desk, phone) = (browsers[0], browsers[1])
                try await scene.admit(desk, .desk, scene.service.owner)
                try await draft(scene, desk)
                try await look(scene, desk, at: "desk-program-draft-desk-zh")
                try await announce(desk)

                moved.set(hours: 2)
                try await keepTimetable(scene)
                // The housekeeper applies first: who goes first is not who comes first.
                try await apply(scene, phone, housekeeper.token, ["1"])
                try await apply(scene, phone, courier.token, ["2", "1"])
                try await scene.inspect(phone, "worker-program-applied-phone-zh")

                moved.set(hours: 4)
                try await keepTimetable(scene)
                try await weigh(scene, desk)
                try await share(scene, desk)
                try await scene.admit(desk, .desk, second)
                try await review(scene, desk)

                try await take(scene, phone, courier.token)
                try await why(scene, phone, housekeeper.token)
                let held: [String] = try await scene.service.database.query(
                    "select member_id || ' ' || state || ' ' || number from program_award order by member_id"
                ).map { try $0.decode(0) }
                #expect(held == ["\(courier.id) confirmed 2"])
            }
        }
    }

    // MARK: The desk

    /// Couriers first; two sessions of one seat each, but one place to give.
    private func draft(_ scene: PageScene, _ desk: BrowserSession) async throws {
        try await scene.open(desk, .desk, "/programs/new")
        try await desk.fill("[name=title]", "冬季体检")
        try await desk.fill("[name=organizationId]", "\(scene.city.city)")
        try await desk.fill("[name=quota]", "1")
        try await desk.press(text: "保存，下一步")
        try await desk.waitUntil(visible: "[name=opensAt]")
        for (name, hours) in [("opensAt", 1), ("closesAt", 3), ("resultsAt", 100), ("endsAt", 2_000)] {
            try await desk.fill("[name=\(name)]", local(hours: Int64(hours)))
        }
        try await desk.fill("[name=offerHours]", "48")
        try await desk.press(text: "保存，下一步")
        try await desk.waitUntil(visible: "[data-add=class]").click()
        try await desk.type("骑手")
        try await desk.waitUntil(visible: "ol.parts [data-add=condition]").click()
        try await desk.waitUntil(visible: "ol.parts input[value=courier]").click()
        try await desk.press(text: "保存，下一步")
        for day in ["24", "25"] {
            try await desk.waitUntil(visible: "[data-add=session]").click()
            try await desk.fill("li.part:last-child .field:nth-child(1) input", "第 \(day) 天")
            try await desk.fill("li.part:last-child .field:nth-child(2) input", local(hours: Int64(day)! * 24))
            try await desk.fill("li.part:last-child .field:nth-child(3) input", local(hours: Int64(day)! * 24 + 2))
            try await desk.fill("li.part:last-child .field:nth-child(4) input", "1")
        }
        try await scene.inspect(desk, "desk-program-sessions-desk-zh")
        try await desk.press(text: "保存，下一步")
        // The check counts who is meant: one courier of two members.
        try await desk.waitUntil(visible: "section[data-step=check] figure.chart")
        try await scene.inspect(desk, "desk-program-check-desk-zh")
        try await desk.press(text: "完成，去看草稿")
    }

    private func announce(_ desk: BrowserSession) async throws {
        try await desk.press(text: "公布规则", in: "main")
        try await desk.press(text: "公布规则", in: "dialog[open]")
        try await desk.waitUntil("document.querySelector('[aria-current=step]')?.textContent === '已公布'")
    }

    /// What if there were two places: the drawn shares say so at once, and nothing is written.
    private func weigh(_ scene: PageScene, _ desk: BrowserSession) async throws {
        try await scene.open(desk, .desk, "/programs/1/what-if")
        try await desk.waitUntil(text: "1 人得到", in: "[aria-live=off]")
        try await desk.fill(".slider input[type=number]", "2")
        try await desk.waitUntil(text: "2 人得到", in: "[aria-live=off]")
        let values = try await desk.run(
            "return [...document.querySelectorAll('figure.chart')][0].querySelector('table')?.textContent ?? 'no table'"
        ).string
        #expect(values?.contains("骑手") == true, "\(values ?? "")")
        try await scene.inspect(desk, "desk-what-if-desk-zh")
        let quota: Int32 = try await scene.service.database.query("select quota from program")[0].decode(0)
        #expect(quota == 1)
    }

    private func share(_ scene: PageScene, _ desk: BrowserSession) async throws {
        try await look(scene, desk, at: "desk-program-closed-desk-zh")
        let handlers = scene.service.programs.sharing.handlers
        @Sendable func makeRun() async throws {
            let database = scene.service.database
            let queued: SQL = "select queued_job_id from queued_job where state = 'queued'"
            while try await database.query(queued).isEmpty { try await Task.sleep(for: .milliseconds(20)) }
            try await JobWorker(database, handlers: handlers, log: .silent).runOne(try await database.query(queued)[0].decode(0))
        }
        async let made: Void = makeRun()
        try await desk.press(text: "开始分配")
        try await made
        try await desk.press(text: "去审核")
        try await scene.settled(desk)
        try await desk.waitUntil(visible: ".banner.warn")
        #expect(try await desk.findAll("select[name=decision]").isEmpty, "who made the run does not review it")
    }

    private func review(_ scene: PageScene, _ desk: BrowserSession) async throws {
        try await scene.open(desk, .desk, "/programs/1/runs/1")
        try await desk.waitUntil(visible: "select[name=decision]")
        try await scene.inspect(desk, "desk-run-review-desk-zh")
        try await desk.press(text: "提交审核")
        try await desk.waitUntil(gone: "select[name=decision]")
        try await scene.open(desk, .desk, "/programs/1")
        try await desk.press(text: "公示结果", in: "main")
        try await desk.press(text: "公示结果", in: "dialog[open]")
        try await desk.waitUntil(visible: "a[href='/v1/public/programs/1/audit-file']")
        try await look(scene, desk, at: "desk-program-published-desk-zh")
        try await scene.open(desk, .desk, "/programs/1/people")
        try await scene.inspect(desk, "desk-program-people-desk-zh")
    }

    private func look(_ scene: PageScene, _ desk: BrowserSession, at name: String) async throws {
        try await scene.open(desk, .desk, "/programs/1")
        try await scene.inspect(desk, name)
    }

    // MARK: The phones

    private func apply(_ scene: PageScene, _ phone: BrowserSession, _ token: String, _ wishes: [String]) async throws {
        try await scene.admit(phone, .worker, token)
        try await scene.open(phone, .worker, "/programs/1")
        for wish in wishes {
            try await phone.waitUntil(visible: "[data-session='\(wish)']")
            try await phone.find("[data-session='\(wish)']").click()
        }
        if wishes.count > 1 {
            // The second wish goes up and down again, as somebody does who thinks it over.
            for way in ["\(wishes[1]) -1", "\(wishes[1]) 1"] { try await phone.find("[data-way='\(way)']").click() }
        }
        try await phone.press(text: "提交报名")
        try await phone.waitUntil("document.querySelector('main .tag:not(.note)') !== null")
        let stored: String = try await scene.service.database.query(
            "select array_to_string(wishes, ' ') from program_application order by applied_at desc limit 1")[0].decode(0)
        #expect(stored == wishes.joined(separator: " "))
    }

    private func take(_ scene: PageScene, _ phone: BrowserSession, _ token: String) async throws {
        try await scene.admit(phone, .worker, token)
        try await scene.open(phone, .worker, "/programs/1")
        try await phone.waitUntil(visible: "main .tag.warn")
        try await scene.inspect(phone, "worker-program-offered-phone-zh")
        try await phone.press(text: "我要")
        try await phone.waitUntil(visible: "main .tag.good")
        try await phone.saveScreenshot(named: "worker-program-confirmed-phone-zh")
    }

    /// The figures that decided stand in the worker's own words.
    private func why(_ scene: PageScene, _ phone: BrowserSession, _ token: String) async throws {
        try await scene.admit(phone, .worker, token)
        try await scene.open(phone, .worker, "/programs/1")
        try await phone.waitUntil(visible: ".explained")
        let words = try await phone.find(".explained").text()
        #expect(words.count > 20, "\(words)")
        try await scene.inspect(phone, "worker-program-why-phone-zh")
    }

    // MARK: Time

    private func keepTimetable(_ scene: PageScene) async throws {
        for job in scene.service.programs.jobs where job.name == "programs.timetable" { _ = try await job.run() }
    }

    /// A time so many hours from now as a field of a browser has it, in the program's zone.
    private func local(hours: Int64) -> String {
        let time = Timestamp(microseconds: Clock().nowMicroseconds + (hours + 8) * 3_600_000_000)
        return String(time.description.prefix(16))
    }
}
