import FoundationEssentials
import HTTP
import Postgres
import Registry
import Runtime
import Scheduler
import TestSupport
import Testing

/// What a thief of the database, of a dump or of the disk finds of a person who went every way in.
struct StolenDumpTests {
    private static let name = "轩辕弘毅"
    private static let nationalID = "110101198503074532"
    private static let phone = "13987650123"
    private static let canaries = [name, nationalID, phone]

    @Test func `neither a dump nor the files of the cluster nor its log tell who a member is`() async throws {
        try await withService { service in
            try await goEveryWay(service)
            let connectionString = service.connectionString
            let dump = try await onThread(name: "pg_dump") { () -> Result<String, SystemError> in
                guard let binaries = PostgresBinaries.installed().first else { return .success("") }
                do throws(SystemError) {
                    return .success(try ChildProcess.run(binaries.path("pg_dump"), ["--dbname", connectionString]).output)
                } catch {
                    return .failure(error)
                }
            }.get().get()
            #expect(dump.contains("member_personal_data") && dump.contains("德保县"), "the dump holds the members")
            for canary in Self.canaries { #expect(!dump.contains(canary)) }

            let folder = try await TestCluster.shared.dataFolder()
            for canary in Self.canaries {
                let found = try await onThread(name: "grep") { () -> Result<String, SystemError> in
                    do throws(SystemError) {
                        return .success(try ChildProcess.run("/bin/grep", ["-rlasF", "--", canary, folder]).output)
                    } catch {
                        return .failure(error)
                    }
                }.get().get()
                #expect(found == "", "found in \(found)")
            }
            let (_, searched) = try ChildProcess.run("/bin/grep", ["-rlasF", "--", "德保县总工会", folder])
            #expect(searched != "", "the files were searched")
        }
    }

    /// As often right as wrong: errors are where databases quote their rows.
    private func goEveryWay(_ service: TestService) async throws {
        let city = try #require(try await service.registry.organizations.ensure(.init(kind: .city, name: "德保县总工会")))
        let body =
            #"{"organizationId":\#(city.id),"name":"\#(Self.name)","nationalId":"\#(Self.nationalID)","phone":"\#(Self.phone)"}"#
        for text in [body, body, body.replacing("\(city.id),", with: "4711,")] {
            _ = await service.client.send(
                .post, "/v1/members", bearer: service.owner, headers: [("Idempotency-Key", "k")], body: Array(text.utf8),
                contentType: "application/json")
        }
        let row = "\(Self.name),\(Self.nationalID),\(Self.phone),德保县总工会\n"
        for file in ["姓名,身份证号,手机号,组织\n" + row + row, "姓名,身份证号,手机号,组织\n" + row.replacing("4532", with: "4531")] {
            _ = await service.client.send(
                .post, "/v1/member-imports", bearer: service.owner, body: Array(file.utf8), contentType: "text/csv")
        }
        #expect(try await service.database.query("select from member_personal_data").count == 1)
        try await comeIn(service, city.id)
    }

    /// By a join code, twice, once with a wrong number; then with the phone, and out again with everything that is known.
    private func comeIn(_ service: TestService, _ city: ID<Organization>) async throws {
        func post(_ path: String, _ body: String, bearer: String? = nil, key: String? = nil) async -> TestResponse {
            await service.client.send(
                .post, path, bearer: bearer, headers: key.map { [("Idempotency-Key", $0)] } ?? [], body: Array(body.utf8),
                contentType: "application/json")
        }
        let rotated = await service.client.send(.post, "/v1/organizations/\(city)/join-code/rotate", bearer: service.owner)
        struct Code: Decodable { let code: String }
        let code = try rotated.json(Code.self).code
        let form =
            #"{"name":"\#(Self.name)","nationalId":"\#(Self.nationalID)","phone":"\#(Self.phone)","workerKind":"courier","#
            + #""employmentForm":"platform","consents":["registry"]}"#
        for (number, text) in [form, form, form.replacing("4532", with: "4531")].enumerated() {
            _ = await post("/v1/join/\(code)/applications", text, key: "join-\(number)")
        }
        let asked = await post("/v1/member-sessions/codes", #"{"phone":"\#(Self.phone)"}"#, key: "asked")
        #expect(asked.status == 202, "\(asked.text)")
        for job in service.registry.jobs where job.name.hasPrefix("sign_in") || job.name.hasPrefix("audit") { try await job.run() }
        _ = await post("/v1/member-sessions", #"{"phone":"\#(Self.phone)","code":"000000"}"#)
        let found = await post("/v1/member-searches", #"{"phone":"\#(Self.phone)"}"#, bearer: service.owner)
        #expect(found.status == 200, "\(found.text)")
        let member: ID<Member> = try await service.database.query("select member_id from member")[0].decode(0)
        let shown = await post("/v1/members/\(member)/unmask", #"{"reason":"核对身份证件"}"#, bearer: service.owner)
        #expect(shown.text.contains(Self.nationalID), "\(shown.text)")
        let session = try await service.registry.memberSessions.create(member, lifetimeSeconds: 3_600)
        let own = await service.client.send(.get, "/v1/me/data", bearer: session.token)
        #expect(own.text.contains(Self.phone), "\(own.text)")
    }
}
