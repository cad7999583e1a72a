import Crypto
import FoundationEssentials
import HTTP
import MemberCode
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Stations

@Suite struct RouteTests {
    /// The feature behind an API, an owner and a device that serves the front door.
    private struct House {
        let scene: StationScene
        let client: TestClient
        let metrics = Metrics()

        static let owner = "owner"
        static let device = "device"
        static let otherDevice = "other-device"

        init(_ database: Database, clock: Clock = Clock()) async throws {
            scene = try await StationScene(database, clock: clock)
            let registry = Registry(database: database, keys: scene.keys, loops: TestLoops.all)
            let stations = Stations(database: database, registry: registry, keys: scene.keys, clock: clock, metrics: metrics)
            let api = API(
                routes: stations.routes,
                authenticator: FixedAuthenticator([
                    Self.owner: OrganizerPrincipal(accountID: ID(1), grants: [AccountGrant(role: .owner, organizationID: nil)]),
                    Self.device: DevicePrincipal(deviceID: scene.front.device, profile: .door),
                    Self.otherDevice: DevicePrincipal(deviceID: scene.back.device, profile: .door),
                ]))
            client = TestClient(api, loop: TestLoops.all[0])
        }

        func body(_ code: String, _ direction: AccessDirection = .inward, at: Int64? = nil, id: String? = nil) -> ScanBody {
            ScanBody(
                code: code, accessPointId: scene.front.accessPoint, direction: direction,
                occurredAt: Timestamp(microseconds: at ?? scene.clock.nowMicroseconds).description,
                requestId: id ?? StationScene.requestID().uuidString)
        }

        func scan(_ body: ScanBody, language: String = "en", bearer: String = device) async throws -> TestResponse {
            let response = try await client.send(
                .post, "/v1/access/scans", json: body, bearer: bearer, headers: [("Accept-Language", language)])
            #expect(response.undeclared == nil)
            return response
        }

        func codes(_ body: ScanBody) async throws -> [String] {
            let response = try await scan(body)
            #expect(response.status == 200)
            let answer = try response.json(ScanAnswer.self)
            #expect(answer.open == answer.reasons.isEmpty)
            return answer.reasons.map(\.code)
        }
    }

    @Test func `a door opens, and a repeat gets the same bytes`() async throws {
        try await withDatabase { database in
            let house = try await House(database)
            let body = house.body(house.scene.code(house.scene.members[0]))
            let first = try await house.scan(body)
            #expect(first.status == 200)
            let answer = try first.json(ScanAnswer.self)
            #expect(answer.open && answer.relayMilliseconds == 3_000 && answer.peopleInside == 1)
            #expect(answer.requestId == body.requestId.lowercased())
            #expect(try await house.scan(body).body == first.body)
            let refusedBody = house.body("nonsense")
            let refused = try await house.scan(refusedBody)
            try await house.scene.set(AccessPolicy(isOpen: false), at: house.scene.front)
            #expect(try await house.scan(refusedBody).body == refused.body)
            #expect(try await house.scan(body).body == first.body)
            let chinese = try await house.scan(refusedBody, language: "zh-CN").json(ScanAnswer.self)
            #expect(chinese.reasons.map(\.text) == ["这不是会员码，请出示会员码"])
            #expect(try refused.json(ScanAnswer.self).reasons.map(\.code) == chinese.reasons.map(\.code))
            let figures = house.metrics.text()
            for line in [
                "waystation_scans_total{outcome=\"opened\"} 1", "waystation_scans_total{outcome=\"refused\"} 1",
                "waystation_scans_total{outcome=\"repeated\"} 4", "waystation_scan_refusals_total{reason=\"door.code_malformed\"} 1",
            ] {
                #expect(figures.contains(line + "\n"))
            }
        }
    }

