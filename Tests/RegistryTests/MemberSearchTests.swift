import HTTP
import Postgres
import Runtime
import TestSupport
import Testing

@testable import Registry

@Suite struct MemberSearchTests {
    @Test func `members are found by id, by phone, and by name with birth date, masked`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let zhang = try await scene.enter("张三", RegistryScene.zhang, phone: "13812345678")
            let li = try await scene.enter("李四", RegistryScene.li, phone: "13812345678")
            func search(_ body: String) async throws -> [ID<Member>] {
                let answer = await scene.call(.post, "/v1/member-searches", body)
                #expect(answer.header("Cache-Control") == "no-store" && !answer.text.contains("张三"))
                return try answer.json(MemberSearchAnswer.self).items.map(\.id)
            }
            #expect(try await search(#"{"nationalId":"11010519491231002x"}"#) == [zhang])
            #expect(try await search(#"{"phone":"+86 138-1234-5678"}"#) == [zhang, li])
            #expect(try await search(#"{"name":"李四","birthOn":"1980-01-01"}"#) == [li])
            #expect(try await search(#"{"name":"李四","birthOn":"1980-01-02"}"#) == [])
            #expect(try await search(#"{"phone":"13912345678"}"#) == [])
        }
    }

    @Test func `what is looked for is one thing, and well-formed`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            for (body, code) in [
                (#"{}"#, "member.search_ambiguous"), (#"{"phone":"13812345678","nationalId":"1"}"#, "member.search_ambiguous"),
                (#"{"name":"李四"}"#, "member.search_ambiguous"), (#"{"nationalId":"1"}"#, "member.national_id_length"),
                (#"{"phone":"1"}"#, "member.phone_invalid"), (#"{"name":"=1","birthOn":"1980-01-01"}"#, "member.name_characters"),
            ] {
                let refused = await scene.call(.post, "/v1/member-searches", body)
                #expect(refused.problemCode == "registry.member_invalid" && refused.reasonCodes == [code], "\(body)")
            }
        }
    }

    @Test func `nobody outside the subtree is found`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let (one, other) = (try await scene.child("一厂"), try await scene.child("二厂"))
            let id = try await scene.enter("张三", RegistryScene.zhang, in: one)
            let body = #"{"nationalId":"\#(RegistryScene.zhang)"}"#
            let near = try await scene.organizer(.auditor, of: one)
            let far = try await scene.organizer(.auditor, of: other)
            #expect(
                try await scene.call(.post, "/v1/member-searches", body, as: near).json(MemberSearchAnswer.self).items.map(\.id) == [id])
            #expect(try await scene.call(.post, "/v1/member-searches", body, as: far).json(MemberSearchAnswer.self).items.isEmpty)
        }
    }

    @Test func `a search reads every table by its keys`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            _ = try await scene.bringIn(Array(DemoRegister(seed: 2, count: 3_000).joined()))
            _ = try await database.query("analyze")
            let id = DemoRegister.nationalID(seed: 2, row: 17)
            let person = try #require(try await scene.registry.members.member(id)?.person)
            let phone = try #require(person.phone)
            let scope = Scope(subtrees: [scene.organization.id])
            for search in [MemberSearch.nationalID(id), .phone(phone), .name(person.name, birthOn: id.birthOn)] {
                let scanned = try await database.transaction { (transaction) async throws(PostgresError) -> [String] in
                    let found = try await scene.registry.members.search(search, within: scope, in: transaction)
                    #expect(found.contains { $0.person?.nationalID == id })
                    var tables: [String] = []
                    let scans = try await transaction.query(
                        """
                        select relname::text from pg_stat_xact_user_tables
                        where seq_scan > 0 and relname not like 'organization%'
                        """)
                    for row in scans { tables.append(try row.decode(0)) }
                    return tables
                }
                #expect(scanned.isEmpty)
            }
        }
    }
}
