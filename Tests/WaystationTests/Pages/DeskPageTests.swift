import Browser
import HTTP
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
                try await browser.waitUntil(visible: "[name=name]")
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
}
