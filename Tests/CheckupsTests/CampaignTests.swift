import HTTP
import Postgres
import Programs
import Registry
import Runtime
import Testing

@testable import Checkups

/// What organizers lay out: campaigns, packages, visits, sessions in bulk.
@Suite struct CampaignTests {
    @Test func `every 30 minutes from 8 to half past 4 for three days, 40 each, a tenth for walk-ins`() async throws {
        try await withCheckups { scene in
            let campaign = try await scene.draft(capacity: 40, walkInPercent: 10, to: "16:30", days: 3)
            #expect(campaign.sessions.count == 3 * 17)
            #expect(campaign.sessions.map(\.number) == Array(1...51))
            #expect(campaign.sessions.allSatisfy { $0.capacity == 40 && $0.walkIn == 4 && $0.taken == 0 })
            let first = try #require(campaign.sessions.first)
            #expect(first.title == "\(scene.date()) 08:00 科技园")
            #expect(first.startsAt == scene.instant("08:00").description && first.endsAt == scene.instant("08:30").description)
            let last = try #require(campaign.sessions.last)
            #expect(
                last.startsAt == scene.instant("16:00", day: 2).description && last.endsAt == scene.instant("16:30", day: 2).description)
            #expect(Set(campaign.sessions.map(\.title)).count == 51)
            for title in campaign.sessions.map(\.title) { #expect(!title.contains { ",|=\"".contains($0) }) }
        }
    }

