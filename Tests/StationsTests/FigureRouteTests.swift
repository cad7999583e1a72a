import FoundationEssentials
import HTTP
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Stations

@Suite struct FigureRouteTests {
    /// Stations of two cities behind an API, with people who may see one or both.
    private struct House {
        let scene: StationScene
        let stations: Stations
        let client: TestClient
        let database: Database
        /// Has one station, nobody's but its own.
        let otherCity: ID<Organization>
        let otherStation: ID<Station>

        init(_ database: Database) async throws {
            self.database = database
            scene = try await StationScene(database)
            otherCity = try await database.query("select organization_id from registry_organization_create(null, 'city', 'Rencheng')")
                .single.decode(0)
            otherStation = try await scene.stations.create(StationDraft(organizationId: otherCity, nameZh: "任城驿站"), in: database).id
            let registry = Registry(database: database, keys: scene.keys, loops: TestLoops.all)
            stations = Stations(database: database, registry: registry, keys: scene.keys, clock: Clock(), metrics: Metrics())
            func organizer(_ role: AccountRole, _ organization: ID<Organization>?) -> OrganizerPrincipal {
                OrganizerPrincipal(accountID: ID(1), grants: [AccountGrant(role: role, organizationID: organization)])
            }
            let api = API(
                routes: stations.routes,
                authenticator: FixedAuthenticator([
                    "owner": organizer(.owner, nil), "operator": organizer(.operator, scene.organization),
                    "auditor": organizer(.auditor, scene.organization), "stranger": organizer(.owner, otherCity),
                    "device": DevicePrincipal(deviceID: scene.front.device, profile: .door),
                    "other-device": DevicePrincipal(deviceID: scene.back.device, profile: .door),
                    "member": MemberPrincipal(memberID: scene.members[0], sessionID: ID(1)),
                    "other-member": MemberPrincipal(memberID: scene.members[1], sessionID: ID(2)),
                ]))
            client = TestClient(api, loop: TestLoops.all[0])
        }

        func get(_ path: String, _ bearer: String? = "owner", _ headers: [(String, String)] = []) async -> TestResponse {
            let response = await client.send(.get, path, bearer: bearer, headers: headers)
            #expect(response.undeclared == nil, "\(path)")
            return response
        }

        func visit(_ member: Int, _ direction: AccessDirection = .inward) async throws {
            let scan = scene.scan(scene.code(scene.members[member]), at: scene.front, direction)
            #expect(try await scene.admit(scan).isOpen)
        }
    }

    @Test func `a report counts visitors by each grouping, and only of stations one may see`() async throws {
        try await withDatabase { database in
            let house = try await House(database)
            for member in 0..<3 { try await house.visit(member) }
            try await house.visit(0, .outward)
            try await house.stations.visits.figures.catchUp(database)
            for grouping in VisitGrouping.allCases {
                for path in ["/v1/stations/\(house.scene.front.station)/visitors", "/v1/visitors"] {
                    for bearer in ["owner", "operator", "auditor"] {
                        let report = try await house.get("\(path)?by=\(grouping.rawValue)", bearer).json(VisitReport.self)
                        #expect(report.total.entries == 3 && report.total.exits == 1 && report.total.dwell.visits == 1)
                        #expect(report.items.map(\.entries).reduce(0, +) == 3)
                        #expect(report.items.allSatisfy { !$0.key.isEmpty })
                    }
                }
                let strange = try await house.get("/v1/visitors?by=\(grouping.rawValue)", "stranger").json(VisitReport.self)
                #expect(strange.total.entries == 0 && strange.items.isEmpty)
            }
            let kinds = try await house.get("/v1/visitors?by=worker_kind").json(VisitReport.self)
            #expect(kinds.items.map(\.key) == ["courier"])
            let organizations = try await house.get("/v1/visitors?by=organization").json(VisitReport.self)
            #expect(organizations.items.map(\.name) == ["Debao"])
            #expect(organizations.items.map(\.organizationId) == [house.scene.organization])
            let path = "/v1/stations/\(house.scene.front.station)/visitors"
            #expect(await house.get(path + "?by=day", "stranger").problemCode == "station.unknown")
            #expect(await house.get("/v1/stations/999999/visitors?by=day").problemCode == "station.unknown")
            #expect(await house.get(path + "?by=day", "device").status == 403)
            #expect(await house.get(path + "?by=day&from=2026-02-02&to=2026-02-01").reasonCodes == ["station.period_invalid"])
            #expect(await house.get(path + "?by=day&from=2006-02-02&to=2026-02-01").reasonCodes == ["station.period_invalid"])
            #expect(await house.get(path).problemCode == "request.missing_parameter")
            #expect(await house.get(path + "?by=year").problemCode == "request.invalid_parameter")
            let before = try await house.get(path + "?by=day&from=2020-01-01&to=2020-12-31").json(VisitReport.self)
            #expect(before.items.isEmpty && before.total.dwell.meanSeconds == nil)
        }
    }

