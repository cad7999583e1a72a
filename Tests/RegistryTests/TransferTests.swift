import HTTP
import Postgres
import Runtime
import Scheduler
import TestSupport
import Testing

@testable import Registry

/// Two streets of a city, a member of the first, and somebody who works for each.
private struct Streets {
    let scene: RegistryScene
    let east: ID<Organization>
    let west: ID<Organization>
    let code: String
    let eastern: String
    let western: String
    let memberID: ID<Member>
    let member: String

    init(_ scene: RegistryScene) async throws {
        self.scene = scene
        east = try await scene.grow(.street, "东街")
        west = try await scene.grow(.street, "西街")
        code = try await scene.joinCode(of: west)
        eastern = try await scene.organizer(.operator, in: east)
        western = try await scene.organizer(.operator, in: west)
        let body = #"{"organizationId":\#(east),"name":"张三","nationalId":"11010519491231002X"}"#
        memberID = try await scene.send(.post, "/v1/members", body).json(MemberAnswer.self).id
        member = try await scene.registry.memberSessions.create(memberID, lifetimeSeconds: 3_600).token
    }

    func ask() async -> TestResponse {
        await scene.send(.post, "/v1/me/transfers", #"{"joinCode":"\#(code)"}"#, bearer: member)
    }

    func present() async throws -> (organization: ID<Organization>, status: String) {
        let row = try await scene.database.query("select organization_id, status from member where member_id = \(memberID)")[0]
        return (try row.decode(0), try row.decode(1))
    }

    func settle() async throws {
        for job in scene.registry.jobs where job.name == "transfers.settle" { try await job.run() }
    }

    /// As if a week had passed.
    func letTheDeadlinePass() async throws {
        _ = try await scene.database.query(
            "update member_transfer set asked_at = asked_at - interval '8 days', deadline_at = deadline_at - interval '8 days'")
    }
}

@Suite struct TransferTests {
    private func inStreets(_ body: (Streets) async throws -> Void) async throws {
        try await withDatabase { try await body(Streets(RegistryScene($0))) }
    }

