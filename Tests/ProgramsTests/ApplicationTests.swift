import Allocation
import Postgres
import Runtime
import TestSupport
import Testing

@testable import HTTP
@testable import Programs
@testable import Registry

@Suite struct ApplicationTests {
    static let sessions = (1...10).map { ProgramSession(number: Int32($0), title: "场 \($0)", capacity: 5) }

    private func path(_ program: ID<UnionProgram>) -> String { "/v1/me/programs/\(program)/application" }

    private func rows(_ scene: ProgramScene) async throws -> [String] {
        try await scene.database.query(
            """
            select member_id || ' ' || program_id || ' ' || state || ' ' || array_to_string(wishes, '-') || ' ' || priority || ' ' || points
                || ' ' || groups
            from program_application order by member_id, program_id
            """
        ).map { try $0.decode(0) }
    }

    /// The counts are what the rows say.
    static func isCounted(_ scene: ProgramScene, _ comment: Comment? = nil) async throws {
        let wrong: Int = try await scene.value(
            """
            select count(*)
            from program
            where coalesce((select sum(applicants) from program_applicant_count held where held.program_id = program.program_id), 0)
                <> (select count(*) from program_application a where a.program_id = program.program_id and a.state = 'applied')
            """)
        #expect(wrong == 0, comment)
    }