    @Test func `every reason can be met at a door`() async throws {
        try await withDatabase { database in
            let house = try await House(database)
            let scene = house.scene
            let members = scene.members
            var met: Set<String> = []
            func meet(_ body: ScanBody) async throws { met.formUnion(try await house.codes(body)) }
            let good = scene.code(members[0])
            try await meet(house.body("https://example.org"))
            try await meet(house.body(String(good.dropLast(3))))
            try await meet(
                house.body(MemberCodeIssuer(Keys.random()).issue(memberID: 1, nowMicroseconds: scene.clock.nowMicroseconds).text))
            try await meet(house.body(Self.withOtherMember(good)))
            try await meet(house.body(Self.withOtherKey(good)))
            try await meet(house.body(scene.code(members[0], ageSeconds: 120)))
            try await meet(house.body(scene.code(members[0], ageSeconds: -60)))
            try await meet(house.body(scene.code(ID(999_999))))
            try await meet(house.body(scene.code(members[1]), at: scene.clock.nowMicroseconds + 60_000_000))
            try await meet(house.body(scene.code(members[1]), at: scene.clock.nowMicroseconds - 73 * 3_600_000_000))
            try await scene.set(.suspended, of: members[1])
            try await meet(house.body(scene.code(members[1])))
            #expect(try await house.codes(house.body(good)) == [])
            try await meet(house.body(good))
            let hour = Int16((scene.clock.nowMicroseconds / 60_000_000 + 480) % 1_440)
            try await scene.set(
                AccessPolicy(
                    isOpen: false, directions: .outward, opening: .daily(StationScene.time(hour + 300), StationScene.time(hour + 360)),
                    reentryMinutes: 5), at: scene.front)
            try await meet(house.body(scene.code(members[0])))
            for reason in AccessReason.allCases where reason.rawValue.hasPrefix("door.code_") { #expect(met.contains(reason.rawValue)) }
        }
    }

    @Test func `a door learns yes or no, and nothing of the member`() async throws {
        try await withDatabase { database in
            let house = try await House(database)
            let text = try await house.scan(house.body(house.scene.code(house.scene.members[0]))).text
            #expect(!text.contains("ember"))
        }
    }

    @Test func `requests that are no scans are problems and leave no event`() async throws {
        try await withDatabase { database in
            let house = try await House(database)
            let code = house.scene.code(house.scene.members[0])
            let foreign = try await house.scan(house.body(code), bearer: House.otherDevice)
            #expect(foreign.status == 403)
            #expect(foreign.problemCode == "access.access_point_foreign")
            let byOwner = try await house.scan(house.body(code), bearer: House.owner)
            #expect(byOwner.problemCode == "auth.not_permitted")
            let ancient = try await house.scan(house.body(code, at: -1_000_000))
            #expect(ancient.status == 422)
            #expect(ancient.reasonCodes == ["access.occurred_before_1970"])
            for broken in [
                "{}", "[]", "{\"code\":1}", "null",
                "{\"code\":\"\",\"accessPointId\":0,\"direction\":\"up\",\"occurredAt\":\"now\",\"requestId\":\"1\",\"more\":1}",
            ] {
                let response = await house.client.send(
                    .post, "/v1/access/scans", bearer: House.device, body: Array(broken.utf8), contentType: "application/json")
                #expect(response.status == 422)
                #expect(response.undeclared == nil)
            }
            #expect(await house.client.send(.post, "/v1/access/scans", body: [], contentType: "application/json").status == 401)
            #expect(try await house.scene.eventCount == 0)
            let first = house.body(code)
            #expect(try await house.codes(first) == [])
            let reused = try await house.scan(house.body("other", id: first.requestId))
            #expect(reused.status == 409)
            #expect(reused.problemCode == "access.request_id_reused")
            #expect(try await house.scene.eventCount == 1)
        }
    }

    @Test func `the owner makes a station, its doors and their policies`() async throws {
        try await withDatabase { database in
            let house = try await House(database)
            let client = house.client
            func send(_ method: HTTP.Method, _ path: String, _ json: some Encodable & Sendable, _ headers: [(String, String)] = [])
                async throws
                -> TestResponse
            {
                let response = try await client.send(method, path, json: json, bearer: House.owner, headers: headers)
                #expect(response.undeclared == nil)
                return response
            }
            var draft = StationDraft(organizationId: house.scene.organization, nameZh: "鉴河智慧驿站", kind: .smart, capacity: 30)
            let made = try await send(.post, "/v1/stations", draft)
            #expect(made.status == 201)
            let station = try made.json(Station.self)
            #expect(made.header("Location") == "/v1/stations/\(station.id)")
            #expect(station.timeZone == "Asia/Shanghai" && station.peopleInside == 0)
            draft.timeZone = "Asia/Debao"
            #expect(try await send(.post, "/v1/stations", draft).reasonCodes == ["station.time_zone_unknown"])
            draft.timeZone = nil
            draft.organizationId = ID(999_999)
            #expect(try await send(.post, "/v1/stations", draft).reasonCodes == ["station.organization_unknown"])

            let hours = OpeningHours.daily(.at(7), .at(22))
            let path = "/v1/stations/\(station.id)/access-points"
            let strange = AccessPointDraft(name: "door", policy: AccessPolicy(attributes: [AttributeRule(.sex, oneOf: ["queen"])]))
            #expect(try await send(.post, path, strange).reasonCodes == ["station.attribute_value_unknown"])
            #expect(try await send(.post, "/v1/stations/999999/access-points", AccessPointDraft(name: "door")).status == 404)
            let point = try await send(.post, path, AccessPointDraft(name: "door")).json(AccessPoint.self)
            #expect(point.policy == .standard)

            let policy = AccessPolicy(opening: hours, reentryMinutes: 5)
            let policyPath = "/v1/access-points/\(point.id)/policy"
            let changed = try await send(.put, policyPath, policy, [("If-Match", point.entityTag)])
            #expect(changed.header("ETag") == "\"2\"")
            #expect(try changed.json(AccessPoint.self).policy == policy)
            for tag in [point.entityTag, "2", "\"x\"", "W/\"2\""] {
                #expect(try await send(.put, policyPath, policy, [("If-Match", tag)]).status == 412)
            }
            #expect(try await send(.put, policyPath, policy, [("If-Match", "*")]).status == 200)
            #expect(try await send(.put, "/v1/access-points/999999/policy", policy).status == 404)

            let devicesPath = "/v1/access-points/\(point.id)/devices"
            for _ in 0..<2 {
                let assigned = try await send(.post, devicesPath, DeviceAssignment(deviceId: house.scene.front.device))
                #expect(try assigned.json(AccessPoint.self).deviceIds == [house.scene.front.device])
            }
            #expect(try await send(.post, devicesPath, DeviceAssignment(deviceId: ID(999_999))).reasonCodes == ["station.device_unknown"])
            let ended = await client.send(.delete, devicesPath + "/\(house.scene.front.device)", bearer: House.owner)
            #expect(try ended.json(AccessPoint.self).deviceIds.isEmpty)
        }
    }

    @Test func `a station is made once for one idempotency key`() async throws {
        try await withDatabase { database in
            let house = try await House(database)
            let draft = StationDraft(organizationId: house.scene.organization, nameZh: "红枫广场驿站")
            func make(_ draft: StationDraft) async throws -> TestResponse {
                try await house.client.send(
                    .post, "/v1/stations", json: draft, bearer: House.owner, headers: [("Idempotency-Key", "one")])
            }
            let first = try await make(draft)
            #expect(first.status == 201)
            let again = try await make(draft)
            #expect(again.status == 201 && again.body == first.body)
            var other = draft
            other.nameZh = "汽车站驿站"
            #expect(try await make(other).problemCode == "request.idempotency_key_reused")
            #expect(try await house.scene.stations.list(organization: house.scene.organization, after: nil, limit: 10).count == 2)
        }
    }

    @Test func `lists go on where they stopped`() async throws {
        try await withDatabase { database in
            let house = try await House(database)
            for _ in 0..<5 { _ = try await house.scan(house.body(house.scene.code(house.scene.members[0]))) }
            var seen: [String] = []
            var path = "/v1/access/events?stationId=\(house.scene.front.station)&limit=2"
            while true {
                let response = await house.client.send(.get, path, bearer: House.owner)
                #expect(response.undeclared == nil)
                let list = try response.json(AccessEventList.self)
                seen += list.items.map(\.requestId)
                guard let next = list.next else { break }
                path = "/v1/access/events?stationId=\(house.scene.front.station)&limit=2&after=\(next)"
            }
            #expect(seen.count == 5)
            #expect(seen == seen.sorted(by: >))
            for path in [
                "/v1/stations?limit=1", "/v1/stations?organizationId=\(house.scene.organization)",
                "/v1/stations/\(house.scene.front.station)",
                "/v1/stations/\(house.scene.front.station)/access-points?limit=1", "/v1/access-points/\(house.scene.front.accessPoint)",
            ] {
                let response = await house.client.send(.get, path, bearer: House.owner)
                #expect(response.status == 200, "\(path)")
                #expect(response.undeclared == nil)
                #expect(await house.client.send(.get, path, bearer: House.device).status == 403, "\(path)")
            }
            let first = try await house.client.send(
                .get, "/v1/stations/\(house.scene.front.station)/access-points?limit=1", bearer: House.owner
            )
            .json(AccessPointList.self)
            #expect(first.next == house.scene.front.accessPoint.description)
            #expect(await house.client.send(.get, "/v1/stations/999999", bearer: House.owner).problemCode == "station.unknown")
        }
    }

    @Test func `the demo's stations are made once`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database, stations: 0)
            let registry = Registry(database: database, keys: scene.keys, loops: TestLoops.all)
            let stations = Stations(database: database, registry: registry, keys: scene.keys, clock: Clock(), metrics: Metrics())
            try await stations.prepare()
            for _ in 0..<2 {
                let demo = try await stations.ensureDemo(of: scene.organization)
                #expect(demo.count == 9)
                #expect(demo.count { $0.station.kind == .smart } == 2)
                #expect(demo.count { $0.station.kind == .dayLabourMarket } == 1)
                #expect(demo.allSatisfy { !$0.accessPoints.isEmpty })
            }
        }
    }

    /// The code's bytes with the member changed: of the right form, not made with the key.
    private static func withOtherMember(_ code: String) -> String { changed(code, byte: 9) }

    /// The code's bytes with the key's id changed.
    private static func withOtherKey(_ code: String) -> String { changed(code, byte: 1) }

    private static func changed(_ code: String, byte: Int) -> String {
        guard var bytes = Base45.decode(String(code.dropFirst(4))) else { preconditionFailure("a code is Base45") }
        bytes[byte] ^= 0x55
        return "WS1:" + Base45.encode(bytes)
    }

    @Test func `the list is asked by parameters, and a parameter that is none is refused`() async throws {
        try await withDatabase { database in
            let house = try await House(database)
            let station = house.scene.front.station
            for _ in 0..<2 { _ = try await house.scan(house.body(house.scene.code(house.scene.members[0]))) }
            _ = try await house.scan(house.body("nothing"))
            func count(_ query: String) async throws -> Int {
                let answer = await house.client.send(.get, "/v1/access/events?stationId=\(station)&\(query)", bearer: House.owner)
                try #require(answer.status == 200 && answer.undeclared == nil, "\(answer.text)")
                return try answer.json(AccessEventList.self).items.count
            }
            #expect(try await count("result=entered") + count("result=left") + count("result=refused") == 3)
            #expect(try await count("result=refused") >= 1)
            #expect(try await count("from=2000-01-01&to=2000-01-02") == 0)
            #expect(try await count("from=2000-01-01") == 3)
            var hours = 0
            for hour in 0..<24 { hours += try await count("hour=\(hour)") }
            var weekdays = 0
            for weekday in 1...7 { weekdays += try await count("weekday=\(weekday)") }
            #expect(hours == 3 && weekdays == 3)
            for wrong in ["hour=24", "weekday=0", "result=all", "from=2000-13-01"] {
                let answer = await house.client.send(.get, "/v1/access/events?stationId=\(station)&\(wrong)", bearer: House.owner)
                #expect(answer.status == 422 || answer.status == 400, "\(wrong)")
            }
        }
    }
}
