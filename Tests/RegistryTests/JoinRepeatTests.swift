import HTTP
import Postgres
import Runtime
import TestSupport
import Testing

@testable import Registry

/// What an applicant is answered again, and what the audit keeps of it.
@Suite struct JoinRepeatTests {
    @Test func `a repeat is the first answer byte for byte, whatever was decided since`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let code = try await scene.joinCode(of: scene.organization.id)
            let first = await JoinTests.apply(scene, code, key: "k")
            #expect(first.status == 201)
            let answer = try first.json(OwnApplicationAnswer.self)
            #expect(await JoinTests.apply(scene, code, key: "k").body == first.body)
            let path = "/v1/applications/\(answer.applicationId)"
            #expect(await scene.send(.post, path + "/reject", #"{"reason":"证件不清楚"}"#).status == 200)
            #expect(await JoinTests.apply(scene, code, key: "k").body == first.body)
            let secret = try #require(answer.secret)
            let again = await scene.send(
                .put, "/v1/join-application", JoinTests.form(phone: "13900000000"), bearer: secret)
            #expect(again.status == 200, "\(again.text)")
            #expect(await scene.send(.post, path + "/approve").status == 200)
            #expect(await JoinTests.apply(scene, code, key: "k").body == first.body)
            // Who comes back, too; and two without a key are two cards.
            let id = try await scene.value("select max(member_id) from member", as: ID<Member>.self)
            #expect(await scene.send(.post, "/v1/members/\(id)/status", #"{"status":"left"}"#).status == 200)
            let back = await JoinTests.apply(scene, code, JoinTests.form(phone: "13900000000"), key: "back")
            #expect(back.status == 201)
            let returned = try back.json(OwnApplicationAnswer.self)
            #expect(await scene.send(.post, "/v1/applications/\(returned.applicationId)/approve").status == 200)
            #expect(await JoinTests.apply(scene, code, JoinTests.form(phone: "13900000000"), key: "back").body == back.body)
            #expect(returned.card?.text != answer.card?.text)
        }
    }

    @Test func `every submission of an applicant stands in the audit, by numbers alone`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let code = try await scene.joinCode(of: scene.organization.id)
            let first = try await JoinTests.apply(scene, code).json(OwnApplicationAnswer.self)
            _ = await JoinTests.apply(scene, code)
            _ = await scene.send(.post, "/v1/applications/\(first.applicationId)/reject", #"{"reason":"证件不清楚"}"#)
            let secret = try #require(first.secret)
            _ = await scene.send(.put, "/v1/join-application", JoinTests.form(), bearer: secret)
            let automatic = try await scene.joinCode(of: scene.organization.id, rule: .automatic)
            _ = await JoinTests.apply(scene, automatic, JoinTests.form("李四", "440524198001010013"))
            let left = try await scene.value("select max(member_id) from member", as: ID<Member>.self)
            _ = await scene.send(.post, "/v1/members/\(left)/status", #"{"status":"left"}"#)
            #expect(await JoinTests.apply(scene, automatic, JoinTests.form("李四", "440524198001010013")).status == 201)
            let entries = try await scene.texts(
                """
                select actor || ' ' || subject || ' ' || organization_id || ' ' || details from audit_entry
                where action = 'application.submitted' order by entry_id
                """)
            let city = scene.organization.id
            #expect(
                entries == [
                    #"applicant application:1 \#(city) {"member":"member:1","state":"pending"}"#,
                    #"applicant application:1 \#(city) {"member":"member:3","state":"pending"}"#,
                    #"applicant application:2 \#(city) {"member":"member:\#(left)","state":"approved"}"#,
                    #"applicant application:3 \#(city) {"member":"member:\#(left)","state":"pending"}"#,
                ])
        }
    }
}