    @Test func `a member asks by the other organization's code, both agree, and the history stays`() async throws {
        try await inStreets { streets in
            let scene = streets.scene
            let asked = await streets.ask()
            #expect(asked.status == 201)
            let transfer = try asked.json(TransferAnswer.self)
            #expect(transfer.state == .open && !transfer.releasingAgreed && !transfer.receivingAgreed)
            #expect(transfer.fromOrganizationName == "东街" && transfer.toOrganizationName == "西街")
            let named = await scene.send(.patch, "/v1/organizations/\(streets.east)", #"{"nameEn":"East"}"#)
            #expect(try named.json(OrganizationAnswer.self).nameEn == "East")
            let listed = try await scene.send(.get, "/v1/me/transfers", bearer: streets.member).json(TransferList.self).items
            #expect(listed.map(\.fromOrganizationNameEn) == ["East"] && listed[0].toOrganizationNameEn == nil)
            let path = "/v1/transfers/\(transfer.id)"
            let noted = try await scene.send(.post, path + "/agree", bearer: streets.eastern).json(TransferAnswer.self)
            #expect(noted.state == .open && noted.releasingAgreed)
            #expect(try await streets.present().organization == streets.east, "no gap: still where it was")
            let done = try await scene.send(.post, path + "/agree", bearer: streets.western).json(TransferAnswer.self)
            #expect(done.state == .completed && done.endCause == .bothAgreed)
            let (organization, status) = try await streets.present()
            #expect(organization == streets.west && status == "active")
            let history = try await scene.send(.get, "/v1/me/memberships", bearer: streets.member).json(MembershipList.self).items
            #expect(history.map(\.organizationId) == [streets.west, streets.east] && history.map(\.cause) == [nil, "transferred"])
            #expect(history[0].startedAt == history[1].endedAt, "one ends as the other begins")
            #expect(history.map(\.organizationName) == ["西街", "东街"] && history.map(\.organizationNameEn) == [nil, "East"])
            let events = try await scene.texts("select type from outbox_event order by event_id")
            #expect(events.contains("member.transferred"))
            let audited = try await scene.texts("select action from audit_entry where subject like 'transfer:%' order by entry_id")
            #expect(audited == ["transfer.asked", "transfer.agreed", "transfer.completed"])
            #expect(await scene.send(.post, path + "/agree", bearer: streets.western).problemCode == "transfer.ended")
        }
    }

    @Test func `an organization asks, the other refuses with a reason, and nothing has moved`() async throws {
        try await inStreets { streets in
            let scene = streets.scene
            let path = "/v1/members/\(streets.memberID)/transfers"
            let asked = await scene.send(.post, path, #"{"organizationId":\#(streets.west)}"#, bearer: streets.western)
            let transfer = try asked.json(TransferAnswer.self)
            #expect(transfer.receivingAgreed && !transfer.releasingAgreed)
            #expect(
                await scene.send(.post, "/v1/transfers/\(transfer.id)/refuse", #"{"reason":""}"#, bearer: streets.eastern).status == 422)
            let refused = try await scene.send(
                .post, "/v1/transfers/\(transfer.id)/refuse", #"{"reason":"劳动关系仍在本街"}"#, bearer: streets.eastern
            ).json(TransferAnswer.self)
            #expect(refused.state == .refused && refused.endCause == .releasingRefused && refused.refuseReason == "劳动关系仍在本街")
            #expect(try await streets.present().organization == streets.east)
            #expect(await streets.ask().status == 201, "another may be asked for now")
        }
    }

    @Test func `who speaks for both sides completes at once, who speaks for none is told nothing`() async throws {
        try await inStreets { streets in
            let scene = streets.scene
            let path = "/v1/members/\(streets.memberID)/transfers"
            let third = try await scene.organizer(.manager, in: try await scene.grow(.street, "南街"))
            let stranger = await scene.send(.post, path, #"{"organizationId":\#(streets.west)}"#, bearer: third)
            #expect(stranger.problemCode == "registry.member_not_found")
            let asked = try await streets.ask().json(TransferAnswer.self)
            #expect(await scene.send(.get, "/v1/transfers/\(asked.id)", bearer: third).problemCode == "transfer.not_found")
            #expect(await scene.send(.post, "/v1/transfers/\(asked.id)/agree", bearer: third).problemCode == "transfer.not_found")
            #expect(try await scene.send(.get, "/v1/transfers", bearer: third).json(TransferList.self).items.isEmpty)
            #expect(
                try await scene.send(.get, "/v1/transfers?state=open", bearer: streets.western).json(TransferList.self).items.count == 1)
            #expect(await scene.send(.post, "/v1/me/transfers/\(asked.id)/cancel", bearer: streets.member).status == 200)
            let city = await scene.send(.post, path, #"{"organizationId":\#(streets.west)}"#)
            #expect(try city.json(TransferAnswer.self).state == .completed)
            #expect(try await streets.present().organization == streets.west)
        }
    }

    @Test func `silence consents after the deadline, and no refusal comes later`() async throws {
        try await inStreets { streets in
            let transfer = try await streets.ask().json(TransferAnswer.self)
            try await streets.settle()
            #expect(try await streets.present().organization == streets.east, "there is time left")
            try await streets.letTheDeadlinePass()
            let late = await streets.scene.send(
                .post, "/v1/transfers/\(transfer.id)/refuse", #"{"reason":"x"}"#, bearer: streets.eastern)
            #expect(late.problemCode == "transfer.deadline_passed")
            try await streets.settle()
            #expect(try await streets.present().organization == streets.west)
            let own = try await streets.scene.send(.get, "/v1/me/transfers", bearer: streets.member).json(TransferList.self).items
            #expect(own.map(\.endCause) == [.silence])
            try await streets.settle()
            #expect(try await streets.scene.count("membership") == 1, "settled once")
        }
    }

    @Test func `of transfers that cross at once one is open, and the others are told of it`() async throws {
        try await inStreets { streets in
            let scene = streets.scene
            let south = try await scene.grow(.street, "南街")
            let path = "/v1/members/\(streets.memberID)/transfers"
            let answers = await withTaskGroup(of: TestResponse.self) { group in
                for number in 0..<9 {
                    group.addTask {
                        number % 3 == 0
                            ? await streets.ask()
                            : await scene.send(
                                .post, path, #"{"organizationId":\#(number % 3 == 1 ? streets.west : south)}"#, bearer: streets.eastern)
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.filter { $0.status == 201 }.count == 1)
            #expect(answers.filter { $0.problemCode == "transfer.open_exists" }.count == 8)
            #expect(try await scene.value("select count(*) from member_transfer where state = 'open'", as: Int.self) == 1)
        }
    }

    @Test func `what cannot be is refused with its reason`() async throws {
        try await inStreets { streets in
            let scene = streets.scene
            let own = try await scene.joinCode(of: streets.east)
            func ask(_ code: String) async -> String? {
                await scene.send(.post, "/v1/me/transfers", #"{"joinCode":"\#(code)"}"#, bearer: streets.member).problemCode
            }
            #expect(await ask(own) == "transfer.same_organization")
            #expect(await ask("22222222") == "join.code_unknown")
            _ = await scene.send(.post, "/v1/organizations/\(streets.west)/join-code/disable")
            #expect(await ask(streets.code) == "join.code_ended")
            let path = "/v1/members/\(streets.memberID)/transfers"
            #expect(await scene.send(.post, path, #"{"organizationId":4711}"#).problemCode == "registry.organization_unknown")
            #expect(await scene.send(.post, "/v1/organizations/\(streets.west)/close", #"{"reason":"x"}"#).status == 200)
            #expect(await ask(streets.code) == "transfer.target_closed")
            let closed = await scene.send(.post, path, #"{"organizationId":\#(streets.west)}"#, bearer: streets.eastern)
            #expect(closed.problemCode == "transfer.target_closed")
            #expect(await scene.send(.post, "/v1/members/\(streets.memberID)/suspend", #"{"reason":"x"}"#).status == 200)
            #expect(await ask(own) == "transfer.member_not_active")
        }
    }

    @Test func `an organization that closes meanwhile ends the transfer with that reason`() async throws {
        try await inStreets { streets in
            _ = await streets.ask()
            #expect(await streets.scene.send(.post, "/v1/organizations/\(streets.west)/close", #"{"reason":"x"}"#).status == 200)
            try await streets.letTheDeadlinePass()
            try await streets.settle()
            let own = try await streets.scene.send(.get, "/v1/me/transfers", bearer: streets.member).json(TransferList.self).items
            #expect(own.map(\.state) == [.refused] && own.map(\.endCause) == [.organizationClosed])
            let (organization, status) = try await streets.present()
            #expect(organization == streets.east && status == "active")
        }
    }

    @Test func `agreeing, refusing, settling and leaving at once: one of them is what happened`() async throws {
        for seed in SeededGenerator.seeds(3) {
            try await inStreets { streets in
                let transfer = try await streets.ask().json(TransferAnswer.self)
                if seed % 2 == 0 { try await streets.letTheDeadlinePass() }
                await withTaskGroup(of: Void.self) { group in
                    let path = "/v1/transfers/\(transfer.id)"
                    for (bearer, verb, body) in [
                        (streets.eastern, "agree", nil), (streets.western, "agree", nil),
                        (streets.eastern, "refuse", #"{"reason":"x"}"#), (streets.western, "refuse", #"{"reason":"x"}"#),
                    ] as [(String, String, String?)] {
                        group.addTask {
                            let answer = await streets.scene.send(.post, "\(path)/\(verb)", body, bearer: bearer)
                            #expect(answer.status == 200 || answer.status == 409, "seed \(seed)")
                        }
                    }
                    group.addTask { do { try await streets.settle() } catch { Issue.record("seed \(seed): \(error)") } }
                    group.addTask { _ = await streets.scene.send(.post, "/v1/me/leave", #"{"reason":"x"}"#, bearer: streets.member) }
                }
                let (organization, status) = try await streets.present()
                #expect(status == "left")
                let state: String = try await streets.scene.value("select state from member_transfer")
                #expect((organization == streets.west) == (state == "completed"), "seed \(seed)")
                #expect(state != "open", "seed \(seed)")
                let memberships = try await streets.scene.count("membership")
                #expect(memberships == (state == "completed" ? 2 : 1), "seed \(seed)")
            }
        }
    }

    @Test func `leaving, suspension and coming back keep reasons and history`() async throws {
        try await inStreets { streets in
            let scene = streets.scene
            let path = "/v1/members/\(streets.memberID)"
            func send(_ verb: String, _ body: String = #"{"reason":"因故"}"#, _ tag: String? = nil) async -> TestResponse {
                await scene.send(
                    .post, "\(path)/\(verb)", body, bearer: streets.eastern, headers: tag.map { [("If-Match", $0)] } ?? [])
            }
            _ = await streets.ask()
            #expect(await send("suspend", "{}").status == 422)
            #expect(await send("suspend", #"{"reason":"因故"}"#, "\"9\"").problemCode == "registry.member_changed")
            #expect(try await send("suspend").json(MemberAnswer.self).status == .suspended)
            #expect(try await scene.texts("select end_cause from member_transfer") == ["member_not_active"])
            #expect(await scene.send(.get, "\(path)/code").problemCode == "registry.member_not_active")
            #expect(await send("suspend").problemCode == "registry.status_not_allowed")
            #expect(try await send("rejoin").json(MemberAnswer.self).status == .active)
            #expect(await send("rejoin").problemCode == "registry.status_not_allowed")
            #expect(await scene.send(.post, "\(path)/leave", #"{"reason":"x"}"#, bearer: streets.western).status == 404)
            let left = await scene.send(.post, "/v1/me/leave", #"{"reason":"回乡"}"#, bearer: streets.member)
            #expect(try left.json(MemberAnswer.self).status == .left)
            let beyond = await send("rejoin", #"{"reason":"回来","organizationId":\#(streets.west)}"#)
            #expect(beyond.problemCode == "registry.organization_unknown")
            let back = await scene.send(.post, "\(path)/rejoin", #"{"reason":"回来","organizationId":\#(streets.west)}"#)
            #expect(try back.json(MemberAnswer.self).organizationId == streets.west)
            let told = try await scene.texts(
                """
                select status_before || '>' || status_after || ' ' || changed_by || ' ' || reason
                from member_status_change order by version
                """)
            #expect(
                told.map { $0.replacing("account:2", with: "eastern") } == [
                    "active>suspended eastern 因故", "suspended>active eastern 因故", "active>left member:\(streets.memberID) 回乡",
                    "left>active account:1 回来",
                ])
            let history = try await scene.send(.get, path + "/memberships").json(MembershipList.self).items
            #expect(history.map(\.organizationId) == [streets.west, streets.east] && history.map(\.cause) == [nil, "left"])
            let events = try await scene.texts("select type from outbox_event order by event_id")
            #expect(events == ["member.joined", "member.suspended", "member.joined", "member.left", "member.joined"])
            #expect(try await scene.value("select count(*) from audit_entry where action like 'membership.%'", as: Int.self) == 4)
        }
    }

    @Test func `a person's own data tells the memberships, and erasing ends them and takes the reasons`() async throws {
        try await inStreets { streets in
            let scene = streets.scene
            let asked = try await streets.ask().json(TransferAnswer.self)
            let refusal = #"{"reason":"张三仍在本街"}"#
            _ = await scene.send(.post, "/v1/transfers/\(asked.id)/refuse", refusal, bearer: streets.eastern)
            _ = await streets.ask()
            let data = await scene.send(.get, "/v1/me/data", bearer: streets.member)
            #expect(data.text.contains("\"memberships\"") && data.text.contains("\"releasing_refused\""))
            let erased: String = try await scene.value(
                "select member_erase(\(streets.memberID), '{}'::bytea[], 'asked_by_the_person', 'test')")
            #expect(erased == "erased")
            #expect(try await scene.texts("select cause from membership") == ["left"])
            #expect(try await scene.texts("select state from member_transfer order by transfer_id") == ["refused", "cancelled"])
            #expect(try await scene.value("select count(*) from member_transfer where refuse_reason like '%张三%'", as: Int.self) == 0)
        }
    }

    @Test func `a file that moves a member keeps where the member was`() async throws {
        try await inStreets { streets in
            _ = try await streets.scene.bringIn("姓名,身份证号,组织\n张三,11010519491231002X,西街\n")
            let history = try await streets.scene.registry.members.memberships(of: streets.memberID)
            #expect(history.map(\.organizationID) == [streets.west, streets.east] && history.map(\.cause) == [nil, "imported"])
        }
    }

    @Test func `a holding organization tells how long people wait in it`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let holding = try await scene.grow(.holding, "代管")
            let path = "/v1/organizations/\(holding)/holding-report"
            #expect(await scene.send(.get, "/v1/organizations/\(scene.organization.id)/holding-report").status == 409)
            let empty = try await scene.send(.get, path).json(HoldingReportAnswer.self)
            #expect(empty.waiting == nil && empty.placed == nil && empty.waitingByWorkerKind.isEmpty && empty.left == 0)
            // Ten couriers who wait 1 to 10 days and one rider who waits 100.
            _ = try await database.query(
                """
                insert into member (
                    organization_id, status, worker_kind, employment_form, sex, birth_on, hardship_post, employer_checkup,
                    organization_since)
                select
                    \(holding), 'active', case when n = 11 then 'food_rider' else 'courier' end, 'platform', 'male', '1990-01-01', false,
                    false, now() - case when n = 11 then 100 else n end * interval '1 day'
                from generate_series(1, 11) n
                """)
            _ = try await database.query(
                """
                insert into membership (member_id, version, organization_id, started_at, ended_at, cause)
                select member_id, 2, \(holding), now() - interval '40 days', now() - interval '10 days', 'imported'
                from member order by member_id limit 3
                """)
            let report = try await scene.send(.get, path).json(HoldingReportAnswer.self)
            let waiting = try #require(report.waiting)
            #expect(waiting.people == 11 && waiting.medianDays == 6 && waiting.ninetiethPercentileDays == 10 && waiting.longestDays == 100)
            #expect(report.waitingByWorkerKind.map(\.workerKind) == [.courier, .foodRider])
            #expect(report.waitingByWorkerKind.map(\.people) == [10, 1] && report.waitingByWorkerKind[0].medianDays == 5)
            #expect(report.placed?.people == 3 && report.placed?.medianDays == 30 && report.left == 0)
        }
    }
}
