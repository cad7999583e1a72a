import Crypto
import HTTP
import MemberCode
import Postgres
import Runtime
import TestSupport
import Testing

@testable import Registry

@Suite struct RegistryRoutesTests {
    /// A scene whose every answer is held against its declaration.
    private func inScene(_ body: (RegistryScene) async throws -> Void) async throws {
        try await withDatabase { try await body(RegistryScene($0)) }
    }

    private func send(
        _ scene: RegistryScene, _ method: HTTP.Method, _ path: String, _ json: String? = nil, bearer: String? = nil,
        headers: [(String, String)] = []
    ) async -> TestResponse {
        let response = await scene.client.send(
            method, path, bearer: bearer ?? scene.owner, headers: headers, body: json.map { Array($0.utf8) },
            contentType: json == nil ? nil : "application/json")
        #expect(response.undeclared == nil)
        return response
    }

    @Test func `organizations grow into a tree`() async throws {
        try await inScene { scene in
            let created = await send(
                scene, .post, "/v1/organizations", #"{"parentId":\#(scene.organization.id),"kind":"street","name":"城关"}"#)
            #expect(created.status == 201)
            let street = try created.json(OrganizationAnswer.self)
            #expect(street.parentId == scene.organization.id)
            #expect(created.header("Location") == "/v1/organizations/\(street.id)")
            #expect(try await send(scene, .get, "/v1/organizations/\(street.id)").json(OrganizationAnswer.self).name == "城关")
            let again = await send(
                scene, .post, "/v1/organizations", #"{"parentId":\#(scene.organization.id),"kind":"street","name":"城关"}"#)
            #expect(again.problemCode == "registry.organization_exists")
            let orphan = await send(scene, .post, "/v1/organizations", #"{"parentId":4711,"kind":"street","name":"x"}"#)
            #expect(orphan.problemCode == "registry.organization_unknown" && orphan.reasonCodes == ["registry.organization_unknown"])
            let twin = await send(scene, .post, "/v1/organizations", #"{"kind":"city","name":"德保"}"#)
            #expect(twin.problemCode == "registry.organization_exists")
            #expect(await send(scene, .get, "/v1/organizations/4711").problemCode == "registry.organization_not_found")
        }
    }

    @Test func `lists are read to their end page by page`() async throws {
        try await inScene { scene in
            for number in 1...6 { _ = try await scene.registry.organizations.ensure(.init(kind: .holding, name: "组织\(number)")) }
            var names: [String] = []
            var path: String? = "/v1/organizations?limit=3"
            while let next = path {
                let page = try await send(scene, .get, next).json(OrganizationList.self)
                names += page.items.map(\.name)
                path = page.next.map { "/v1/organizations?limit=3&after=\($0)" }
            }
            #expect(names == ["德保"] + (1...6).map { "组织\($0)" })
            for cursor in ["AAAA", "0", "01", "-1", "", String(repeating: "9", count: 19)] {
                let refused = await send(scene, .get, "/v1/organizations?after=\(cursor)")
                #expect(refused.problemCode == "request.invalid_parameter", "\(cursor)")
            }
        }
    }

    @Test func `a new member is answered masked, and is entered once`() async throws {
        try await inScene { scene in
            let body = """
                {"organizationId": \(scene.organization.id), "name": "张三", "nationalId": "11010519491231002x", "phone": "13812345678",
                "workerKind": "courier"}
                """
            let created = await send(scene, .post, "/v1/members", body)
            #expect(created.status == 201)
            let member = try created.json(MemberAnswer.self)
            #expect(member.name == "张*" && member.nationalId == "1101**********002X" && member.phone == "138****5678")
            #expect(member.sex == .female && member.birthYear == 1949 && member.status == .active)
            #expect(created.header("ETag") == "\"1\"")
            #expect(await send(scene, .post, "/v1/members", body).problemCode == "registry.member_exists")
            #expect(await send(scene, .get, "/v1/members/\(member.id)").text.contains("1101**********002X"))
            let listed = await send(scene, .get, "/v1/members?status=active&organizationId=\(scene.organization.id)")
            #expect(try listed.json(MemberList.self).items.map(\.id) == [member.id])
            #expect(try await send(scene, .get, "/v1/members?status=left").json(MemberList.self).items.isEmpty)
            for answer in [created, listed] { #expect(!answer.text.contains("19491231") && !answer.text.contains("张三")) }
        }
    }

    @Test func `a member that breaks rules is told all of them with pointers`() async throws {
        try await inScene { scene in
            let broken = await send(
                scene, .post, "/v1/members",
                #"{"organizationId":\#(scene.organization.id),"name":"=CMD","nationalId":"110105194912310021","phone":"1"}"#)
            #expect(broken.status == 422 && broken.problemCode == "registry.member_invalid")
            #expect(
                broken.problem?.reasons.map { "\($0.pointer ?? "") \($0.code)" } == [
                    "/name member.name_characters", "/nationalId member.national_id_checksum", "/phone member.phone_invalid",
                ])
            let homeless = await send(
                scene, .post, "/v1/members", #"{"organizationId":4711,"name":"张三","nationalId":"11010519491231002X"}"#)
            #expect(homeless.problemCode == "registry.organization_unknown")
            let members = try await scene.count("member")
            #expect(members == 0)
        }
    }

    @Test func `a status changes by its rules, and not over somebody else's change`() async throws {
        try await inScene { scene in
            _ = try await scene.bringIn("姓名,身份证号\n张三,11010519491231002X\n")
            let path = "/v1/members/\(try #require(try await scene.registry.members.list(.init(), after: nil, limit: 1).first).id)"
            let suspended = await send(scene, .post, path + "/status", #"{"status":"suspended"}"#, headers: [("If-Match", "\"1\"")])
            #expect(suspended.status == 200 && suspended.header("ETag") == "\"2\"")
            let late = await send(scene, .post, path + "/status", #"{"status":"left"}"#, headers: [("If-Match", "\"1\"")])
            #expect(late.status == 412 && late.problemCode == "registry.member_changed")
            for tag in ["2", "W/\"2\"", "\"+2\"", "\"0\""] {
                #expect(await send(scene, .post, path + "/status", #"{"status":"left"}"#, headers: [("If-Match", tag)]).status == 412)
            }
            let wrong = await send(scene, .post, path + "/status", #"{"status":"provisional"}"#)
            #expect(wrong.status == 409 && wrong.problemCode == "registry.status_not_allowed")
            #expect(await send(scene, .get, path + "/code").problemCode == "registry.member_not_active")
            let active = await send(scene, .post, path + "/status", #"{"status":"active"}"#, headers: [("If-Match", "*")])
            #expect(active.status == 200)
            let changes = try await database(scene).query(
                "select status_before || '>' || status_after || ' ' || changed_by from member_status_change order by version")
            let told: [String] = try changes.map { try $0.decode(0) }
            #expect(told == ["active>suspended account:1", "suspended>active account:1"])
        }
    }

    private func database(_ scene: RegistryScene) -> Database { scene.database }

    @Test func `a member's code comes as JSON, picture and drawing, and holds`() async throws {
        try await inScene { scene in
            _ = try await scene.bringIn("姓名,身份证号\n张三,11010519491231002X\n")
            let id = try #require(try await scene.registry.members.list(.init(), after: nil, limit: 1).first).id
            let json = await send(scene, .get, "/v1/members/\(id)/code")
            let code = try json.json(MemberCodeAnswer.self)
            #expect(code.text.hasPrefix("WS1:") && json.header("Cache-Control") == "no-store")
            switch MemberCodeVerifier(scene.keys).verify(code.text, nowMicroseconds: Clock().nowMicroseconds) {
            case .valid(let read): #expect(read.memberID == id.rawValue)
            default: Issue.record("the code does not hold")
            }
            let svg = await send(scene, .get, "/v1/members/\(id)/code", headers: [("Accept", "image/svg+xml")])
            #expect(svg.header("Content-Type") == "image/svg+xml" && svg.text.contains("<svg"))
            let drawing = await send(scene, .get, "/v1/members/\(id)/code", headers: [("Accept", "text/plain")])
            #expect(drawing.header("Content-Type")?.hasPrefix("text/plain") == true)
            #expect(await send(scene, .get, "/v1/members/4711/code").problemCode == "registry.member_not_found")
        }
    }

    @Test func `a file comes in by HTTP, is looked up and gives its rejections`() async throws {
        try await inScene { scene in
            let file = Array("\u{FEFF}姓名,身份证号\r\n张三,11010519491231002X\r\n=1+1,440524198001010013\r\n".utf8)
            let path = "/v1/member-imports?organizationId=\(scene.organization.id)"
            let response = await scene.client.send(.post, path, bearer: scene.owner, body: file, contentType: "text/csv")
            #expect(response.status == 201 && response.undeclared == nil)
            let done = try response.json(MemberImportAnswer.self)
            #expect(done.inserted == 1 && done.refused == 1 && done.rows == 2 && done.state == "finished")
            #expect(try await send(scene, .get, "/v1/member-imports/\(done.id)").json(MemberImportAnswer.self).refused == 1)
            let rejections = await send(scene, .get, "/v1/member-imports/\(done.id)/rejections")
            #expect(rejections.header("Content-Type") == "text/csv; charset=utf-8")
            #expect(rejections.text.contains("\r\n3,name,member.name_characters,"))
            #expect(!rejections.text.contains("=1+1") && !rejections.text.contains("440524198001010013"))
            let dry = await scene.client.send(.post, path + "&dryRun=true", bearer: scene.owner, body: file, contentType: "text/csv")
            let dryRun = try dry.json(MemberImportAnswer.self)
            #expect(dryRun.unchanged == 1)
            let newest = try await send(scene, .get, "/v1/member-imports?limit=1").json(MemberImportList.self)
            #expect(newest.items.map(\.id) == [dryRun.id])
            let older = try await send(scene, .get, "/v1/member-imports?after=\(try #require(newest.next))").json(MemberImportList.self)
            #expect(older.items.map(\.id) == [done.id] && older.next == nil)
            let manager = try await scene.organizer(.manager, of: try await scene.child("别处"))
            #expect(try await send(scene, .get, "/v1/member-imports", bearer: manager).json(MemberImportList.self).items.isEmpty)
            let wrong = await scene.client.send(.post, path, bearer: scene.owner, body: Array("姓名,a,b\n".utf8), contentType: "text/csv")
            #expect(wrong.status == 422 && wrong.problemCode == "import.columns_wrong" && wrong.undeclared == nil)
            #expect(
                wrong.reasonCodes == [
                    "import.column_unknown", "import.column_unknown", "import.column_missing",
                ])
            #expect(await send(scene, .get, "/v1/member-imports/4711").problemCode == "import.not_found")
        }
    }

    @Test func `every route refuses strangers and devices that may not`() async throws {
        try await inScene { scene in
            let (_, key) = try await scene.registry.devices.create(name: "北门", profile: .door)
            for route in scene.registry.routes {
                let path = route.template.replacing("{id}", with: "1").replacing("{code}", with: "1")
                let body: [UInt8]? = [.post, .patch, .put].contains(route.method) ? Array("{}".utf8) : nil
                let type = route.template == "/v1/member-imports" ? "text/csv" : "application/json"
                func answer(_ bearer: String?) async -> TestResponse {
                    await scene.client.send(route.method, path, bearer: bearer, body: body, contentType: body == nil ? nil : type)
                }
                switch route.access {
                case .anyone: #expect(await [200, 404, 422].contains(answer(nil).status), "\(route.template)")
                case .authenticated:
                    #expect(await answer(nil).status == 401, "\(route.template)")
                    // A picture of nothing is refused for what it is.
                    #expect(await [200, 204, 422].contains(answer(key).status), "\(route.template)")
                case .permission(let permission):
                    #expect(await answer(nil).status == 401, "\(route.template)")
                    #expect(await answer("wso_" + String(repeating: "A", count: 43)).status == 401, "\(route.template)")
                    #expect(!DeviceProfile.door.permissions.contains(permission))
                    let isEveryDevices = permission == RegistryPermission.device
                    #expect(await answer(key).status == (isEveryDevices ? 200 : 403), "\(route.template)")
                }
            }
        }
    }

    @Test func `who am I`() async throws {
        try await inScene { scene in
            let owner = try await send(scene, .get, "/v1/account").json(AccountAnswer.self)
            #expect(owner.subject == "account:1" && owner.name == "王主席" && owner.permissions.contains("devices.write"))
            let (device, key) = try await scene.registry.devices.create(name: "北门", profile: .door)
            let door = try await send(scene, .get, "/v1/account", bearer: key).json(AccountAnswer.self)
            #expect(door.subject == "device:\(device.id)" && door.role == "door" && door.permissions == ["scans.create", "device"])
        }
    }
}
