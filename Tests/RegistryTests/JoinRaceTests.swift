import HTTP
import Postgres
import Runtime
import TestSupport
import Testing

@testable import Registry

/// The same people coming in at once: from several phones, at two servers over one database, by every way in.
@Suite struct JoinRaceTests {
    /// Two servers: the scene's, and another with connections and a loop of its own.
    private func withServers(_ body: (RegistryScene, [TestClient]) async throws -> Void) async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let loops = [TestLoops.all[1]]
            let other = Database(database.settings, loops: loops)
            try await other.start()
            let registry = Registry(database: other, keys: scene.keys, loops: loops)
            let client = TestClient(API(routes: registry.routes, authenticator: registry.authenticator), loop: loops[0])
            let outcome: Result<Void, any Error>
            do { outcome = .success(try await body(scene, [scene.client, client])) } catch { outcome = .failure(error) }
            await other.stop(grace: .seconds(1))
            try outcome.get()
        }
    }

    private func apply(_ client: TestClient, _ code: String, _ form: String) async -> TestResponse {
        let response = await client.send(
            .post, "/v1/join/\(code)/applications", body: Array(form.utf8), contentType: "application/json")
        #expect(response.undeclared == nil)
        return response
    }

    /// Nobody lacks a part, and no part is of nobody.
    private func isWhole(_ scene: RegistryScene, people: Int, _ comment: Comment) async throws {
        for table in ["member", "national_id_directory", "member_data_key", "member_personal_data", "member_name_index"] {
            #expect(try await scene.count(table) == people, "\(table), \(comment)")
        }
        let stray: Int = try await scene.value(
            """
            select count(*)
            from member_phone_index entry
            full join (select member_id, phone_index from member_personal_data where phone_index is not null) personal
                on personal.member_id = entry.member_id and personal.phone_index = entry.phone_index
            where entry.member_id is null or personal.member_id is null
            """)
        #expect(stray == 0, "a phone leads elsewhere, \(comment)")
    }

    @Test func `two members who each join twice at once, from two phones and at two servers, are two members`() async throws {
        for _ in 0..<3 {
            try await withServers { scene, clients in
                let codes = [
                    try await scene.joinCode(of: scene.organization.id),
                    try await scene.joinCode(of: try await scene.grow(.street, "城关"), rule: .automatic),
                ]
                let people = [("张三", RegistryScene.zhang), ("李四", RegistryScene.li)]
                let outcomes = await withTaskGroup(of: (person: Int, status: Int).self) { group in
                    for (person, (name, id)) in people.enumerated() {
                        for (server, client) in clients.enumerated() {
                            for phone in 0..<3 {
                                group.addTask {
                                    let form = JoinTests.form(name, id, phone: "1381234\(person)\(server)0\(phone)")
                                    let answer = await apply(client, codes[phone % 2], form)
                                    if answer.status != 201 { #expect(answer.problemCode == "join.person_exists") }
                                    return (person, answer.status)
                                }
                            }
                        }
                    }
                    return await group.reduce(into: []) { $0.append($1) }
                }
                for person in people.indices {
                    #expect(outcomes.count { $0.person == person && $0.status == 201 } == 1)
                    #expect(outcomes.count { $0.person == person && $0.status == 409 } == 5)
                }
                try await isWhole(scene, people: 2, "two members")
                #expect(try await scene.count("member_application") == 2)
                #expect(try await scene.count("member_consent") == 2)
                #expect(try await scene.count("outbox_event") == 2)
            }
        }
    }

    @Test(arguments: SeededGenerator.seeds(2))
    func `whatever ways in meet, each person is there once`(seed: UInt64) async throws {
        try await withServers { scene, clients in
            let street = try await scene.grow(.street, "城关")
            let code = try await scene.joinCode(of: street)
            let filer = try await scene.organizer(.manager, in: street)
            let ids = (0..<10).map { DemoRegister.nationalID(seed: seed, row: $0).text }
            let file = Array(("姓名,身份证号,组织\n" + ids.map { "张三,\($0),德保\n" }.joined()).utf8)
            let filed = Array(("姓名,身份证号\n" + ids.reversed().map { "张三,\($0)\n" }.joined()).utf8)
            await withTaskGroup(of: Void.self) { group in
                for (number, id) in ids.enumerated() {
                    for client in clients {
                        group.addTask {
                            let form = JoinTests.form("张三", id, phone: "138000000\(number + 10)")
                            let answer = await apply(client, code, form)
                            #expect(answer.status == 201 || answer.problemCode == "join.person_exists", "seed \(seed): \(answer.text)")
                        }
                    }
                    group.addTask {
                        let body = #"{"organizationId":\#(street),"name":"张三","nationalId":"\#(id)"}"#
                        let answer = await scene.send(.post, "/v1/members", body)
                        #expect(answer.status == 201 || answer.problemCode == "registry.member_exists", "seed \(seed): \(answer.text)")
                    }
                }
                for (client, bearer, bytes, query) in [
                    (clients[0], scene.owner, file, ""), (clients[1], filer, filed, "?organizationId=\(street)"),
                ] {
                    group.addTask {
                        let answer = await client.send(
                            .post, "/v1/member-imports" + query, bearer: bearer, body: bytes, contentType: "text/csv")
                        #expect(answer.status < 300, "seed \(seed): \(answer.text)")
                    }
                }
            }
            try await isWhole(scene, people: 10, "seed \(seed)")
            let homeless: Int = try await scene.value(
                """
                select count(*)
                from member
                left join member_application application on application.member_id = member.member_id
                where (member.status = 'provisional') <> (coalesce(application.state, '') = 'pending')
                """)
            #expect(homeless == 0, "seed \(seed): who is provisional has an application that waits, and nobody else")
        }
    }
}
