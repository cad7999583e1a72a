import HTTP
import Postgres
import Runtime
import TestSupport
import Testing

@testable import Registry

@Suite struct ConsentTests {
    @Test func `consent is given and withdrawn purpose by purpose, and every change is kept`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let id = try await scene.enter("张三", RegistryScene.zhang)
            let me = try await scene.session(of: id)
            func set(_ purpose: String, _ given: Bool, _ version: String = "2026-11") async throws -> ConsentList {
                try await scene.call(.put, "/v1/me/consents/\(purpose)", #"{"given":\#(given),"textVersion":"\#(version)"}"#, as: me)
                    .json(ConsentList.self)
            }
            #expect(try await scene.call(.get, "/v1/me/consents", as: me).json(ConsentList.self).items.isEmpty)
            _ = try await set("whereabouts", true)
            _ = try await set("whereabouts", true)
            _ = try await set("marketing", true)
            _ = try await set("marketing", false)
            let list = try await set("whereabouts", true, "2027-01")
            #expect(
                list.items.map { "\($0.purpose.rawValue) \($0.given) \($0.textVersion)" } == [
                    "marketing false 2026-11", "whereabouts true 2027-01",
                ])
            #expect(
                list.history.map { "\($0.purpose.rawValue) \($0.given)" } == [
                    "whereabouts true", "marketing true", "marketing false", "whereabouts true",
                ])
            let seen = try await scene.call(.get, "/v1/members/\(id)/consents").json(ConsentList.self)
            #expect(seen.history.count == 4)
            let condition = MemberConsentStore.condition("member.member_id", .whereabouts)
            #expect(try await database.query("select from member where \(fragment: condition)").count == 1)
            #expect(
                try await scene.audited() == [
                    "member.consent_given member:\(id)", "member.consent_given member:\(id)", "member.consent_withdrawn member:\(id)",
                    "member.consent_given member:\(id)",
                ])
        }
    }

    @Test func `consent to the register itself is not withdrawn alone`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let me = try await scene.session(of: try await scene.enter("张三", RegistryScene.zhang))
            let refused = await scene.call(.put, "/v1/me/consents/registry", #"{"given":false,"textVersion":"1"}"#, as: me)
            #expect(refused.problemCode == "registry.consent_needed")
            #expect(await scene.call(.put, "/v1/me/consents/astrology", #"{"given":true,"textVersion":"1"}"#, as: me).status == 404)
            #expect(try await scene.count("member_consent") == 0)
        }
    }
}