    @Test func `a member sees the own visits, organizers those of their members`() async throws {
        try await withDatabase { database in
            let house = try await House(database)
            for _ in 0..<3 {
                try await house.visit(0)
                // Through another door while inside: the same visit.
                #expect(
                    try await house.scene.admit(house.scene.scan(house.scene.code(house.scene.members[0]), at: house.scene.back)).isOpen)
                try await house.visit(0, .outward)
            }
            try await house.visit(0)
            try await house.visit(1)
            try await house.stations.visits.figures.catchUp(database)
            var seen: [MemberVisit] = []
            var path = "/v1/me/visits?limit=2"
            while true {
                let page = try await house.get(path, "member").json(MemberVisitList.self)
                seen += page.items
                guard let next = page.next else { break }
                path = "/v1/me/visits?limit=2&after=\(next)"
            }
            #expect(seen.map { $0.leftAt == nil } == [true, false, false, false])
            #expect(seen.map(\.enteredAt) == seen.map(\.enteredAt).sorted(by: >))
            #expect(seen.allSatisfy { $0.stationNameZh == "驿站0" && !$0.isAutomatic })
            for visit in seen where visit.leftAt != nil { #expect(visit.enteredAt < (visit.leftAt ?? "")) }
            #expect(try await house.get("/v1/me/visits", "other-member").json(MemberVisitList.self).items.count == 1)
            #expect(await house.get("/v1/me/visits", "owner").status == 403)

            let member = "/v1/members/\(house.scene.members[0])/visits"
            for bearer in ["owner", "operator", "auditor"] {
                #expect(try await house.get(member, bearer).json(MemberVisitList.self).items.count == 4)
            }
            #expect(await house.get(member, "stranger").problemCode == "registry.member_not_found")
            #expect(await house.get("/v1/members/999999/visits").problemCode == "registry.member_not_found")
            for bearer in ["device", "member"] { #expect(await house.get(member, bearer).status == 403) }
            #expect(await house.get("/v1/me/visits?after=1_x", "member").status == 422)
        }
    }

    @Test func `a person's history holds the visits of numbers that were merged`() async throws {
        try await withDatabase { database in
            let house = try await House(database)
            try await house.visit(0)
            try await house.visit(2)
            try await house.stations.visits.figures.catchUp(database)
            _ = try await database.query(
                """
                update member set status = 'left', merged_into = \(house.scene.members[0]) where member_id = \(house.scene.members[2])
                """)
            #expect(try await house.get("/v1/me/visits", "member").json(MemberVisitList.self).items.count == 2)
            #expect(try await house.get("/v1/me/visits", "other-member").json(MemberVisitList.self).items.isEmpty)
        }
    }

    @Test func `an entry that was annulled is no visit`() async throws {
        try await withDatabase { database in
            let house = try await House(database)
            try await house.visit(0)
            try await house.stations.visits.figures.catchUp(database)
            #expect(try await house.get("/v1/me/visits", "member").json(MemberVisitList.self).items.count == 1)
            _ = try await database.query(
                """
                insert into access_annulment (
                    station_id, request_id, access_point_id, member_id, device_id, reason, inside_change, presence_restored, people_inside,
                    annulled_at)
                select station_id, request_id, access_point_id, member_id, device_id, 'other', -1, true, 0, clock_timestamp()
                from access_event
                """)
            try await house.stations.visits.figures.catchUp(database)
            #expect(try await house.get("/v1/me/visits", "member").json(MemberVisitList.self).items.isEmpty)
            #expect(try await house.get("/v1/visitors?by=hour").json(VisitReport.self).items.isEmpty)
        }
    }

    @Test func `heartbeats are heard from the door's own device, and alarms are acknowledged and closed by people`() async throws {
        try await withDatabase { database in
            let house = try await House(database)
            let path = "/v1/access-points/\(house.scene.front.accessPoint)/heartbeat"
            func beat(_ bearer: String, at time: String? = nil) async throws -> TestResponse {
                let occurredAt = time ?? Timestamp(microseconds: Clock().nowMicroseconds).description
                let response = try await house.client.send(
                    .post, path, json: Heartbeat(occurredAt: occurredAt, softwareVersion: "1.0", doorState: .forced), bearer: bearer)
                #expect(response.undeclared == nil)
                return response
            }
            #expect(try await beat("device").status == 200)
            #expect(try await beat("other-device").problemCode == "access.access_point_foreign")
            #expect(try await beat("owner").status == 403)
            #expect(try await beat("device", at: "1960-01-01T00:00:00Z").reasonCodes == ["access.occurred_before_1970"])
            try await house.stations.visits.alarms.evaluate()

            for (query, count) in [("", 1), ("?state=open", 1), ("?state=all", 1), ("?state=closed", 0), ("?stationId=999999", 0)] {
                #expect(try await house.get("/v1/alarms\(query)", "auditor").json(AlarmList.self).items.count == count, "\(query)")
            }
            #expect(try await house.get("/v1/alarms", "stranger").json(AlarmList.self).items.isEmpty)
            let alarm = try #require(try await house.get("/v1/alarms").json(AlarmList.self).items.first)
            #expect(alarm.kind == .doorForced)

            func handle(_ verb: String, _ bearer: String, note: String? = nil) async throws -> TestResponse {
                let response = try await house.client.send(
                    .post, "/v1/alarms/\(alarm.id)/\(verb)", json: AlarmNote(note: note), bearer: bearer)
                #expect(response.undeclared == nil)
                return response
            }
            for verb in ["acknowledge", "close"] {
                #expect(try await handle(verb, "stranger").problemCode == "station.alarm_unknown")
                #expect(try await handle(verb, "auditor").status == 403)
            }
            let acknowledged = try await handle("acknowledge", "operator", note: "on my way").json(Alarm.self)
            #expect(acknowledged.state == .acknowledged && acknowledged.acknowledgeNote == "on my way")
            #expect(acknowledged.acknowledgedBy == "account:1")
            #expect(try await handle("acknowledge", "owner", note: "me too").json(Alarm.self).acknowledgeNote == "on my way")
            let closed = try await handle("close", "operator", note: "a child").json(Alarm.self)
            #expect(closed.state == .closed && closed.closeNote == "a child")
            for verb in ["acknowledge", "close"] { #expect(try await handle(verb, "owner").problemCode == "station.alarm_closed") }
            #expect(try await house.get("/v1/alarms?state=closed").json(AlarmList.self).items.count == 1)

            let told = try await database.query("select type, subject, organization_id from outbox_event order by event_id")
            #expect(try told.map { try $0.decode(0, as: String.self) } == ["alarm.raised", "alarm.acknowledged", "alarm.closed"])
            for row in told {
                #expect(try row.decode(1) == "alarm:\(alarm.id)")
                #expect(try row.decode(2) == house.scene.organization)
            }
            let entries = try await database.query("select action, actor from audit_entry where subject = \("alarm:\(alarm.id)")")
            #expect(try entries.map { try $0.decode(0, as: String.self) } == ["alarm.acknowledged", "alarm.closed"])
        }
    }

    @Test func `everybody sees stations, open or not and how full, but nothing of anybody`() async throws {
        try await withDatabase { database in
            let house = try await House(database)
            _ = try await database.query(
                "update station set capacity = 4, amenities = '{water,wifi}' where station_id = \(house.scene.front.station)")
            let path = "/v1/public/stations/\(house.scene.front.station)"
            for (member, crowding) in [Crowding.low, .low, .medium, .medium].enumerated() {
                let first = await house.get(path, nil)
                let station = try first.json(PublicStation.self)
                #expect(station.isOpen && station.peopleInside == member && station.crowding == crowding)
                #expect(station.amenities == ["water", "wifi"] && station.hours == nil)
                #expect(first.header("Cache-Control") == "public, max-age=10")
                let tag = try #require(first.header("ETag"))
                for known in [tag, "W/\(tag)", "\"x\", \(tag)", "*"] {
                    let again = await house.get(path, nil, [("If-None-Match", known)])
                    #expect(again.status == 304 && again.body.isEmpty && again.header("ETag") == tag)
                }
                try await house.visit(member)
                #expect(await house.get(path, nil, [("If-None-Match", tag)]).status == 200)
                #expect(!first.text.contains("ember"))
            }
            let list = try await house.get("/v1/public/stations", nil).json(PublicStationList.self)
            #expect(list.items.map(\.id) == [house.scene.front.station, house.otherStation])
            #expect(list.items.map(\.crowding) == [.high, nil])
            let page = try await house.get("/v1/public/stations?limit=1", nil).json(PublicStationList.self)
            #expect(page.next == house.scene.front.station.description)

            func isOpen(_ change: SQL) async throws -> Bool {
                _ = try await database.query(change)
                return try await house.get(path, nil).json(PublicStation.self).isOpen
            }
            #expect(try await !isOpen("update station set door_state = 'locked_down'"))
            #expect(try await isOpen("update station set door_state = 'normal'"))
            #expect(try await !isOpen("update station set status = 'closed_temporarily', closed_until = now() + interval '1 hour'"))
            #expect(try await house.get(path, nil).json(PublicStation.self).closedUntil != nil)
            #expect(try await isOpen("update station set closed_until = now() - interval '1 hour'"))
            #expect(
                try await !isOpen(
                    "update station set status = 'open', closed_until = null, hours = array_fill('{}'::int4multirange, '{7}')"))
            _ = try await database.query("update station set status = 'decommissioned'")
            #expect(await house.get(path, nil).problemCode == "station.unknown")
            #expect(try await house.get("/v1/public/stations", nil).json(PublicStationList.self).items.isEmpty)
        }
    }
}