    @Test func `the same times again, days outside the visit and times that hold no session change nothing`() async throws {
        try await withCheckups { scene in
            let campaign = try await scene.draft(days: 2)
            let path = "/v1/checkups/visits/\(campaign.visit)/sessions"
            func refusal(_ days: String, _ from: String, _ to: String, every minutes: Int = 30) async -> TestResponse {
                await scene.today.send(
                    .post, path,
                    #"{"days":[\#(days)],"from":"\#(from)","to":"\#(to)","everyMinutes":\#(minutes),"capacity":5,"walkInPercent":0}"#)
            }
            #expect(await refusal("\"\(scene.date())\"", "08:00", "10:00").problemCode == "checkup.sessions_exist")
            #expect(await refusal("\"\(scene.date(2))\"", "12:00", "13:00").reasonCodes == ["checkup.day_outside"])
            #expect(await refusal("\"\(scene.date())\",\"\(scene.date())\"", "12:00", "13:00").reasonCodes == ["checkup.day_outside"])
            #expect(await refusal("\"\(scene.date())\"", "12:00", "12:20").reasonCodes == ["checkup.no_session_fits"])
            #expect(await refusal("\"\(scene.date())\"", "25:00", "26:00").status == 422)
            #expect(try await scene.value("select count(*) from program_session", as: Int.self) == 6)
            try await scene.addSessions(
                to: campaign.visit, VanSessionsBody(days: [scene.date(1)], from: "12:00", to: "13:00", everyMinutes: 20, capacity: 5))
            #expect(try await scene.value("select count(*) from program_session", as: Int.self) == 9)
        }
    }

    @Test func `two vans at one site at one time have sessions of their own`() async throws {
        try await withCheckups { scene in
            let campaign = try await scene.draft()
            let second = try await scene.visit(of: campaign.id, campaign.package)
            let sessions = try await scene.addSessions(
                to: second, VanSessionsBody(from: "08:00", to: "09:30", everyMinutes: 30, capacity: 1))
            #expect(sessions.map(\.title)[0] == "\(scene.date()) 08:00 科技园 #\(second)")
            #expect(sessions.map(\.number) == [4, 5, 6])
        }
    }

    @Test func `from its announcement to its result a program gets no sessions; then more, whose seats are the waitlist's`() async throws {
        try await withCheckups { scene in
            let campaign = try await scene.published()
            let path = "/v1/checkups/visits/\(campaign.visit)/sessions"
            let body = #"{"from":"14:00","to":"15:00","everyMinutes":30,"capacity":5}"#
            for state in ["announced", "open", "closed", "run", "reviewed", "ended"] {
                _ = try await scene.database.query("update program set state = \(state)")
                #expect(await scene.today.send(.post, path, body).problemCode == "checkup.sessions_frozen", "\(state)")
            }
            #expect(try await scene.value("select count(*) from program_session", as: Int.self) == 3)
            _ = try await scene.database.query("update program set state = 'published'")
            #expect(await scene.today.send(.post, path, body).status == 201)
            #expect(try await scene.give(5, of: campaign, to: scene.members(1)[0], state: "offered") == "held")
            #expect(try await scene.value("select count(*) from program_event where step = 'sessions_added'", as: Int.self) == 2)
        }
    }

    @Test func `a program is one of checkups once, a package's name and a worker's kind stand in it once`() async throws {
        try await withCheckups { scene in
            let campaign = try await scene.draft()
            let again = await scene.today.send(.post, "/v1/checkups/campaigns", #"{"programId":\#(campaign.id)}"#)
            #expect(again.problemCode == "checkup.campaign_exists")
            #expect(await scene.today.send(.post, "/v1/checkups/campaigns", #"{"programId":999}"#).problemCode == "checkup.program_unknown")
            let packages = "/v1/checkups/campaigns/\(campaign.id)/packages"
            let same = #"{"name":"基础套餐","items":["血压"],"valueFen":100}"#
            #expect(await scene.today.send(.post, packages, same).problemCode == "checkup.package_exists")
            let twice =
                #"{"name":"B","items":["血压"],"valueFen":100,"addOns":["#
                + #"{"workerKind":"courier","items":["a"]},{"workerKind":"courier","items":["b"]}]}"#
            #expect(await scene.today.send(.post, packages, twice).reasonCodes == ["checkup.add_on_twice"])
            let all = try await scene.today.send(.get, packages).json(CheckupPackageList.self).items
            #expect(all.count == 1 && all[0].valueFen == 55_000 && all[0].addOns == [.init(workerKind: .courier, items: ["颈椎"])])
        }
    }

    @Test func `a visit is whole: a package of the campaign, known organizations, days in order, both coordinates`() async throws {
        try await withCheckups { scene in
            let campaign = try await scene.draft()
            let other = try await scene.draft()
            func codes(_ change: (inout VanVisitBody) -> Void) async throws -> [String] {
                var body = VanVisitBody(
                    packageId: campaign.package, hostOrganizationId: scene.park, site: "园区", address: "1 号", firstOn: scene.date(),
                    lastOn: scene.date())
                change(&body)
                return await scene.today.send(
                    .post, "/v1/checkups/campaigns/\(campaign.id)/visits", String(decoding: try JSON.encode(body), as: UTF8.self)
                ).reasonCodes
            }
            #expect(try await codes { $0.packageId = other.package } == ["checkup.package_unknown"])
            #expect(try await codes { $0.hostOrganizationId = ID(999) } == ["checkup.organization_unknown"])
            #expect(try await codes { $0.lastOn = scene.date(-1) } == ["checkup.days_invalid"])
            #expect(try await codes { $0.latitude = 31 } == ["checkup.place_not_whole"])
            for site in ["a,b", "a|b", "a=b", "a\"b", " a", "a\u{7}b"] {
                #expect(try await codes { $0.site = site } == ["request.wrong_pattern"], "\(site)")
            }
            #expect(try await scene.value("select count(*) from checkup_visit", as: Int.self) == 2)
        }
    }

    @Test func `who reaches neither the campaign's organization nor the host finds nothing; the host looks but does not lay out`()
        async throws
    {
        try await withCheckups { scene in
            let campaign = try await scene.draft()
            let client = { (grants: [AccountGrant]) in
                TestClient(
                    API(
                        routes: scene.today.checkups.routes,
                        authenticator: FixedAuthenticator(["t": OrganizerPrincipal(accountID: ID(9), grants: grants)])),
                    loop: scene.database.loops[0])
            }
            let visit = "/v1/checkups/visits/\(campaign.visit)"
            let body = Array(#"{"from":"14:00","to":"15:00","everyMinutes":30,"capacity":5}"#.utf8)
            let town = client([AccountGrant(role: .manager, organizationID: scene.town)])
            for path in [visit, visit + "/sessions", visit + "/days/\(scene.date())/list"] {
                #expect(await town.send(.get, path, bearer: "t").problemCode == "checkup.visit_unknown")
            }
            #expect(await town.send(.get, "/v1/checkups/campaigns/\(campaign.id)", bearer: "t").problemCode == "checkup.campaign_unknown")
            let host = client([AccountGrant(role: .manager, organizationID: scene.park)])
            #expect(await host.send(.get, visit, bearer: "t").status == 200)
            let laid = await host.send(.post, visit + "/sessions", bearer: "t", body: body, contentType: "application/json")
            #expect(laid.problemCode == "checkup.visit_unknown")
        }
    }
}
