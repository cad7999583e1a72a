import Browser
import FoundationEssentials
import HTTP
import Testing

@testable import waystation

/// Every view of every page with life in it, in every size and language.
struct PageSweepTests {
    /// What a view of one thing is looked at with, by the pattern of its address.
    private struct Things: Sendable {
        var worker: [(token: String, views: [String])]
        var desk: [String: [String]]
        /// In whose name the worker's other views are seen.
        let anybody: String
    }

    private struct Item: Decodable { let id: Int64 }
    private struct Numbered: Decodable { let number: Int64 }
    private struct Batch: Decodable { let batchId: Int64 }
    private struct Code: Decodable { let code: String }
    private struct Issued: Decodable { let credential: Item }
    private struct List<Element: Decodable>: Decodable { let items: [Element] }

    @Test func `every view with something in it can be used by everybody, by day and by night`() async throws {
        try await DemoPages.with { demo in
            let things = try await Self.things(of: demo)
            // One browser on each core: two ways through all views; with WAYSTATION_ALL_WAYS in the environment each goes two.
            let isLong = ProcessInfo.processInfo.environment["WAYSTATION_ALL_WAYS"] != nil
            let more: [BrowserOptions] = isLong ? [.desk(.chinese), .phone(.english)] : []
            try await withThrowingTaskGroup(of: Void.self) { group in
                for ways in [[BrowserOptions.phone(.chinese)] + more.prefix(1), [.desk(.english)] + more.suffix(1)] {
                    group.addTask { for options in ways { try await Self.sweep(demo, things, options) } }
                }
                try await group.waitForAll()
            }
        }
    }

    private static func sweep(_ demo: DemoPages, _ things: Things, _ options: BrowserOptions) async throws {
        try await withBrowser(options) { browser in
            let isChinese = options.language == .chinese
            let sweep = ViewSweep(
                browser: browser, address: demo.address, kind: (options.isPhone ? "phone-" : "desk-") + (isChinese ? "zh" : "en"),
                looksAtNight: isChinese)
            try await workers(sweep, things)
            try await desks(sweep, demo, things)
            try await devices(sweep, demo)
        }
    }

    private static func workers(_ sweep: ViewSweep, _ things: Things) async throws {
        try await sweep.open(.worker, "/sign-in", as: nil)
        var seen: [String] = ["/sign-in", "/me"]
        try await sweep.open(.worker, "/me", as: things.anybody)
        let routes = try await sweep.routes()
        for view in routes where !view.contains(":") && !seen.contains(view) {
            try await sweep.visit(.worker, view)
            seen.append(view)
        }
        for (token, views) in things.worker {
            try await sweep.open(.worker, views[0], as: token)
            for view in views.dropFirst() { try await sweep.visit(.worker, view) }
            seen += views
        }
        expectAll(routes, seen)
    }

    private static func desks(_ sweep: ViewSweep, _ demo: DemoPages, _ things: Things) async throws {
        try await sweep.open(.desk, "/sign-in", as: nil)
        try await sweep.open(.desk, "/", as: demo.state.ownerToken)
        var seen: [String] = ["/sign-in", "/"]
        let routes = try await sweep.routes()
        for route in routes where !seen.contains(route) {
            for view in things.desk[route] ?? [route].filter({ !$0.contains(":") }) {
                try await sweep.visit(.desk, view)
                seen.append(view)
            }
        }
        expectAll(routes, seen)
    }

    private static func devices(_ sweep: ViewSweep, _ demo: DemoPages) async throws {
        try await sweep.open(.device, "/pair", as: nil)
        for (profile, key) in demo.devices.sorted(by: { $0.key < $1.key }) {
            if ["door", "guard", "van"].contains(profile) {
                try await sweep.open(.device, "/place", as: key)
                try await sweep.browser.find("button.choice").click()
                try await sweep.browser.waitUntil(visible: ".ready")
                try await sweep.visit(.device, "/settings")
                try await sweep.visit(.device, "/")
            } else {
                try await sweep.open(.device, "/", as: key)
            }
        }
    }

    /// Whoever adds a view says here with what it is looked at.
    private static func expectAll(_ routes: [String], _ seen: [String]) {
        #expect(routes.count > 10, "\(routes)")
        for route in routes {
            let parts = route.split(separator: "/")
            let isSeen = seen.contains { view in
                let own = view.split(separator: "?")[0].split(separator: "/")
                return own.count == parts.count && zip(parts, own).allSatisfy { $0.hasPrefix(":") || $0 == $1 }
            }
            #expect(isSeen, "\(route) is never looked at")
        }
    }

