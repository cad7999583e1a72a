import HTTP
import Postgres
import Runtime
import TestSupport
import Testing

@testable import Registry

struct UnmaskTests {
    private func unmask(
        _ scene: SignInScene, _ id: ID<Member>, _ reason: String = "电话核实住址", by token: String
    ) async -> TestResponse {
        await scene.post("/v1/members/\(id)/unmask", #"{"reason":"\#(reason)"}"#, bearer: token)
    }

    @Test func `one person is shown for a reason, which the audit keeps`() async throws {
        try await inSignInScene { scene in
            let id = try await scene.member(in: scene.east)
            let clerk = try await scene.account("东操作", .operator, in: scene.east, mayUnmask: true)
            let shown = await unmask(scene, id, by: clerk.token)
            #expect(shown.status == 200 && shown.header("Cache-Control") == "no-store")
            let person = try shown.json(UnmaskedMemberAnswer.self)
            #expect(person.name == "张三" && person.nationalId == SignInScene.nationalID && person.phone == SignInScene.phone)
            let entry = try await scene.database.query("select actor, action, subject, organization_id, details from audit_entry")[0]
            #expect(
                try entry.decode(0) == "account:\(clerk.id)" && entry.decode(1) == "member.unmasked" && entry.decode(2) == "member:\(id)")
            #expect(try entry.decode(3) == scene.east.id && entry.decode(4, as: String.self).contains("电话核实住址"))
        }
    }

    @Test func `only a grant that says so shows persons, within its subtree`() async throws {
        try await inSignInScene { scene in
            let id = try await scene.member(in: scene.east)
            for role in AccountRole.allCases {
                let caller = try await scene.account("无\(role)", role, in: nil)
                #expect(await unmask(scene, id, by: caller.token).status == 403, "\(role)")
            }
            let west = try await scene.account("西操作", .operator, in: scene.west, mayUnmask: true)
            let foreign = await unmask(scene, id, by: west.token)
            #expect(foreign.status == 404 && foreign.problemCode == "registry.member_not_found")
            #expect(await unmask(scene, ID(4_711), by: west.token).problemCode == "registry.member_not_found")
            // A manager in the east who may unmask in the west only.
            let mixed = try await scene.account("混", .manager, in: scene.east)
            try await scene.database.transaction { (transaction) async throws(PostgresError) in
                _ = try await scene.registry.accounts.grant(
                    AccountGrant(role: .operator, organizationID: scene.west.id, mayUnmask: true), to: mixed.id, by: "test", in: transaction
                )
            }
            #expect(await unmask(scene, id, by: mixed.token).status == 404)
            let auditor = await scene.post(
                "/v1/accounts", #"{"name":"审计","role":"auditor","mayUnmask":true}"#, bearer: scene.owner)
            #expect(try auditor.json(NewAccountAnswer.self).account.grants.map(\.mayUnmask) == [false])
            #expect(try await scene.auditActions().allSatisfy { !$0.hasPrefix("member.unmasked") }, "nothing was shown")
        }
    }

    @Test func `without a reason nothing is shown, and a reason keeps no personal data`() async throws {
        try await inSignInScene { scene in
            let id = try await scene.member()
            for reason in ["", "看看", "        ", String(repeating: "长", count: 201)] {
                let refused = await unmask(scene, id, reason, by: scene.owner)
                #expect(refused.status == 422, "\(reason)")
            }
            #expect(try await scene.scene.count("audit_entry") == 0)
            let reason = "张三 来电 \(SignInScene.phone) 核实 \(SignInScene.nationalID)，窗口 12 号"
            #expect(await unmask(scene, id, reason, by: scene.owner).status == 200)
            let details: String = try await scene.database.query("select details from audit_entry")[0].decode(0)
            for canary in ["张三", SignInScene.phone, SignInScene.nationalID] { #expect(!details.contains(canary)) }
            #expect(details.contains("来电") && details.contains("窗口 12 号"))
        }
    }

    @Test func `thirty an hour are shown to one account, at once or one by one`() async throws {
        try await inSignInScene { scene in
            let id = try await scene.member()
            let statuses = await withTaskGroup(of: Int.self) { group in
                for _ in 0..<34 { group.addTask { await unmask(scene, id, by: scene.owner).status } }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.count { $0 == 200 } == 30 && statuses.count { $0 == 429 } == 4)
            let limited = await unmask(scene, id, by: scene.owner)
            #expect(limited.problemCode == "registry.too_many_attempts" && limited.header("Retry-After") != nil)
            #expect(try await scene.scene.count("audit_entry") == 30, "one row for each that was shown")
            let other = try await scene.account("乙", .manager, in: nil, mayUnmask: true)
            #expect(await unmask(scene, id, by: other.token).status == 200)
        }
    }

    @Test func `nobody else's answers show a person`() async throws {
        try await inSignInScene { scene in
            let id = try await scene.member()
            let auditor = try await scene.account("审计", .auditor, in: nil)
            for path in ["/v1/members", "/v1/members/\(id)", "/v1/accounts", "/v1/organizations"] {
                let read = await scene.send(.get, path, bearer: auditor.token)
                #expect(read.status == 200, "\(path)")
                for canary in ["张三", SignInScene.phone, SignInScene.nationalID] { #expect(!read.text.contains(canary), "\(path)") }
            }
        }
    }
}
