import Browser
import Crypto
import HTTP
import MemberCode
import Postgres
import Runtime
import Scheduler
import TestSupport
import Testing

@testable import Registry

/// The service on a port with a city in it, and browsers that look at its pages.
struct PageScene: Sendable {
    let service: TestService
    let city: Newcomer
    let address: String

    static let phone = "13812345678"
    static let nationalID = "11010519491231002X"

    /// What the tests read of answers.
    struct Made: Decodable { let id: Int64 }

    // MARK: People

    /// A member with a phone, and a session of theirs.
    func member(
        _ name: String = "张三", nationalID: String = Self.nationalID, phone: String = Self.phone
    ) async throws -> (id: Int64, token: String) {
        let made = await city.send(
            .post, "/v1/members",
            #"{"organizationId":\#(city.east),"name":"\#(name)","nationalId":"\#(nationalID)","phone":"\#(phone)","#
                + #""workerKind":"courier","employmentForm":"platform"}"#)
        #expect(made.status == 201, "\(made.text)")
        let id = try made.json(Made.self).id
        _ = await city.send(.post, "/v1/members/\(id)/status", #"{"status":"active"}"#)
        return (id, try await service.registry.memberSessions.create(ID(id)).token)
    }

    /// The digits that were sent last to a phone.
    func lastCode() async throws -> String {
        for job in service.registry.jobs where job.name == "sign_in_codes.send" { _ = try await job.run() }
        let row = try #require(
            try await service.database.query(
                "select event_id, data_sealed from outbox_event where type = 'message.requested' order by event_id desc limit 1"
            ).first)
        struct Message: Decodable { let parameters: [String: String] }
        let bytes = try Sealer(service.keys).open(try row.decode(1), in: OutboxStore.dataColumn, row: try row.decode(0))
        return try #require(try JSON.decode(Message.self, from: bytes).parameters["code"])
    }

    // MARK: Browsers

    /// Lets a browser have a session that was opened elsewhere, by the cookies that a sign-in sets.
    func admit(_ browser: BrowserSession, _ page: PageSession, _ token: String) async throws {
        // A view that is still open would ask in the name of who comes now.
        try await browser.go(to: "about:blank")
        try await browser.admit(page, token, at: address)
    }

    /// Goes to a view and waits until everything in it has come.
    func open(_ browser: BrowserSession, _ page: PageSession, _ view: String) async throws {
        let path = page == .worker ? "/" : "/\(page.rawValue)"
        // Another view of the same page is a change behind the #; a load makes it sure that nothing stays of the view before.
        try await browser.go(to: "about:blank")
        try await browser.go(to: "\(address)\(path)#\(view)")
        try await settled(browser)
    }

    /// Waits until the view is there and nothing in it loads.
    func settled(_ browser: BrowserSession) async throws {
        let unsettled = "[aria-busy=true], main > .skeleton, form.early"
        try await browser.waitUntil("document.querySelector('main h1') && !document.querySelector('\(unsettled)')")
    }

    /// What every view must be: readable, operable by keyboard and ear, without an error on the console, no wider than its screen.
    func inspect(_ browser: BrowserSession, _ name: String, besides: [String] = []) async throws {
        let picture = try await browser.saveScreenshot(named: name)
        let faults = try await PageAudit.faults(browser)
        #expect(faults == [], "\(name): \(picture)")
        let contrast = try await browser.contrastFaults()
        #expect(contrast.isEmpty, "\(name): \(contrast.map(\.description))")
        // Chromium asks an office far away where it is, which tests cut off; an organization without a join code has none to be read.
        let errors = try await browser.consoleErrors(besides: besides + ["Network location provider", "/join-code"])
        #expect(errors.isEmpty, "\(name): \(errors.map(\.description))")
    }
}

/// Runs `body` with the service on a port.
func withPages(_ body: (PageScene) async throws -> Void) async throws {
    try await withService { service in
        let server = HTTPServer(
            service.api, loops: TestLoops.all, configuration: HTTPServer.Configuration(host: "127.0.0.1", port: 0))
        try await server.start()
        let outcome: Result<Void, any Error>
        do {
            let scene = PageScene(service: service, city: try await Newcomer(service), address: "http://127.0.0.1:\(server.port)")
            outcome = .success(try await body(scene))
        } catch {
            outcome = .failure(error)
        }
        await server.stop(grace: .zero)
        try outcome.get()
    }
}
