import Crypto
import HTTP
import Postgres
import Registry
import Runtime
import Testing

/// A city with two streets and a station of two doors, made over HTTP, and people who come in from the street.
struct Newcomer: Sendable {
    let service: TestService
    let city: Int64
    let east: Int64
    let west: Int64
    /// The two doors of the station, served by one device.
    let doors: [Int64]
    let device: String

    /// What the tests read of the answers.
    struct Made: Decodable { let id: Int64 }
    struct Code: Decodable { let code: String }
    struct Card: Decodable { let text: String }
    struct Application: Decodable {
        let applicationId: Int64
        let memberId: Int64
        let state: String
        let secret: String?
        let card: Card?
    }
    struct Decision: Decodable {
        struct Reason: Decodable { let code: String }
        let open: Bool
        let reasons: [Reason]
        let peopleInside: Int
    }

    init(_ service: TestService) async throws {
        self.service = service
        func make(_ path: String, _ body: String) async throws -> Int64 {
            let made = await Self.send(service, .post, path, body, bearer: service.owner)
            #expect(made.status == 201, "\(path): \(made.text)")
            return try made.json(Made.self).id
        }
        let city = try await make("/v1/organizations", #"{"kind":"city","name":"德保县总工会"}"#)
        self.city = city
        east = try await make("/v1/organizations", #"{"kind":"street","name":"东街","parentId":\#(city)}"#)
        west = try await make("/v1/organizations", #"{"kind":"street","name":"西街","parentId":\#(city)}"#)
        let station = try await make("/v1/stations", #"{"organizationId":\#(city),"nameZh":"红枫驿站"}"#)
        var doors: [Int64] = []
        for name in ["正门", "后门"] { doors.append(try await make("/v1/stations/\(station)/access-points", #"{"name":"\#(name)"}"#)) }
        self.doors = doors
        let (made, key) = try await service.registry.devices.create(name: "door", profile: .door)
        device = key
        for door in doors {
            let served = await Self.send(
                service, .post, "/v1/access-points/\(door)/devices", #"{"deviceId":\#(made.id)}"#, bearer: service.owner)
            #expect(served.status < 300, "\(served.text)")
        }
    }

    private static func send(
        _ service: TestService, _ method: HTTP.Method, _ path: String, _ body: String?, bearer: String?
    ) async -> TestResponse {
        let response = await service.client.send(
            method, path, bearer: bearer, body: body.map { Array($0.utf8) }, contentType: body == nil ? nil : "application/json")
        #expect(response.undeclared == nil, "\(method.rawValue) \(path)")
        return response
    }

    /// Sends as the owner, unless told otherwise.
    func send(_ method: HTTP.Method, _ path: String, _ body: String? = nil) async -> TestResponse {
        await Self.send(service, method, path, body, bearer: service.owner)
    }

    func send(_ method: HTTP.Method, _ path: String, _ body: String? = nil, bearer: String?) async -> TestResponse {
        await Self.send(service, method, path, body, bearer: bearer)
    }

    /// The code on the poster of an organization.
    func joinCode(of organization: Int64) async throws -> String {
        try await send(.post, "/v1/organizations/\(organization)/join-code/rotate").json(Code.self).code
    }

    static func form(_ name: String = "王五") -> String {
        #"{"name":"\#(name)","nationalId":"110105198803150010","phone":"13800138002","workerKind":"courier","#
            + #""employmentForm":"platform","consents":["registry"]}"#
    }

    /// Shows a code at a door.
    func scan(_ code: String, at door: Int, _ direction: String = "in") async throws -> Decision {
        let now = Clock().nowMicroseconds
        let body = """
            {"code":"\(code)","accessPointId":\(doors[door]),"direction":"\(direction)","occurredAt":"\(Timestamp(microseconds: now))",\
            "requestId":"\(UUIDv7(microseconds: now))"}
            """
        let answer = await send(.post, "/v1/access/scans", body, bearer: device)
        #expect(answer.status == 200, "\(answer.text)")
        return try answer.json(Decision.self)
    }

    func refusals(_ code: String, at door: Int, _ direction: String = "in") async throws -> [String] {
        let decision = try await scan(code, at: door, direction)
        #expect(decision.open == decision.reasons.isEmpty)
        return decision.reasons.map(\.code)
    }

    func setPolicy(_ more: String, at door: Int) async {
        let policy = #"{"isOpen":true,"directions":"both","reentryMinutes":0,"relayMilliseconds":3000,\#(more)}"#
        let set = await send(.put, "/v1/access-points/\(doors[door])/policy?confirm=true", policy)
        #expect(set.status == 200, "\(set.text)")
    }
}