    @Test func `a member applies, changes the wishes and withdraws, under one ticket`() async throws {
        try await withPrograms { scene in
            let rules = ProgramRules(
                eligibility: [.organization([scene.east])],
                classes: [.init(name: "骑手", conditions: [.attribute(.workerKind, oneOf: ["food_rider"], evidence: .selfDeclared)])],
                points: [.init(points: 7, conditions: [.sex([.female])])],
                groups: [.init(name: "gig", conditions: [.attribute(.employmentForm, oneOf: ["platform"], evidence: .selfDeclared)])])
            let program = try await scene.announced(quota: 50, rules: rules, sessions: Self.sessions)
            let member = try await scene.members(1)[0]
            let token = try await scene.token(of: member)
            let open = scene.at(hours: 2)
            let first = await open.send(.put, path(program), #"{"wishes":[3,1,2]}"#, bearer: token)
            #expect(first.status == 200, "\(first.text)")
            let made = try first.json(OwnProgramApplicationAnswer.self)
            #expect(made.wishes == [3, 1, 2] && made.ticket.utf8.count == 8 && Ticket(made.ticket) != nil)
            #expect(try await rows(scene) == ["\(member) \(program) applied 3-1-2 2 7 1"])
            let again = try await open.send(.put, path(program), #"{"wishes":[4]}"#, bearer: token).json(OwnProgramApplicationAnswer.self)
            #expect(again.ticket == made.ticket && again.appliedAt == made.appliedAt && again.changedAt >= made.changedAt)
            #expect(try await rows(scene) == ["\(member) \(program) applied 4 2 7 1"])
            try await Self.isCounted(scene)
            #expect(await open.send(.delete, path(program), bearer: token).status == 204)
            #expect(await open.send(.delete, path(program), bearer: token).status == 204)
            #expect(try await rows(scene) == ["\(member) \(program) withdrawn 4 2 7 1"])
            try await Self.isCounted(scene)
            let back = try await open.send(.put, path(program), #"{"wishes":[5]}"#, bearer: token).json(OwnProgramApplicationAnswer.self)
            #expect(back.ticket == made.ticket && back.state == .applied)
            try await Self.isCounted(scene)
            #expect(try await open.programs.applications.count(of: program) == 1)
        }
    }

    @Test(
        arguments: [
            ("{\"wishes\":[3,1,2]}", true), (" { \"wishes\" : [ ] } ", true), ("{\"wishes\":[1.0,2e1]}", false),
            ("{\"wi\\u0073hes\":[7]}", false),
        ])
    func `wishes are read as the decoder reads them`(text: String, isPlain: Bool) throws {
        let bytes = Array(text.utf8)
        #expect(try JSON.read(WishesBody.self, from: bytes).wishes == JSON.decode(WishesBody.self, from: bytes).wishes)
        #expect((JSON.readDirectly(WishesBody.self, from: bytes) != nil) == isPlain)
    }

    private struct Frozen: Decodable {
        let ages: [String: Int]?
        let status: String
        let benefits: [String]?
        let sex: String?
        let attributes: [String: [String: String]]?
        let organizationId: ID<Organization>
    }

    @Test func `what the rules looked at is frozen with the application`() async throws {
        try await withPrograms { scene in
            let rules = ProgramRules(
                eligibility: [
                    .attribute(.hardshipHousehold, oneOf: ["true"], evidence: .certified),
                    .age(atLeast: 18, atMost: nil, on: try #require(CalendarDate(text: "2026-12-31"))),
                    .not(.benefit(family: "checkup", period: "2026")),
                ])
            let program = try await scene.announced(rules: rules)
            let member = try await scene.members(1)[0]
            let token = try await scene.token(of: member)
            func certify(_ value: String) async throws {
                let draft = AttributeClaimDraft(
                    memberID: member, attribute: .hardshipHousehold, value: value, evidence: .certified,
                    evidencedOn: try #require(CalendarDate(text: "2026-03-04")))
                _ = try await scene.database.transaction { (transaction) async throws(PostgresError) in
                    try await scene.registry.persons.attributes.claim([draft], by: "account:1", in: transaction)
                }
            }
            try await certify("true")
            let open = scene.at(hours: 2)
            #expect(await open.send(.put, path(program), #"{"wishes":[1]}"#, bearer: token).status == 200)
            try await certify("false")
            let frozen = try JSON.decode(
                Frozen.self, from: Array(try await scene.value("select evidence::text from program_application", as: String.self).utf8))
            #expect(frozen.ages == ["2026-12-31": 36] && frozen.status == "active" && frozen.benefits == [] && frozen.sex == nil)
            #expect(frozen.attributes == ["hardship_household": ["value": "true", "evidence": "certified", "evidencedOn": "2026-03-04"]])
            #expect(frozen.organizationId == scene.east)
            #expect(await open.send(.put, path(program), #"{"wishes":[1]}"#, bearer: token).reasonCodes == ["application.not_eligible"])
            let erased = try await scene.value("select member_erase(\(member), '{}', 'asked_by_the_person', 'account:1')", as: String.self)
            #expect(erased == "erased")
            #expect(try await scene.value("select evidence::text from program_application", as: String.self) == "{}")
        }
    }

    @Test func `every reason against an application is told at once, and nothing is written`() async throws {
        try await withPrograms { scene in
            let rules = ProgramRules(eligibility: [.organization([scene.west]), .sex([.male]), .sex([.female])])
            let program = try await scene.announced(rules: rules, sessions: Self.sessions, family: "checkup")
            let member = try await scene.members(1)[0]
            let token = try await scene.token(of: member)
            _ = try await scene.database.query(
                """
                insert into benefit (member_id, family, period, state, held_at, changed_at)
                values (\(member), 'checkup', '2026', 'confirmed', now(), now())
                """)
            _ = try await scene.database.query("update member set status = 'suspended' where member_id = \(member)")
            let answer = await scene.at(hours: 2).client.send(
                .put, path(program), bearer: token, headers: [("Accept-Language", "en")],
                body: Array(#"{"wishes":[1,11,1,2,3,4,5,6,7,12]}"#.utf8), contentType: "application/json")
            #expect(answer.undeclared == nil && answer.status == 422 && answer.problemCode == "application.refused")
            let reasons = try #require(answer.problem?.reasons)
            #expect(
                reasons.map { "\($0.code) \($0.pointer ?? "")" }.sorted() == [
                    "application.benefit_held ", "application.member_not_active ", "application.not_eligible ", "application.not_eligible ",
                    "application.session_unknown /wishes/1", "application.session_unknown /wishes/9", "application.wish_repeated /wishes/2",
                    "application.wishes_too_many /wishes",
                ])
            #expect(reasons.contains { $0.detail == "This does not hold: belongs to 西区 or to one below" })
            #expect(try await rows(scene).isEmpty)
            try await Self.isCounted(scene)
        }
    }

    @Test func `wishes for another program's sessions are refused`() async throws {
        try await withPrograms { scene in
            let pool = try await scene.announced()
            _ = try await scene.announced(sessions: Self.sessions)
            let token = try await scene.token(of: try await scene.members(1)[0])
            let answer = await scene.at(hours: 2).send(.put, path(pool), #"{"wishes":[1,2]}"#, bearer: token)
            #expect(answer.status == 422 && answer.reasonCodes == ["application.session_unknown"])
            #expect(answer.problem?.reasons.first?.pointer == "/wishes/1")
            #expect(try await rows(scene).isEmpty)
        }
    }

    @Test func `a session for the members of one organization is not wished for by others`() async throws {
        try await withPrograms { scene in
            let program = try await scene.announced(sessions: Self.sessions)
            _ = try await scene.database.query(
                "update program_session set audience_id = \(scene.west) where program_id = \(program) and number in (2, 4)")
            let (ours, theirs) = (try await scene.members(1)[0], try await scene.members(1, in: scene.west)[0])
            let open = scene.at(hours: 2)
            let answer = await open.send(.put, path(program), #"{"wishes":[1,2,3,4]}"#, bearer: try await scene.token(of: ours))
            #expect(answer.reasonCodes == ["application.session_for_others", "application.session_for_others"])
            #expect(answer.problem?.reasons.map(\.pointer) == ["/wishes/1", "/wishes/3"])
            #expect(await open.send(.put, path(program), #"{"wishes":[2,4]}"#, bearer: try await scene.token(of: theirs)).status == 200)
        }
    }

    @Test func `the database's clock opens and closes, whatever a job has tidied up`() async throws {
        try await withPrograms { scene in
            let program = try await scene.announced()
            let token = try await scene.token(of: try await scene.members(1)[0])
            let body = #"{"wishes":[1]}"#
            #expect(await scene.at(hours: 0).send(.put, path(program), body, bearer: token).problemCode == "program.not_open")
            #expect(await scene.at(hours: 0.99).send(.put, path(program), body, bearer: token).problemCode == "program.not_open")
            // Nobody has stepped it to open.
            #expect(await scene.at(hours: 1.01).send(.put, path(program), body, bearer: token).status == 200)
            let late = await scene.at(hours: 3.01).send(.put, path(program), #"{"wishes":[]}"#, bearer: token)
            #expect(late.status == 410 && late.problemCode == "program.closed")
            #expect(late.reasonCodes == ["program.closed", "application.wishes_missing"])
            #expect(await scene.at(hours: 3.01).send(.delete, path(program), bearer: token).problemCode == "program.closed")
            #expect(try await rows(scene).count == 1)
        }
    }

    @Test func `drafts and programs that are not there are unknown alike`() async throws {
        try await withPrograms { scene in
            let draft = try await scene.draft()
            let token = try await scene.token(of: try await scene.members(1)[0])
            for id in [draft, ID(999)] {
                #expect(await scene.at(hours: 2).send(.put, path(id), #"{"wishes":[1]}"#, bearer: token).problemCode == "program.not_found")
                #expect(await scene.at(hours: 2).send(.delete, path(id), bearer: token).problemCode == "program.not_found")
            }
            let program = try await scene.announced()
            #expect(await scene.at(hours: 2).send(.delete, path(program), bearer: token).problemCode == "application.none")
        }
    }

    @Test func `an organizer applies on behalf of a member of their own subtree, which is written down`() async throws {
        try await withPrograms { scene in
            let program = try await scene.announced(sessions: Self.sessions)
            let (ours, theirs) = (try await scene.members(1)[0], try await scene.members(1, in: scene.west)[0])
            let clerk = try await scene.registry.accounts.createOwner(name: "clerk")
            _ = try await scene.database.query(
                """
                update account_grant set role = 'operator', organization_id = \(scene.east)
                where account_id = (select account_id from account where name = 'clerk')
                """)
            let open = scene.at(hours: 2)
            let path = "/v1/programs/\(program)/applications"
            #expect(
                await open.send(.put, "\(path)/\(theirs)", #"{"wishes":[1]}"#, bearer: clerk).problemCode == "registry.member_not_found")
            #expect(
                await open.send(.put, "\(path)/\(ours)", #"{"wishes":[99]}"#, bearer: clerk).reasonCodes == ["application.session_unknown"])
            #expect(try await scene.value("select count(*) from audit_entry where action like 'program.applied%'", as: Int.self) == 0)
            #expect(await open.send(.put, "\(path)/\(ours)", #"{"wishes":[2,1]}"#, bearer: clerk).status == 200)
            #expect(await open.send(.put, "\(path)/\(theirs)", #"{"wishes":[1]}"#).status == 200)
            let seen = try await open.send(.get, path, bearer: clerk).json(ProgramApplicationList.self)
            #expect(seen.items.map(\.memberId) == [ours] && seen.next == nil)
            #expect(seen.items.first?.appliedBy.hasPrefix("account:") == true)
            let page = try await open.send(.get, "\(path)?limit=1").json(ProgramApplicationList.self)
            let rest = try await open.send(.get, "\(path)?limit=1&after=\(try #require(page.next))").json(ProgramApplicationList.self)
            #expect(Set((page.items + rest.items).map(\.memberId)) == [ours, theirs] && rest.next == nil)
            #expect(await open.send(.delete, "\(path)/\(theirs)", bearer: clerk).problemCode == "registry.member_not_found")
            #expect(await open.send(.delete, "\(path)/\(ours)", bearer: clerk).status == 204)
            let audited = try await scene.database.query(
                "select action || ' ' || subject from audit_entry where subject like 'member:%' order by entry_id")
            #expect(
                try audited.map { try $0.decode(0, as: String.self) } == [
                    "program.applied_for member:\(ours)", "program.applied_for member:\(theirs)", "program.withdrawn_for member:\(ours)",
                ])
            try await Self.isCounted(scene)
        }
    }

    @Test func `in mode local an application belongs to the nearest area of the sessions`() async throws {
        try await withPrograms { scene in
            let street = try #require(try await scene.registry.organizations.ensure(.init(parentID: scene.east, kind: .street, name: "一街")))
                .id
            let rules = ProgramRules(mode: .local)
            let program = try await scene.announced(
                quota: 3, rules: rules,
                sessions: [
                    ProgramSession(number: 1, title: "city", capacity: 1, areaID: scene.city),
                    ProgramSession(number: 2, title: "east", capacity: 1, areaID: scene.east),
                    ProgramSession(number: 3, title: "free", capacity: 1),
                ])
            let members = [
                try await scene.members(1, in: street)[0], try await scene.members(1, in: scene.west)[0],
                try await scene.members(1, in: scene.city)[0],
            ]
            let store = scene.at(hours: 2).programs.applications
            let outcomes = try await store.apply(
                batch: members.map { ApplyRequest(memberID: $0, programID: program, wishes: [3], subject: "test") }, in: scene.database)
            for outcome in outcomes { #expect(throws: Never.self) { try outcome.receipt } }
            let areas = try await scene.database.query("select area_id from program_application order by member_id")
            #expect(try areas.map { try $0.decode(0, as: Int64?.self) } == [scene.east.rawValue, scene.city.rawValue, scene.city.rawValue])
        }
    }

    @Test func `a ticket that another applicant has is drawn again`() async throws {
        try await withPrograms { scene in
            let program = try await scene.announced()
            let members = try await scene.members(2)
            let store = scene.at(hours: 2).programs.applications
            _ = try await store.apply(
                batch: [ApplyRequest(memberID: members[0], programID: program, wishes: [1], subject: "test")], in: scene.database)
            let row = try await scene.database.query("select ticket, (select rules_hash from program) from program_application")[0]
            let (ticket, hash): (Int64, [UInt8]) = (try row.decode(0), try row.decode(1))
            func outcomes(_ ids: [ID<Member>], _ tickets: [Int64]) async throws -> [String] {
                try await scene.database.query(
                    """
                    select outcome from programs_apply(
                        \(ids), \(ids.map { _ in program }), \(ids.map { _ in hash }), \(ids.map { _ in "{1}" }),
                        \(ids.map { _ in scene.east }), \(ids.map { _ in false }), \(tickets), \(ids.map { _ in Int32(1) }),
                        \(ids.map { _ in Int64(0) }), \(ids.map { _ in Int16(0) }), \(ids.map { _ in "{}" }), \(ids.map { _ in "test" }),
                        \(ids.map { _ in true }), \(Int64(7_200_000_000)))
                    order by request
                    """
                ).map { try $0.decode(0) }
            }
            #expect(try await outcomes([members[1]], [ticket]) == ["ticket_taken"])
            let others = try await scene.members(2)
            #expect(try await outcomes(others, [5, 5]) == ["applied", "ticket_taken"])
            #expect(try await outcomes([members[1], others[1]], [7, 8]) == ["applied", "applied"])
        }
    }
}
