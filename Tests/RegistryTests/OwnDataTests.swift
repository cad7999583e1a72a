import Crypto
import FoundationEssentials
import HTTP
import Postgres
import Runtime
import TestSupport
import Testing

@testable import Registry

@Suite struct OwnDataTests {
    private static let phone = "13812345678"

    private struct OwnData: Decodable {
        struct Member: Decodable {
            let id: Int64
            let name: String?
            let nationalId: String?
            let phone: String?
            let birthOn: String
        }

        let members: [Member]
        let organization: String?
    }

    @Test func `a member takes away everything that is stored, in clear, and it is written down`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let id = try await scene.enter("张三", RegistryScene.zhang, phone: Self.phone)
            let twin = try await scene.enter("张三丰", RegistryScene.li)
            let me = try await scene.session(of: id)
            #expect(await scene.call(.put, "/v1/me/attributes/education", #"{"value":"doctor"}"#, as: me).status == 200)
            let consent = #"{"given":true,"textVersion":"2026-11"}"#
            #expect(await scene.call(.put, "/v1/me/consents/marketing", consent, as: me).status == 200)
            #expect(await scene.call(.post, "/v1/members/\(id)/merge", #"{"duplicateId":\#(twin),"reason":"x"}"#).status == 200)
            scene.registry.persons.sections.add(PersonalDataSection("visits") { ids, _ in ids.map { "visit of \($0)" } })
            let answer = await scene.call(.get, "/v1/me/data", as: me)
            let own = try answer.json(OwnData.self)
            #expect(own.members.map(\.name) == ["张三", "张三丰"] && own.organization == "德保")
            #expect(own.members[0].nationalId == RegistryScene.zhang && own.members[0].phone == Self.phone)
            #expect(own.members[0].birthOn == "1949-12-31")
            for word in [
                "doctor", "marketing", "visit of \(id)", "visit of \(twin)", "member.data_exported", "mergedMemberId", "statusChanges",
            ] {
                #expect(answer.text.contains(word), "\(word)")
            }
            #expect(answer.header("Cache-Control") == "no-store")
            #expect(try await scene.audited().contains("member.data_exported member:\(id)"))
        }
    }

    @Test func `who is erased is found nowhere, the number and the figures stay, and the person may come again`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let id = try await scene.enter("张三", RegistryScene.zhang, phone: Self.phone)
            let twin = try await scene.enter("张三", RegistryScene.li, phone: "13912345678")
            let me = try await scene.session(of: id)
            #expect(await scene.call(.post, "/v1/members/\(id)/merge", #"{"duplicateId":\#(twin),"reason":"x"}"#).status == 200)
            #expect(await scene.call(.put, "/v1/members/\(id)/attributes/education", #"{"value":"doctor"}"#).status == 200)
            for body in [nil, "{}", #"{"confirm":"no"}"#] {
                #expect([400, 422].contains(await scene.call(.post, "/v1/me/erasure", body, as: me).status))
            }
            let erased = Erased()
            scene.registry.persons.sections.add(
                PersonalDataSection("cards", read: { _, _ in [String]() }, erase: { ids, _ in await erased.note(ids) }))
            let done = await scene.call(.post, "/v1/me/erasure", #"{"confirm":"erase"}"#, as: me)
            #expect(try done.json(ErasureAnswer.self).memberIds == [id, twin])
            #expect(await erased.ids == [id, twin])
            #expect(await scene.call(.get, "/v1/me/data", as: me).status == 401)
            for table in [
                "member_data_key", "member_personal_data", "national_id_directory", "member_phone_index", "member_name_index",
                "member_attribute",
            ] { #expect(try await scene.count(table) == 0, "\(table)") }
            let left = try await scene.call(.get, "/v1/members/\(id)").json(MemberAnswer.self)
            #expect(left.status == .left && left.erasedAt != nil && left.name == nil && left.nationalId == nil && left.birthYear == 1949)
            #expect(left.workerKind == .courier, "figures by kind stay")
            #expect(await scene.call(.get, "/v1/members/\(id)/code").problemCode == "registry.member_not_active")
            #expect(await scene.call(.post, "/v1/members/\(id)/status", #"{"status":"active"}"#).status == 409)
            #expect(
                try await database.query("select birth_on from member where member_id = \(id)").single.decode(0, as: CalendarDate.self)
                    .description == "1949-01-01")
            let events = try await database.query("select data from outbox_event where type = 'member.left'")
            #expect(try events.single.decode(0, as: String.self).contains(#""erased":true"#))
            #expect(try await scene.audited().contains("member.erased member:\(id)"))
            // Again, as somebody new.
            let again = try await scene.enter("张三", RegistryScene.zhang, phone: Self.phone)
            #expect(again != id && again != twin)
        }
    }

    @Test func `an old copy of the sealed columns cannot be read without the key that was destroyed`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let id = try await scene.enter("张三", RegistryScene.zhang, phone: Self.phone)
            let other = try await scene.enter("李四", RegistryScene.li)
            _ = try await database.query("create table backup as select * from member_personal_data where member_id = \(id)")
            let body = #"{"confirm":"erase","reason":"asked_by_the_person"}"#
            #expect(await scene.call(.post, "/v1/members/\(id)/erasure", body).status == 200)
            #expect(await scene.call(.post, "/v1/members/\(id)/erasure", body).problemCode == "registry.member_erased")
            _ = try await database.query("insert into member_personal_data select * from backup")
            #expect(try await scene.registry.members.member(id)?.person == nil)
            // With every key there is: the master keys through a new wrapped key, and another person's.
            let row = try await database.query("select name_sealed, national_id_sealed, phone_sealed from backup").single
            let (name, nationalID): ([UInt8], [UInt8]) = (try row.decode(0), try row.decode(1))
            let vault = PersonalDataVault(scene.keys)
            let key: [UInt8] = try await database.query("select wrapped_key from member_data_key where member_id = \(other)").single.decode(
                0)
            let fresh = try vault.seal(
                PersonalData(name: PersonName("王五"), nationalID: NationalID(RegistryScene.zhang), phone: nil), memberID: id.rawValue,
                wrappedKey: nil)
            for wrapped in [key, try #require(fresh.newWrappedKey)] {
                #expect(throws: CryptoError.self) {
                    try vault.open(wrappedKey: wrapped, name: name, nationalID: nationalID, phone: nil, memberID: id.rawValue)
                }
            }
            #expect(try await scene.registry.members.member(other)?.person?.name.text == "李四")
        }
    }

    @Test func `an erasure beside a file with the same person ends with the person wholly there or wholly not`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let id = try await scene.enter("张三", RegistryScene.zhang, phone: Self.phone)
            let file = "姓名,身份证号,手机号,工种\n张小三,\(RegistryScene.zhang),13912345678,货车司机\n"
            async let erased = scene.call(.post, "/v1/members/\(id)/erasure", #"{"confirm":"erase","reason":"required_by_law"}"#)
            async let imported = scene.bringIn(file)
            #expect(await erased.status == 200)
            #expect(try await imported.tally.read == 1)
            let keys = try await database.query("select member_id from member_data_key").map { try $0.decode(0, as: ID<Member>.self) }
            #expect(!keys.contains(id))
            for table in ["member_personal_data", "national_id_directory", "member_phone_index", "member_name_index"] {
                #expect(try await scene.count(table) == keys.count, "\(table)")
            }
        }
    }

    @Test func `only who may erase does, and only within the subtree`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let (one, other) = (try await scene.child("一厂"), try await scene.child("二厂"))
            let id = try await scene.enter("张三", RegistryScene.zhang, in: one)
            let body = #"{"confirm":"erase","reason":"asked_by_the_person"}"#
            let path = "/v1/members/\(id)/erasure"
            #expect(await scene.call(.post, path, body, as: try await scene.organizer(.operator, of: one)).status == 403)
            #expect(await scene.call(.post, path, body, as: try await scene.organizer(.manager, of: other)).status == 404)
            #expect(await scene.call(.post, path, body, as: try await scene.organizer(.manager, of: one)).status == 200)
        }
    }
}

private actor Erased {
    private(set) var ids: [ID<Member>] = []

    func note(_ ids: [ID<Member>]) { self.ids = ids }
}
