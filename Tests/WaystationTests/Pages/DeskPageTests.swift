import Browser
import FoundationEssentials
import Glibc
import HTTP
import Postgres
import Registry
import Runtime
import Testing

/// An organizer's desk, driven by mouse and keyboard.
struct DeskPageTests {
    private static let password = "correct horse battery"

    @Test func `an organizer signs in by name and password, and a wrong one is told so`() async throws {
        try await withPages { scene in
            try await scene.service.registry.signIns.setPassword(Self.password, ofAccount: "owner")
            try await withBrowser(.desk(.english)) { browser in
                try await scene.open(browser, .desk, "/members")
                try await browser.waitUntil(visible: "form:not(.early) [name=name]")
                try await scene.inspect(browser, "desk-sign-in-desk-en")
                try await browser.find("[name=name]").type("owner")
                try await browser.find("[name=password]").type("wrong password")
                try await browser.press(.enter)
                try await browser.waitUntil(visible: ".said p")
                try await browser.find("[name=password]").clear()
                try await browser.find("[name=password]").type(Self.password)
                try await browser.press(.enter)
                try await browser.waitUntil("location.hash === '#/members'")
                try await scene.settled(browser)
                #expect(try await browser.cookies().contains { $0.name == "waystation_desk" && $0.isHTTPOnly })
            }
        }
    }

    /// Every view of an organizer in a register that has just begun: what is empty says so.
    @Test(arguments: [BrowserOptions.desk(.chinese), .phone(.english, isDark: true)])
    func `every view can be used by everybody`(_ options: BrowserOptions) async throws {
        try await withPages { scene in
            _ = try await scene.member()
            try await withBrowser(options) { browser in
                try await scene.admit(browser, .desk, scene.service.owner)
                let kind = (options.isPhone ? "phone-" : "desk-") + (options.language == .chinese ? "zh" : "en")
                for view in [
                    "/", "/board", "/members", "/members/1", "/applications", "/transfers", "/duplicates", "/imports", "/organizations",
                    "/organizations/1", "/stations", "/stations/1", "/visitors", "/alarms", "/programs", "/programs/new", "/checkups",
                    "/coupons", "/insurance", "/schools", "/devices", "/accounts", "/jobs", "/audit",
                ] {
                    try await scene.open(browser, .desk, view)
                    let title = try await browser.title()
                    #expect(!title.contains("."), "\(view) has a title in words: \(title)")
                    try await scene.inspect(browser, "desk" + view.replacing("/", with: "-") + "-" + kind)
                }
            }
        }
    }

    @Test func `a member is masked until somebody asks with a reason, and the audit keeps both`() async throws {
        try await withPages { scene in
            let member = try await scene.member()
            try await withBrowser(.desk(.english)) { browser in
                try await scene.admit(browser, .desk, scene.service.owner)
                try await scene.open(browser, .desk, "/members/\(member.id)")
                let before = try await browser.find("main").text()
                #expect(!before.contains("张三") && !before.contains(PageScene.phone) && !before.contains(PageScene.nationalID))
                try await browser.run(
                    "[...document.querySelectorAll('main button')].find(one => /unmask|in full|clear/i.test(one.textContent)).click();")
                try await browser.waitUntil(visible: "dialog textarea, dialog input")
                // Without a reason nothing is shown.
                try await browser.find("dialog button.primary, dialog button.danger").click()
                #expect(try await scene.service.database.query("select from audit_entry where action = 'member.unmasked'").isEmpty)
                try await browser.find("dialog textarea, dialog input").type("asked by phone")
                try await browser.find("dialog button.primary, dialog button.danger").click()
                try await browser.waitUntil(text: "张三", in: ".banner.warn")
                let kept = try await scene.service.database.query(
                    "select details::text from audit_entry where action = 'member.unmasked'")
                #expect(kept.count == 1)
                #expect(try kept[0].decode(0, as: String.self).contains("asked by phone"))
            }
        }
    }

    @Test func `a file of members is tried, taken, and its refused lines can be read`() async throws {
        try await withPages { scene in
            let path = FileManager.default.temporaryDirectory.path + "/members-\(scene.city.city)-\(UInt64.random(in: 0...UInt64.max)).csv"
            defer { unlink(path) }
            let rows = """
                姓名,身份证号,手机号,工种,就业形式,组织
                张三,11010519491231002X,13800138000,快递员,劳动合同,东街
                李四,110105194912310021,13800138001,快递员,劳动合同,东街

                """
            try Data(rows.utf8).write(to: URL(filePath: path))
            try await withBrowser(.desk(.chinese)) { browser in
                try await scene.admit(browser, .desk, scene.service.owner)
                try await scene.open(browser, .desk, "/imports")
                try await browser.find("[type=file]").type(path)
                try await browser.find("form button.primary").click()
                try await browser.waitUntil(visible: ".banner.warn")
                #expect(try await scene.service.database.query("select from member").isEmpty, "a trial changes nothing")
                try await browser.find("[name=dryRun]").click()
                try await browser.find("form button.primary").click()
                while try await scene.service.database.query("select from member").isEmpty {
                    try await Task.sleep(for: .milliseconds(100))
                }
                try await browser.waitUntil(visible: "table.rows tbody tr")
                try await scene.inspect(browser, "desk-imports-refused-desk-zh")
            }
        }
    }
}
