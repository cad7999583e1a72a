import Glibc
import HTTP
import Postgres
import Registry
import Runtime
import Testing

/// Texts that tell who somebody is, at every place of every route: no log line and no figure repeats them.
struct CanaryTests {
    private static let canaries = ["夏侯惇惇", "11010519491231002X", "13812345678", "wso_canarycanarycanarycanarycanarycanarycanary1"]

    @Test func `whatever is sent to whatever route, the log and the figures repeat none of it`() async throws {
        let file = try #require(tmpfile())
        defer { fclose(file) }
        let log = Log(try LogSink(descriptor: fileno(file)), level: .debug)
        try await withService(log: log) { service in
            let city = try #require(try await service.registry.organizations.ensure(.init(kind: .city, name: "德保")))
            let member = try await service.registry.memberSessions.create(
                try await makeMember(service, in: city.id), lifetimeSeconds: 3_600
            ).token
            let door = try await service.registry.devices.create(name: "door", profile: .door).key
            var answered = 0
            for route in service.api.routes {
                for canary in Self.canaries {
                    let probe = RouteProbe(route: route, canary: canary)
                    for body in probe.bodies() {
                        for bearer in [service.owner, member, door, "wsm_" + canary] {
                            // A stream of events ends only with its connection.
                            if route.responses.contains(where: { $0.isEvents }) && bearer == door { continue }
                            _ = await service.client.send(
                                route.method, probe.path(canaryInPath: bearer == door), bearer: bearer,
                                headers: [("If-Match", "\"1\""), ("Idempotency-Key", canary), ("Accept-Language", canary)],
                                body: body?.bytes, contentType: body?.type)
                            answered += 1
                        }
                    }
                }
            }
            #expect(answered > 1_000)
            log.flush()
            let logged = Self.text(of: file)
            #expect(logged.contains("\"route\""), "the log was read")
            let figures = service.metrics.text()
            for canary in Self.canaries {
                #expect(!logged.contains(canary), "\(logged.split(separator: "\n").first { $0.contains(canary) } ?? "")")
                #expect(!figures.contains(canary))
            }
        }
    }

    private func makeMember(_ service: TestService, in city: ID<Organization>) async throws -> ID<Member> {
        let body = #"{"organizationId":\#(city),"name":"张三","nationalId":"110101198503074532","phone":"13900000000"}"#
        let made = await service.client.send(
            .post, "/v1/members", bearer: service.owner, body: Array(body.utf8), contentType: "application/json")
        #expect(made.status == 201, "\(made.text)")
        let rows = try await service.database.query("select member_id from member")
        return try rows[0].decode(0)
    }

    private static func text(of file: UnsafeMutablePointer<FILE>) -> String {
        rewind(file)
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
        return String(decoding: bytes, as: UTF8.self)
    }
}
