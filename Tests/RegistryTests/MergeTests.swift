import HTTP
import Postgres
import Runtime
import TestSupport
import Testing

@testable import Registry

@Suite struct MergeTests {
    private func merge(_ scene: RegistryScene, _ duplicate: ID<Member>, into id: ID<Member>) async -> TestResponse {
        await scene.call(.post, "/v1/members/\(id)/merge", #"{"duplicateId":\#(duplicate),"reason":"换证"}"#)
    }

    @Test func `after a merge every path in finds the one who goes on, and both keep their histories`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let old = try await scene.enter("张三", RegistryScene.zhang, phone: "13812345678")
            let one = try await scene.enter("张三", RegistryScene.li, phone: "13912345678")
            let token = try await scene.session(of: old)
            #expect(await scene.call(.post, "/v1/members/\(old)/status", #"{"status":"suspended"}"#).status == 200)
            let merged = await merge(scene, old, into: one)
            #expect(merged.status == 200)
            #expect(await scene.call(.get, "/v1/account", as: token).status == 401, "its sessions end")

            let gone = try await scene.call(.get, "/v1/members/\(old)").json(MemberAnswer.self)
            #expect(gone.status == .left && gone.mergedInto == one)
            #expect(try await scene.registry.members.member(NationalID(RegistryScene.zhang))?.id == one)
            #expect(try await scene.registry.members.member(NationalID(RegistryScene.li))?.id == one)
            #expect(try await scene.registry.members.numbers(of: one) == [old, one].sorted { $0.rawValue < $1.rawValue })
            let phones = try await database.query("select member_id from member_phone_index")
            #expect(try phones.map { try $0.decode(0, as: ID<Member>.self) } == [one, one])
            // Entered again by the old id the person is known; a file with it changes neither name nor id of the one who goes on.
            let body = #"{"organizationId":\#(scene.organization.id),"name":"张三","nationalId":"\#(RegistryScene.zhang)"}"#
            #expect(await scene.call(.post, "/v1/members", body).problemCode == "registry.member_exists")
            let row = "姓名,身份证号,工种\n张老三,\(RegistryScene.zhang),货车司机\n"
            #expect(try await scene.bringIn(row).tally.updated == 1)
            let after = try #require(try await scene.registry.members.member(one))
            #expect(after.person?.name.text == "张三" && after.person?.nationalID.text == RegistryScene.li)
            #expect(after.workerKind == .truckDriver)
            #expect(try await scene.bringIn(row).tally.unchanged == 1)

            let history = try await scene.call(.get, "/v1/members/\(one)/merges").json(MergeList.self)
            #expect(
                history.items.map { "\($0.mergedMemberId)>\($0.memberId) \($0.statusBefore) \($0.reason) \($0.mergedBy)" } == [
                    "\(old)>\(one) suspended 换证 account:1"
                ])
            #expect(try await scene.call(.get, "/v1/members/\(old)/merges").json(MergeList.self).items.count == 1)
            let changes = try await database.query(
                "select status_after from member_status_change where member_id = \(old) order by version")
            #expect(try changes.map { try $0.decode(0, as: String.self) } == ["suspended", "left"])
            let events = try await database.query("select subject, data from outbox_event where type = 'member.merged'")
            #expect(try events.single.decode(0, as: String.self) == "member:\(one)")
            #expect(try events.single.decode(1, as: String.self) == #"{"memberId":\#(one),"mergedMemberId":\#(old)}"#)
            #expect(try await scene.audited().contains("member.merged member:\(one)"))
        }
    }

    @Test func `a merge ends what the one who goes had asked for, and keeps what the one who goes on asked for`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let west = try await scene.grow(.street, "西街")
            let code = try await scene.joinCode(of: west)
            func ask(_ id: ID<Member>) async throws -> ID<MemberTransfer> {
                let asked = await scene.call(.post, "/v1/me/transfers", #"{"joinCode":"\#(code)"}"#, as: try await scene.session(of: id))
                #expect(asked.status == 201)
                return try asked.json(TransferAnswer.self).id
            }
            let one = try await scene.enter("张三", RegistryScene.zhang)
            let two = try await scene.enter("张三", RegistryScene.li)
            let ends = try await ask(one)
            let stays = try await ask(two)
            // Applied on a poster, under yet another number.
            let applied = await JoinTests.apply(scene, code, JoinTests.form("张三", "110105198803150010"))
            let application = try applied.json(OwnApplicationAnswer.self)
            #expect(await merge(scene, one, into: two).status == 200)
            #expect(await merge(scene, application.memberId, into: two).status == 200)

            let transfers = try await scene.texts(
                "select transfer_id || ' ' || state || ' ' || coalesce(end_cause, '-') from member_transfer order by transfer_id")
            #expect(transfers == ["\(ends) cancelled member_not_active", "\(stays) open -"])
            let secret = try #require(application.secret)
            let told = await scene.call(.get, "/v1/join-application", as: secret)
            #expect(try told.json(OwnApplicationAnswer.self).state == .withdrawn)
            #expect(try told.json(OwnApplicationAnswer.self).card == nil, "the card is the one of who goes on")
            #expect(
                await scene.call(.post, "/v1/applications/\(application.applicationId)/approve").problemCode
                    == "application.state_not_allowed")
            // What stayed open goes its way.
            for agreed in ["agree", "agree"] { _ = await scene.call(.post, "/v1/transfers/\(stays)/\(agreed)") }
            let member = try #require(try await scene.registry.members.member(two))
            #expect(member.status == .active && member.organizationID == west)
            #expect(try await scene.registry.members.member(one)?.status == .left)
        }
    }

    @Test func `no one is merged twice, into itself, in a circle, or back to life`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let one = try await scene.enter("张三", RegistryScene.zhang)
            let two = try await scene.enter("李四", RegistryScene.li)
            let three = try await scene.enter("王五", DemoRegister.nationalID(seed: 1, row: 1).text)
            #expect(await merge(scene, one, into: one).problemCode == "registry.merge_with_itself")
            #expect(await merge(scene, ID(4711), into: one).problemCode == "registry.merge_duplicate_unknown")
            #expect(await merge(scene, one, into: ID(4711)).problemCode == "registry.member_not_found")
            #expect(await merge(scene, one, into: two).status == 200)
            #expect(await merge(scene, one, into: three).problemCode == "registry.member_merged")
            #expect(await merge(scene, two, into: one).problemCode == "registry.member_merged")
            #expect(
                await scene.call(.post, "/v1/members/\(one)/status", #"{"status":"active"}"#).problemCode == "registry.status_not_allowed")
            let certified = await scene.call(.put, "/v1/members/\(one)/attributes/education", #"{"value":"doctor"}"#)
            #expect(certified.problemCode == "registry.member_merged")
            // Who was merged before goes along.
            #expect(await merge(scene, two, into: three).status == 200)
            #expect(try await scene.registry.members.numbers(of: three) == [one, two, three])
            for id in [RegistryScene.zhang, RegistryScene.li] {
                #expect(try await scene.registry.members.member(NationalID(id))?.id == three)
            }
            #expect(try await scene.call(.get, "/v1/members/\(three)/merges").json(MergeList.self).items.count == 2)
        }
    }

    @Test(arguments: SeededGenerator.seeds(4))
    func `merges asked for at once in all directions leave everybody with one who goes on`(seed: UInt64) async throws {
        try await withDatabase { database in
            var generator = SeededGenerator(seed: seed)
            let scene = try await RegistryScene(database)
            var ids: [ID<Member>] = []
            for row in 0..<6 {
                ids.append(try await scene.enter("张三", DemoRegister.nationalID(seed: 9, row: row).text, phone: "1381234567\(row)"))
            }
            let asked = (0..<24).map { _ in ids.shuffled(using: &generator).prefix(2) }
            let statuses = await withTaskGroup(of: Int.self, returning: [Int].self) { group in
                for pair in asked { group.addTask { await merge(scene, pair[0], into: pair[1]).status } }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(Set(statuses).isSubset(of: [200, 409]), "\(statuses)")
            let merged = try await scene.count("member_merge")
            #expect(statuses.count { $0 == 200 } == merged)
            let wrong = try await database.query(
                """
                select count(*) from member
                left join member survivor on survivor.member_id = member.merged_into
                where (member.merged_into is null) <> (member.status = 'active') or survivor.merged_into is not null
                """)
            #expect(try wrong.single.decode(0, as: Int.self) == 0)
            let living = try await database.query("select member_id from member where merged_into is null")
            #expect(living.count == 6 - merged)
            for table in ["national_id_directory", "member_phone_index"] {
                let astray = try await database.query(
                    """
                    select count(*) from \(raw: table) entry
                    join member on member.member_id = entry.member_id
                    where member.merged_into is not null
                    """)
                #expect(try astray.single.decode(0, as: Int.self) == 0)
                #expect(try await scene.count(table) == 6)
            }
        }
    }
}
