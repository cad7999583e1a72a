import HTTP
import Postgres
import Runtime
import TestSupport
import Testing

@testable import Registry

/// What an organizer of one district reaches of members, imports and devices.
struct ScopeTests {
    private static let other = "440524198001010013"

    @Test func `members are listed, read, changed and entered within the subtree only`() async throws {
        try await inSignInScene { scene in
            let east = try await scene.member("张三", SignInScene.nationalID, in: scene.east)
            let west = try await scene.member("李四", Self.other, phone: nil, in: scene.west)
            let manager = try await scene.account("东经理", .manager, in: scene.east).token
            let listed = try await scene.send(.get, "/v1/members", bearer: manager).json(MemberList.self)
            #expect(listed.items.map(\.id) == [east])
            let elsewhere = await scene.send(.get, "/v1/members?organizationId=\(scene.west.id)", bearer: manager)
            #expect(try elsewhere.json(MemberList.self).items.isEmpty)
            for path in ["", "/code"] {
                #expect(await scene.send(.get, "/v1/members/\(east)\(path)", bearer: manager).status == 200)
                let hidden = await scene.send(.get, "/v1/members/\(west)\(path)", bearer: manager)
                #expect(hidden.status == 404 && hidden.problemCode == "registry.member_not_found")
            }
            let body = #"{"status":"suspended"}"#
            #expect(await scene.post("/v1/members/\(west)/status", body, bearer: manager).status == 404)
            #expect(await scene.post("/v1/members/\(east)/status", body, bearer: manager).status == 200)

            func enter(_ nationalID: String, _ organization: Organization) async -> TestResponse {
                await scene.post(
                    "/v1/members", #"{"organizationId":\#(organization.id),"name":"王五","nationalId":"\#(nationalID)"}"#, bearer: manager)
            }
            #expect(await enter("45102419790811003X", scene.west).problemCode == "registry.organization_unknown")
            #expect(await enter("45102419790811003X", scene.east).status == 201)
            let own = await enter(SignInScene.nationalID, scene.east)
            #expect(own.problemCode == "registry.member_exists" && own.text.contains("编号 \(east)"))
            let foreign = await enter(Self.other, scene.east)
            #expect(foreign.problemCode == "registry.member_exists" && !foreign.text.contains("编号"), "no number of another's member")
        }
    }

    @Test func `an import reaches no other subtree: not by its rows, not by its persons, not by its report`() async throws {
        try await inSignInScene { scene in
            let west = try await scene.member("李四", Self.other, phone: nil, in: scene.west)
            let manager = try await scene.account("东经理", .manager, in: scene.east).token
            let neighbour = try await scene.account("西经理", .manager, in: scene.west).token
            let file = """
                姓名,身份证号,组织
                张三,\(SignInScene.nationalID),城东
                王五,45102419790811003X,城西
                李四,\(Self.other),城东

                """
            let client = scene.scene.client
            func bringIn(_ query: String, _ token: String) async -> TestResponse {
                await client.send(.post, "/v1/member-imports" + query, bearer: token, body: Array(file.utf8), contentType: "text/csv")
            }
            #expect(await bringIn("?organizationId=\(scene.west.id)", manager).problemCode == "registry.organization_unknown")
            for query in ["?dryRun=true", ""] {
                let done = try await bringIn(query, manager).json(MemberImportAnswer.self)
                #expect(done.inserted == 1 && done.refused == 2 && done.updated == 0)
                let rejections = await scene.send(.get, "/v1/member-imports/\(done.id)/rejections", bearer: manager)
                #expect(rejections.text.contains("member.organization_unknown") && rejections.text.contains("import.member_elsewhere"))
                for path in ["/v1/member-imports/\(done.id)", "/v1/member-imports/\(done.id)/rejections"] {
                    #expect(await scene.send(.get, path, bearer: neighbour).problemCode == "import.not_found")
                    #expect(await scene.send(.get, path, bearer: scene.owner).status == 200)
                }
            }
            let kept: ID<Organization> = try await scene.database.query("select organization_id from member where member_id = \(west)")[0]
                .decode(0)
            #expect(kept == scene.west.id)
            let owners = try await bringIn("", scene.owner).json(MemberImportAnswer.self)
            #expect(owners.refused == 0)
            #expect(await scene.send(.get, "/v1/member-imports/\(owners.id)", bearer: manager).status == 404, "it reached further")
        }
    }

    @Test func `devices belong to a subtree, those of the whole union to its owners`() async throws {
        try await inSignInScene { scene in
            let manager = try await scene.account("东经理", .manager, in: scene.east).token
            func pair(_ rest: String, by token: String) async -> TestResponse {
                await scene.post("/v1/device-pairings", #"{"name":"北门","profile":"door"\#(rest)}"#, bearer: token)
            }
            #expect(await pair("", by: manager).problemCode == "registry.organization_not_found")
            #expect(await pair(#","organizationId":\#(scene.west.id)"#, by: manager).problemCode == "registry.organization_not_found")
            func device(_ rest: String, by token: String) async throws -> DeviceAnswer {
                let code = try await pair(rest, by: token).json(DevicePairingAnswer.self).pairingCode
                return try await scene.post("/v1/devices", #"{"pairingCode":"\#(code)"}"#).json(DeviceKeyAnswer.self).device
            }
            let east = try await device(#","organizationId":\#(scene.east.id)"#, by: manager)
            let west = try await device(#","organizationId":\#(scene.west.id)"#, by: scene.owner)
            let union = try await device("", by: scene.owner)
            #expect(east.organizationId == scene.east.id && union.organizationId == nil)
            #expect(try await scene.send(.get, "/v1/devices", bearer: manager).json(DeviceList.self).items.map(\.id) == [east.id])
            #expect(try await scene.send(.get, "/v1/devices", bearer: scene.owner).json(DeviceList.self).items.count == 3)
            for hidden in [west.id, union.id] {
                #expect(await scene.send(.get, "/v1/devices/\(hidden)", bearer: manager).status == 404)
                #expect(await scene.send(.post, "/v1/devices/\(hidden)/roll", bearer: manager).status == 404)
                #expect(await scene.send(.post, "/v1/devices/\(hidden)/revoke", bearer: manager).status == 404)
            }
            #expect(await scene.send(.post, "/v1/devices/\(east.id)/roll", bearer: manager).status == 200)
            #expect(await scene.send(.post, "/v1/devices/\(east.id)/revoke", bearer: manager).status == 200)
            let revoked = try await scene.database.query("select count(*) from device where revoked_at is not null")[0].decode(
                0, as: Int.self)
            #expect(revoked == 1)
        }
    }
}
