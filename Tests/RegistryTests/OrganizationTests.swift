import HTTP
import Postgres
import Runtime
import TestSupport
import Testing

@testable import Registry

@Suite struct OrganizationTests {
    private func inScene(clock: Clock = Clock(), _ body: (RegistryScene) async throws -> Void) async throws {
        try await withDatabase { try await body(RegistryScene($0, clock: clock)) }
    }

    @Test func `a profile is changed field by field, and not over somebody else's change`() async throws {
        try await inScene { scene in
            let path = "/v1/organizations/\(scene.organization.id)"
            let first = await scene.send(
                .patch, path, #"{"creditCode":"91350100m000100y43","chairName":"李梅","employees":120,"employeesFemale":50,"industry":"G"}"#,
                headers: [("If-Match", "\"1\"")])
            #expect(first.status == 200 && first.header("ETag") == "\"2\"")
            let changed = try first.json(OrganizationAnswer.self)
            #expect(changed.creditCode == "91350100M000100Y43" && changed.chairName == "李梅" && changed.industry == .transport)
            let late = await scene.send(.patch, path, #"{"employees":1}"#, headers: [("If-Match", "\"1\"")])
            #expect(late.status == 412 && late.problemCode == "registry.organization_changed")
            let cleared = try await scene.send(.patch, path, #"{"chairName":null}"#).json(OrganizationAnswer.self)
            #expect(cleared.chairName == nil && cleared.employees == 120)
            let broken = await scene.send(.patch, path, #"{"employees":10,"creditCode":"91350100M000100Y44","name":"德保\n县"}"#)
            #expect(broken.status == 422 && broken.problemCode == "registry.organization_invalid")
            #expect(
                Set(broken.reasonCodes) == [
                    "registry.credit_code_invalid", "registry.more_women_than_employees", "registry.text_characters",
                ])
            let turned = await scene.send(.patch, path, #"{"name":"德保\u202e县"}"#)
            #expect(turned.status == 422 && turned.reasonCodes == ["request.control_character"], "\(turned.text)")
            let other = try await scene.grow(.enterprise, "顺达")
            let taken = await scene.send(.patch, "/v1/organizations/\(other)", #"{"creditCode":"91350100M000100Y43"}"#)
            #expect(taken.reasonCodes == ["registry.credit_code_taken"])
            _ = try await scene.grow(.enterprise, "通达")
            #expect(await scene.send(.patch, "/v1/organizations/\(other)", #"{"name":"通达"}"#).problemCode == "registry.organization_exists")
            let told = try await scene.texts("select details from audit_entry where action = 'organization.changed' order by entry_id")
            #expect(told == [#"{"fields":"creditCode,industry,employees,employeesFemale,chairName"}"#, #"{"fields":"chairName"}"#])
        }
    }

    @Test func `yearly fields fall due, become overdue, and are renewed with their history`() async throws {
        try await inScene { scene in
            let id = try await scene.grow(.enterprise, "顺达")
            func set(_ day: String) async throws {
                _ = try await scene.database.query("update organization set renewed_on = \(raw: day) where organization_id = \(id)")
            }
            func found(_ renewal: String) async throws -> [ID<Organization>] {
                try await scene.send(.get, "/v1/organizations?renewal=\(renewal)").json(OrganizationList.self).items.map(\.id)
            }
            #expect(try await scene.send(.get, "/v1/organizations/\(id)").json(OrganizationAnswer.self).renewal == .current)
            #expect(try await found("current") == [scene.organization.id, id])
            try await set("date '2001-06-30'")
            #expect(try await found("overdue") == [id])
            #expect(try await found("current") == [scene.organization.id])
            let renewed = await scene.send(
                .post, "/v1/organizations/\(id)/renewals", #"{"employees":80,"employeesFemale":30,"membersStated":75,"chairName":"李梅"}"#)
            #expect(renewed.status == 201)
            let answer = try renewed.json(OrganizationAnswer.self)
            #expect(answer.renewal == .current && answer.membersStated == 75)
            #expect(try await found("overdue") == [])
            #expect(try await found("due") == [])
            let again = await scene.send(.post, "/v1/organizations/\(id)/renewals", #"{"employees":81}"#)
            #expect(again.status == 201)
            let history = try await scene.send(.get, "/v1/organizations/\(id)/renewals").json(OrganizationRenewalList.self).items
            #expect(history.map(\.employees) == [81, 80] && history.allSatisfy { $0.renewedBy == "account:1" && $0.chairName == "李梅" })
            #expect(history.allSatisfy { $0.halfYearOn.hasSuffix("-01-01") || $0.halfYearOn.hasSuffix("-07-01") })
        }
    }

    @Test func `a renewal is asked for anew when the clock comes to the next half-year`() async throws {
        // A year on: whatever was entered today is overdue or due by then, and renewing counts for that day.
        try await inScene(clock: Clock(offsetMicroseconds: 400 * 86_400 * 1_000_000)) { scene in
            let path = "/v1/organizations/\(scene.organization.id)"
            #expect(try await scene.send(.get, path).json(OrganizationAnswer.self).renewal == .overdue)
            let renewed = try await scene.send(.post, path + "/renewals", "{}").json(OrganizationAnswer.self)
            #expect(renewed.renewal == .current && renewed.renewedOn > String(renewed.createdAt.prefix(10)))
        }
    }

    @Test func `a subtree moves with its history, never below itself`() async throws {
        try await inScene { scene in
            let east = try await scene.grow(.district, "东区")
            let west = try await scene.grow(.district, "西区")
            let street = try await scene.grow(.street, "城关", below: east)
            let firm = try await scene.grow(.enterprise, "顺达", below: street)
            func move(_ id: ID<Organization>, _ parent: String, _ bearer: String? = nil) async -> TestResponse {
                await scene.send(.post, "/v1/organizations/\(id)/move", #"{"parentId":\#(parent),"reason":"区划调整"}"#, bearer: bearer)
            }
            let moved = await move(street, "\(west)")
            #expect(moved.status == 200 && moved.header("ETag") == "\"2\"")
            #expect(try moved.json(OrganizationAnswer.self).parentId == west)
            #expect(try await scene.registry.organizations.isInside(firm, Scope(subtrees: [west])))
            #expect(try await !scene.registry.organizations.isInside(firm, Scope(subtrees: [east])))
            #expect(await move(west, "\(firm)").problemCode == "registry.organization_cycle")
            #expect(await move(west, "\(west)").problemCode == "registry.organization_cycle")
            #expect(await move(street, "4711").problemCode == "registry.organization_unknown")
            #expect(await move(west, "\(east)").problemCode == "registry.organization_kind_not_allowed")
            let twin = try await scene.grow(.street, "城关", below: east)
            #expect(await move(twin, "\(west)").problemCode == "registry.organization_exists")
            let manager = try await scene.organizer(.manager, in: west)
            // Neither away from one's own subtree, nor out of another's.
            #expect(await move(street, "\(east)", manager).problemCode == "registry.organization_unknown")
            #expect(await move(twin, "\(west)", manager).problemCode == "registry.organization_not_found")
            let history = try await scene.send(.get, "/v1/organizations/\(street)/moves").json(OrganizationMoveList.self).items
            #expect(history.map(\.parentIdBefore) == [east] && history.map(\.parentIdAfter) == [west])
            #expect(history.map(\.reason) == ["区划调整"] && history.map(\.movedBy) == ["account:1"])
        }
    }

    @Test func `two moves at once that would close a circle: one comes through`() async throws {
        try await inScene { scene in
            let parent = try await scene.grow(.enterprise, "集团")
            let first = try await scene.grow(.enterprise, "甲", below: parent)
            let second = try await scene.grow(.enterprise, "乙", below: parent)
            async let one = scene.send(.post, "/v1/organizations/\(first)/move", #"{"parentId":\#(second),"reason":"a"}"#)
            async let two = scene.send(.post, "/v1/organizations/\(second)/move", #"{"parentId":\#(first),"reason":"b"}"#)
            let statuses = await [one.status, two.status].sorted()
            #expect(statuses == [200, 409])
            let above: Int = try await scene.value(
                "select count(*) from organization_ancestor where organization_id in (\(first), \(second)) and distance = 0")
            #expect(above == 2)
        }
    }

    @Test func `an organization with members or others below it is not closed, and says how many`() async throws {
        try await inScene { scene in
            let id = try await scene.grow(.street, "城关")
            let child = try await scene.grow(.enterprise, "顺达", below: id)
            _ = try await scene.joinCode(of: id)
            let member = #"{"organizationId":\#(id),"name":"张三","nationalId":"11010519491231002X"}"#
            let entered = try await scene.send(.post, "/v1/members", member).json(MemberAnswer.self)
            func close(_ id: ID<Organization>) async -> TestResponse {
                await scene.send(.post, "/v1/organizations/\(id)/close", #"{"reason":"并入新区"}"#, headers: [("Accept-Language", "en")])
            }
            let refused = await close(id)
            #expect(refused.status == 409 && refused.problemCode == "registry.organization_in_use")
            #expect(refused.problem?.detail == "1 members, 1 organizations below it, 0 transfers on their way here")
            #expect(await close(child).status == 200)
            _ = await scene.send(.post, "/v1/members/\(entered.id)/status", #"{"status":"left"}"#)
            let closed = await close(id)
            #expect(try closed.json(OrganizationAnswer.self).state == .closed)
            #expect(await close(id).problemCode == "registry.organization_closed")
            #expect(await scene.send(.get, "/v1/organizations/\(id)/join-code").problemCode == "registry.join_code_none")
            #expect(await scene.send(.post, "/v1/organizations/\(id)/join-code/rotate").problemCode == "registry.organization_closed")
            #expect(await scene.send(.patch, "/v1/organizations/\(id)", "{}").problemCode == "registry.organization_closed")
            let below = await scene.send(.post, "/v1/organizations", #"{"parentId":\#(id),"kind":"enterprise","name":"x"}"#)
            #expect(below.problemCode == "registry.organization_closed")
        }
    }

    @Test func `a list counts who belongs to each organization, and to all below it, if it is asked to`() async throws {
        try await inScene { scene in
            let street = try await scene.grow(.street, "城关")
            let unit = try await scene.grow(.enterprise, "顺达", below: street)
            let empty = try await scene.grow(.street, "都安")
            for (place, status, people) in [(street, "active", 2), (unit, "provisional", 3), (unit, "left", 4)] {
                _ = try await scene.database.query(
                    """
                    insert into member (
                        organization_id, status, worker_kind, employment_form, sex, birth_on, hardship_post, employer_checkup)
                    select \(place), \(status), 'courier', 'platform', 'male', '1990-01-01', false, false
                    from generate_series(1, \(people)::integer)
                    """)
            }
            let list = try await scene.send(.get, "/v1/organizations?counts=true").json(OrganizationList.self).items
            let counts = Dictionary(uniqueKeysWithValues: list.map { ($0.id, [$0.members, $0.membersWithin]) })
            #expect(counts[street] == [2, 5] && counts[unit] == [3, 3] && counts[empty] == [0, 0])
            #expect(counts[scene.organization.id] == [0, 5])
            let plain = try await scene.send(.get, "/v1/organizations").json(OrganizationList.self).items
            #expect(plain.allSatisfy { $0.members == nil && $0.membersWithin == nil })
        }
    }

    @Test func `an English name is given, shown and taken away`() async throws {
        try await inScene { scene in
            let path = "/v1/organizations/\(scene.organization.id)"
            func changed(_ body: String) async throws -> OrganizationAnswer {
                try await scene.send(.patch, path, body).json(OrganizationAnswer.self)
            }
            let named = try await changed(#"{"nameEn":"Debao"}"#)
            #expect(named.nameEn == "Debao")
            let list = try await scene.send(.get, "/v1/organizations").json(OrganizationList.self)
            #expect(list.items.map(\.nameEn) == ["Debao"])
            #expect(await scene.send(.patch, path, #"{"nameEn":" "}"#).reasonCodes == ["registry.text_characters"])
            let kept = try await changed(#"{"name":"德保县"}"#)
            #expect(kept.nameEn == "Debao")
            let taken = try await changed(#"{"nameEn":null}"#)
            #expect(taken.nameEn == nil)
        }
    }

    @Test func `a manager sees and changes the own subtree and nothing else`() async throws {
        try await inScene { scene in
            let street = try await scene.grow(.street, "城关")
            let other = try await scene.grow(.street, "都安")
            let manager = try await scene.organizer(.manager, in: street)
            let auditor = try await scene.organizer(.auditor, in: street)
            let seen = try await scene.send(.get, "/v1/organizations", bearer: manager).json(OrganizationList.self)
            #expect(seen.items.map(\.id) == [street])
            for path in ["", "/moves", "/renewals", "/join-code", "/poster"] {
                let answer = await scene.send(.get, "/v1/organizations/\(other)\(path)", bearer: manager)
                #expect(answer.problemCode == "registry.organization_not_found", "\(path)")
            }
            let changes: [(HTTP.Method, String, String?)] = [
                (.patch, "", "{}"), (.post, "/renewals", "{}"), (.post, "/move", #"{"reason":"x"}"#), (.post, "/close", #"{"reason":"x"}"#),
                (.post, "/join-code/rotate", nil), (.post, "/join-code/disable", nil),
            ]
            for (method, path, body) in changes {
                let foreign = await scene.send(method, "/v1/organizations/\(other)\(path)", body, bearer: manager)
                #expect(foreign.problemCode == "registry.organization_not_found", "\(path)")
                #expect(await scene.send(method, "/v1/organizations/\(street)\(path)", body, bearer: auditor).status == 403, "\(path)")
            }
            let root = await scene.send(.post, "/v1/organizations", #"{"kind":"city","name":"x"}"#, bearer: manager)
            #expect(root.status == 403)
            let child = await scene.send(
                .post, "/v1/organizations", #"{"parentId":\#(street),"kind":"holding","name":"代管"}"#, bearer: manager)
            #expect(child.status == 201)
            let beyond = await scene.send(
                .post, "/v1/organizations", #"{"parentId":\#(other),"kind":"holding","name":"代管"}"#, bearer: manager)
            #expect(beyond.problemCode == "registry.organization_unknown")
            let wrong = await scene.send(.post, "/v1/organizations", #"{"parentId":\#(street),"kind":"city","name":"x"}"#)
            #expect(wrong.problemCode == "registry.organization_kind_not_allowed")
        }
    }

    @Test func `a join code comes as JSON, picture, drawing and poster, and ends when another is made`() async throws {
        try await inScene { scene in
            let path = "/v1/organizations/\(scene.organization.id)/join-code"
            #expect(await scene.send(.get, path).problemCode == "registry.join_code_none")
            let first = try await scene.send(.post, path + "/rotate").json(JoinCodeAnswer.self)
            #expect(JoinCode(first.text)?.text == first.code)
            #expect(try await scene.send(.get, path).json(JoinCodeAnswer.self).code == first.code)
            let svg = await scene.send(.get, path, headers: [("Accept", "image/svg+xml")])
            #expect(svg.header("Content-Type") == "image/svg+xml" && svg.text.hasPrefix("<svg"))
            #expect(await scene.send(.get, path, headers: [("Accept", "text/plain")]).text.contains("▀"))
            let poster = await scene.send(.get, "/v1/organizations/\(scene.organization.id)/poster")
            #expect(poster.header("Content-Type") == "text/html; charset=utf-8" && poster.text.contains(first.printed))
            let picture = await scene.send(
                .get, "/v1/organizations/\(scene.organization.id)/poster", headers: [("Accept", "image/svg+xml")])
            #expect(picture.header("Content-Type") == "image/svg+xml" && picture.text.contains(first.printed))
            let second = try await scene.send(.post, path + "/rotate").json(JoinCodeAnswer.self)
            #expect(second.code != first.code)
            #expect(await scene.send(.post, path + "/disable").status == 204)
            #expect(await scene.send(.post, path + "/disable").problemCode == "registry.join_code_none")
            let states = try await scene.texts("select state from organization_join_code order by created_at, code")
            #expect(states.sorted() == ["disabled", "rotated"])
        }
    }
}
