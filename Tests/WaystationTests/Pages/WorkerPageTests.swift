import Browser
import HTTP
import MemberCode
import Postgres
import Runtime
import Testing

@testable import Registry

/// A worker's phone, driven as a hand drives it.
struct WorkerPageTests {
    @Test func `a worker signs in by the phone, and the code on the screen is theirs`() async throws {
        try await withPages { scene in
            let member = try await scene.member()
            try await withBrowser(.phone(.chinese)) { browser in
                try await scene.open(browser, .worker, "/")
                try await browser.waitUntil(text: "登录", in: "h1")
                try await scene.inspect(browser, "worker-sign-in-phone-zh")
                try await browser.find("[name=phone]").type(PageScene.phone)
                try await browser.press(.enter)
                try await browser.waitUntil(visible: "[name=code]")
                // Wrong digits first: the reason stands there, and nothing that was typed is lost.
                try await browser.find("[name=code]").type("000000")
                try await browser.press(.enter)
                try await browser.waitUntil(visible: ".said p")
                try await browser.find("[name=code]").clear()
                try await browser.find("[name=code]").type(try await scene.lastCode())
                try await browser.press(.enter)
                try await browser.waitUntil(visible: ".pass .qr")
                let cookies = try await browser.cookies()
                let session = try #require(cookies.first { $0.name == "waystation_worker" })
                #expect(session.isHTTPOnly && session.sameSite == "Strict")
                let seen = try await browser.run("return document.cookie + JSON.stringify(localStorage)").string ?? ""
                #expect(!seen.contains("wsm_"), "no script sees the token")
                let text = try #require(try await QRReader.read(png: try await browser.screenshot()).first)
                switch MemberCodeVerifier(scene.service.keys).verify(text, nowMicroseconds: Clock().nowMicroseconds) {
                case .valid(let code): #expect(code.memberID == member.id)
                default: Issue.record("the code on the screen does not hold: \(text)")
                }
                try await scene.inspect(browser, "worker-code-phone-zh", besides: ["401", "422", "403"])
            }
        }
    }

    @Test func `my code opens without network, and the next one comes without it as well`() async throws {
        try await withPages { scene in
            let member = try await scene.member()
            try await withBrowser(.phone(.english, isDark: true)) { browser in
                try await scene.admit(browser, .worker, member.token)
                try await scene.open(browser, .worker, "/")
                try await browser.waitUntil(visible: ".pass .qr")
                try await browser.waitUntil("navigator.serviceWorker.controller !== null")
                try await browser.setOffline(true)
                try await browser.reload()
                try await browser.waitUntil(visible: ".pass .qr")
                try await browser.setOffline(true)
                try await browser.waitUntil(text: "cannot be reached", in: ".banner")
                let text = try #require(try await QRReader.read(png: try await browser.screenshot()).first)
                switch MemberCodeVerifier(scene.service.keys).verify(text, nowMicroseconds: Clock().nowMicroseconds) {
                case .valid(let code): #expect(code.memberID == member.id)
                default: Issue.record("the code without network does not hold")
                }
                try await browser.saveScreenshot(named: "worker-code-offline-phone-en-dark")
                // As if an hour were over: codes that were fetched ahead are used up, and the page says so instead of showing an old one.
                try await browser.run("const now = Date.now; Date.now = () => now() + 3600000;")
                try await browser.waitUntil(gone: ".pass .qr")
                try await browser.waitUntil(visible: ".state")
                try await browser.setOffline(false)
            }
        }
    }

    @Test func `a member who was suspended sees why there is no code`() async throws {
        try await withPages { scene in
            let member = try await scene.member()
            let suspended = await scene.city.send(.post, "/v1/members/\(member.id)/suspend", #"{"reason":"核实身份"}"#)
            #expect(suspended.status < 300, "\(suspended.text)")
            try await withBrowser(.phone(.chinese)) { browser in
                try await scene.admit(browser, .worker, member.token)
                try await scene.open(browser, .worker, "/")
                try await browser.waitUntil(visible: ".state h2")
                #expect(try await browser.findAll(".pass .qr").isEmpty)
                try await scene.inspect(browser, "worker-suspended-phone-zh", besides: ["409"])
            }
        }
    }

    @Test func `a message is new until it was on the screen`() async throws {
        try await withPages { scene in
            let member = try await scene.member()
            try await scene.service.database.transaction { (transaction) async throws(PostgresError) in
                let notice = MemberNotice("test_notice", Localized(zh: "名额是您的了", en: "The place is yours"), subject: "program:1")
                try await scene.service.registry.outbox.tell(notice, to: ID(member.id), phone: nil, validSeconds: 60, in: transaction)
            }
            try await withBrowser(.phone(.chinese)) { browser in
                try await scene.admit(browser, .worker, member.token)
                try await scene.open(browser, .worker, "/me/messages")
                try await browser.waitUntil(text: "名额是您的了", in: "main .message.unread")
                try await scene.inspect(browser, "worker-message-phone-zh")
                while try await scene.value("select count(*) from member_message where read_at is null", as: Int64.self) > 0 {
                    try await Task.sleep(for: .milliseconds(100))
                }
                try await scene.open(browser, .worker, "/me/messages")
                try await browser.waitUntil(text: "名额是您的了", in: "main .message:not(.unread)")
            }
        }
    }

    /// Every view of a worker, on a phone in Chinese and on a desk in English by night.
    @Test(arguments: [BrowserOptions.phone(.chinese), .desk(.english, isDark: true)])
    func `every view can be used by everybody`(_ options: BrowserOptions) async throws {
        try await withPages { scene in
            let member = try await scene.member()
            try await withBrowser(options) { browser in
                try await scene.admit(browser, .worker, member.token)
                let kind = (options.isPhone ? "phone-" : "desk-") + (options.language == .chinese ? "zh" : "en")
                for view in [
                    "/stations", "/stations/1", "/open", "/join", "/benefits", "/school", "/school/mine", "/me", "/me/visits",
                    "/me/messages", "/me/organization", "/me/cards", "/me/sessions", "/me/data",
                ] {
                    try await scene.open(browser, .worker, view)
                    let title = try await browser.title()
                    #expect(!title.contains("."), "\(view) has a title in words: \(title)")
                    try await scene.inspect(browser, "worker" + view.replacing("/", with: "-") + "-" + kind)
                }
            }
        }
    }

    @Test func `keys lead through the page in the order that is seen`() async throws {
        try await withPages { scene in
            let member = try await scene.member()
            try await withBrowser(.desk(.english)) { browser in
                try await scene.admit(browser, .worker, member.token)
                try await scene.open(browser, .worker, "/me")
                let steps = try await browser.focusOrder()
                let names = steps.map(\.name)
                #expect(names.first == "Skip to the content")
                let ways = ["My code", "Stations", "Benefits", "School", "Me"].compactMap { names.lastIndex(of: $0) }
                #expect(ways.count == 5 && ways == ways.sorted(), "\(names)")
            }
        }
    }
}