    private static func things(of demo: DemoPages) async throws -> Things {
        let state = demo.state
        let (year, gifts, school, winter) = try (
            #require(state.year), #require(state.gifts), #require(state.school), #require(state.winter)
        )
        let (waiter, learner) = try (#require(school.waiterToken), #require(school.learnerToken))
        func ids(_ path: String, bearer: String? = nil) async throws -> [Int64] {
            try await demo.ask(path, bearer: bearer, as: List<Item>.self).items.map(\.id)
        }
        struct Claim: Decodable { let couponId: Int64? }
        _ = try await demo.ask(
            .post, "/v1/coupon-rounds/\(winter.rounds[2])/claims", #"{"requestId":"0b0ff0aa-7b8c-4a40-b3ba-000000000001"}"#,
            bearer: winter.memberToken, as: Claim.self)
        let card = try await demo.ask(
            .post, "/v1/members/\(winter.member)/credentials", #"{"kind":"card","pin":"1357"}"#, as: Issued.self
        ).credential.id
        let code = try await demo.ask(.post, "/v1/organizations/1/join-code/rotate", as: Code.self).code
        let policies = try await ids("/v1/me/policies", bearer: gifts.memberToken)
        let coupons = try await ids("/v1/me/coupons", bearer: winter.memberToken)
        let batches = try await demo.ask("/v1/me/insurance-batches", bearer: gifts.memberToken, as: List<Batch>.self).items.map(\.batchId)
        let enrolments = try await ids("/v1/me/enrolments", bearer: learner)
        let classes = try await ids("/v1/classes?limit=3")
        let draft = try await demo.ask(
            .post, "/v1/programs", #"{"organizationId":1,"title":"冬日体检","quota":20}"#, as: Item.self
        ).id
        let runs = try await demo.ask("/v1/programs/\(year.checkup)/runs", as: List<Numbered>.self).items.map(\.number)
        let programs = try await ids("/v1/programs?limit=10")
        func each(_ prefix: String, _ ids: [Int64], _ suffix: String = "") -> [String] { ids.map { "\(prefix)/\($0)\(suffix)" } }
        return Things(
            worker: [
                (year.guestToken, each("/programs", [year.checkup]) + ["/benefits", "/stations/1", "/join/\(code)"]),
                (year.askerToken, each("/programs", [year.checkup])),
                (gifts.memberToken, each("/policies", policies) + each("/batches", batches) + ["/benefits?tab=insurance"]),
                (
                    winter.memberToken,
                    each("/rounds", winter.rounds) + each("/coupons", coupons) + ["/benefits?tab=coupons", "/me/cards/\(card)/print"]
                ),
                (waiter, each("/school/enrolments", [try #require(school.waiterEnrolment)])),
                (learner, each("/school/enrolments", Array(enrolments.prefix(2))) + each("/school/classes", [classes[0]])),
            ],
            desk: [
                "/members/:id": each("/members", [state.memberID]), "/organizations/:id": ["/organizations/1"],
                "/stations/:id": ["/stations/1"], "/stations/:id/scans": ["/stations/1/scans?result=refused"],
                "/doors/:id": ["/doors/\(state.accessPointID)"],
                "/venues/:id": each("/venues", Array(try await ids("/v1/venues").prefix(1))),
                "/terms/:id/new-class": ["/terms/\(school.termID)/new-class"], "/classes/:id/edit": ["/classes/\(classes[0])/edit"],
                "/programs/:id": each("/programs", programs),
                "/programs/:id/edit": ["/programs/\(draft)/edit?step=who"], "/programs/:id/what-if": ["/programs/\(draft)/what-if"],
                "/programs/:id/runs/:number": each("/programs/\(year.checkup)/runs", runs),
                "/programs/:id/people": ["/programs/\(year.checkup)/people"],
                "/checkups/:id": each("/checkups", try await ids("/v1/checkups/campaigns")),
                "/coupons/:id": ["/coupons/\(winter.campaign)"], "/rounds/:id": each("/rounds", winter.rounds),
                "/rounds/:id/coupons": ["/rounds/\(winter.rounds[0])/coupons"],
                "/insurance/:id": each("/insurance", Array(try await ids("/v1/insurance-batches").suffix(2))),
                "/schools/:id": ["/schools/\(school.schoolID)"], "/terms/:id": ["/terms/\(school.termID)"],
                "/classes/:id": each("/classes", Array(classes.prefix(2))),
            ],
            anybody: learner)
    }
}
