import Crypto
import Glibc
import HTTP
import Postgres
import Runtime
import TestSupport
import Testing

@testable import Registry

/// A made-up person is driven through every way in, the wrong ones too; then nobody finds the person in an answer or a log line.
@Suite struct CanaryTests {
    private static let name = "夏侯渊渊"
    private static let nationalID = "11010519491231002X"
    private static let wrongID = "110105194912310021"
    private static let phone = "13812345678"

    @Test func `no answer and no log line tells who a person is`() async throws {
        try await withDatabase { database in
            let file = try #require(tmpfile())
            defer { fclose(file) }
            let log = Log(try LogSink(descriptor: fileno(file)), level: .debug)
            let registry = Registry(database: database, keys: Keys.random(), loops: TestLoops.all, log: log)
            let client = TestClient(API(routes: registry.routes, authenticator: registry.authenticator, log: log), loop: TestLoops.all[0])
            let owner = try await registry.accounts.createOwner(name: "owner")
            let city = try #require(try await registry.organizations.ensure(.init(kind: .city, name: "德保")))
            let member =
                #"{"organizationId":\#(city.id),"name":"\#(Self.name)","nationalId":"\#(Self.nationalID)","phone":"\#(Self.phone)"}"#
            let bodies = [
                member, member, member.replacing(Self.nationalID, with: Self.wrongID), member.replacing("渊\"", with: "渊=\""),
                member.replacing("\"organizationId\":\(city.id)", with: "\"organizationId\":4711"), String(member.dropLast()),
                member.replacing("\"\(Self.phone)\"", with: Self.phone), member + member,
            ]
            var answers: [TestResponse] = []
            for (number, body) in bodies.enumerated() {
                for headers in [[], [("Idempotency-Key", "k\(number)")]] {
                    answers.append(
                        await client.send(
                            .post, "/v1/members", bearer: owner, headers: headers, body: Array(body.utf8), contentType: "application/json"))
                }
            }
            let row = "\(Self.name),\(Self.nationalID),\(Self.phone)\n"
            for text in ["姓名,身份证号,手机号\n" + row + row + row.replacing("002X", with: "0021"), row, "姓名\n" + row] {
                answers.append(
                    await client.send(
                        .post, "/v1/member-imports?organizationId=\(city.id)", bearer: owner, body: Array(text.utf8),
                        contentType: "text/csv"))
            }
            let reads = [
                "/v1/members", "/v1/members/1", "/v1/members/1/code", "/v1/member-imports/1", "/v1/member-imports/1/rejections",
                "/v1/members?after=\(Self.phone)", "/v1/members/\(Self.phone)", "/v1/members?status=\(Self.phone)", "/v1/account",
            ]
            for path in reads { answers.append(await client.send(.get, path, bearer: owner)) }
            answers.append(await client.send(.get, "/v1/account", bearer: "wso_" + Self.nationalID))

            log.flush()
            rewind(file)
            var lines: [UInt8] = []
            while case let byte = fgetc(file), byte != EOF { lines.append(UInt8(truncatingIfNeeded: byte)) }
            let logged = String(decoding: lines, as: UTF8.self)
            #expect(logged.contains("import"), "the log was read")
            let canaries = [Self.name, Self.nationalID, Self.wrongID, owner]
            for canary in canaries + [Self.phone] { #expect(!logged.contains(canary)) }
            for answer in answers {
                for canary in canaries {
                    #expect(!answer.text.contains(canary), "\(answer.text)")
                }
            }
            #expect(answers.contains { $0.status == 201 } && answers.contains { $0.status == 409 })
        }
    }
}
