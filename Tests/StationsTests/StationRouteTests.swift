import HTTP
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Stations

/// Stations as organizers change them, and what their doors do then.
@Suite struct StationRouteTests {
    @Test func `a station's facts are changed one by one, and null takes away what need not be there`() async throws {
        try await withDatabase { database in
            let house = try await PolicyHouse(database)
            let path = "/v1/stations/\(house.scene.front.station)"
            let before = try await house.send(.get, path).json(Station.self)
            #expect(before.facts.status == .open && before.doorState == .normal && before.version == 1)
            let changed = try await house.send(
                .patch, path,
                """
                {"address": "城关镇鉴河路", "latitude": 23.33, "longitude": 106.62, "capacity": 30, "capacityEnforced": true, \
                "promisedOpen": true, "amenities": ["water", "mothers_room"], "hours": [{"weekday": 1, "opensAt": "22:00", \
                "closesAt": "06:00"}], "exceptions": [{"on": "2027-02-06", "hours": []}]}
                """, ifMatch: before.entityTag)
            #expect(changed.status == 200)
            #expect(changed.header("ETag") == "\"2\"")
            let facts = try changed.json(Station.self).facts
            #expect(facts.latitude == 23.33 && facts.longitude == 106.62 && facts.capacity == 30 && facts.capacityEnforced)
            #expect(facts.amenities == [.water, .mothersRoom] && facts.promisedOpen && facts.nameZh == before.nameZh)
            #expect(facts.opening.hours == [WeekdayHours(weekday: 1, opensAt: .at(22), closesAt: .at(6))])
            #expect(facts.opening.exceptions == [HoursException(on: "2027-02-06", hours: [])])
            let cleared = try await house.send(.patch, path, #"{"latitude": null, "longitude": null, "hours": null, "address": null}"#)
            let bare = try cleared.json(Station.self).facts
            #expect(bare.latitude == nil && bare.longitude == nil && bare.opening.hours == nil && bare.address == nil)
            #expect(bare.capacity == 30 && bare.opening.exceptions.count == 1)
            #expect(try await house.send(.get, path).json(Station.self).facts == bare)
            #expect(try await house.send(.patch, path, #"{"nameZh": "别名"}"#, ifMatch: before.entityTag).problemCode == "station.changed")
            #expect(try await house.send(.patch, "/v1/stations/999999", "{}").problemCode == "station.unknown")
        }
    }

    @Test func `facts that contradict each other change nothing`() async throws {
        try await withDatabase { database in
            let house = try await PolicyHouse(database)
            let path = "/v1/stations/\(house.scene.front.station)"
            for (body, code) in [
                (#"{"latitude": 23.3}"#, "station.place_half_given"), (#"{"capacityEnforced": true}"#, "station.capacity_missing"),
                (#"{"amenities": ["water", "water"]}"#, "station.amenity_twice"),
                (#"{"status": "closed_temporarily"}"#, "station.status_reason_missing"),
                (#"{"closedUntil": "2027-01-01T00:00:00Z"}"#, "station.closed_until_without_closing"),
                (#"{"exceptions": [{"on": "2027-02-06", "hours": []}, {"on": "2027-02-06", "hours": []}]}"#, "station.exception_twice"),
                (#"{"timeZone": "Asia/Debao"}"#, "station.time_zone_unknown"), (#"{"amenities": ["pool"]}"#, "request.not_an_option"),
            ] {
                let refused = try await house.send(.patch, path, body)
                #expect(refused.status == 422)
                #expect(refused.reasonCodes == [code])
            }
            #expect(try await house.send(.get, path).json(Station.self).version == 1)
        }
    }

    @Test func `a closed station lets nobody in until its time, and everybody out`() async throws {
        try await withDatabase { database in
            let house = try await PolicyHouse(database)
            let scene = house.scene
            let path = "/v1/stations/\(scene.front.station)"
            #expect(try await house.reasons(0) == [])
            let until = Timestamp(microseconds: scene.clock.nowMicroseconds + 3_600_000_000)
            _ = try await house.send(
                .patch, path,
                #"{"status": "closed_temporarily", "statusReason": "停水", "closedUntil": "\#(until)"}"#)
            #expect(try await house.reasons(1) == [.stationClosed])
            #expect(try await house.reasons(0, .outward) == [])
            let later = try await scene.access.admit(
                batch: [scene.scan(scene.code(scene.members[2], ageSeconds: -3_700), at: scene.front)],
                clockOffsetMicroseconds: 3_700_000_000)
            #expect(later[0].reasons.contains(.stationClosed) == false)
            let reopened = try await house.send(.patch, path, #"{"status": "open"}"#).json(Station.self)
            #expect(reopened.facts.statusReason == nil && reopened.facts.closedUntil == nil)
            #expect(try await house.reasons(1) == [])
            _ = try await house.send(.patch, path, #"{"status": "decommissioned"}"#)
            #expect(try await house.reasons(2) == [.stationClosed])
        }
    }

    @Test func `the hours of station and door must both be open, with exceptions by date`() async throws {
        try await withDatabase { database in
            let house = try await PolicyHouse(database)
            let minute = Int16((house.scene.clock.nowMicroseconds / 60_000_000 + 480) % 1_440)
            let aboutNow = OpeningHours.daily(StationScene.time(minute + 1_430), StationScene.time(minute + 10))
            let later = OpeningHours.daily(StationScene.time(minute + 300), StationScene.time(minute + 310))
            let today = CalendarDate(daysSince1970: Int((house.scene.clock.nowMicroseconds / 60_000_000 + 480) / 1_440))
            let closedToday = [today, CalendarDate(daysSince1970: today.daysSince1970 - 1)].map {
                HoursException(on: $0.description, hours: [])
            }
            for (station, door, isOpen) in [
                (aboutNow, aboutNow, true), (later, aboutNow, false), (aboutNow, later, false),
                (aboutNow, OpeningHours(hours: nil, exceptions: closedToday), false),
                (OpeningHours(hours: aboutNow.hours, exceptions: closedToday), aboutNow, false),
            ] {
                try await house.scene.set(
                    AdmitModel.Place(organization: house.scene.organization, opening: station), of: house.scene.front.station)
                try await house.scene.set(AccessPolicy(opening: door), at: house.scene.front)
                #expect(try await house.reasons(0) == (isOpen ? [] : [.outsideHours]))
            }
        }
    }

    @Test func `hours by which nobody could enter are set only when confirmed, and who came at other times is counted`() async throws {
        try await withDatabase { database in
            let house = try await PolicyHouse(database)
            let scene = house.scene
            let path = "/v1/stations/\(scene.front.station)"
            for member in 0..<3 { #expect(try await house.reasons(member) == []) }
            // Somebody came eight days ago, and does not count.
            _ = try await scene.access.admit(
                batch: [scene.scan(scene.code(scene.members[3], ageSeconds: 691_300), at: scene.front)],
                clockOffsetMicroseconds: -691_300_000_000)
            func doors(_ opening: OpeningHours) async throws {
                for door in [scene.front, scene.back] { try await scene.set(AccessPolicy(opening: opening), at: door) }
            }
            let sunday = OpeningHours(hours: [WeekdayHours(weekday: 7, opensAt: .at(8), closesAt: .at(9))], exceptions: [])
            try await doors(sunday)
            for (hours, code) in [
                ("[]", "station.no_hour_open"), (#"[{"weekday": 2, "opensAt": "08:00", "closesAt": "09:00"}]"#, "station.no_door_open"),
            ] {
                let refused = try await house.send(.patch, path, #"{"hours": \#(hours), "nameEn": "Stop"}"#)
                #expect(refused.status == 409 && refused.problemCode == "station.hours_lock_everyone_out")
                #expect(refused.reasonCodes == [code])
                #expect(refused.text.contains("all 3 members") || refused.text.contains("3 名会员"), "with numbers: \(refused.text)")
                let before = try await house.send(.get, path).json(Station.self)
                #expect(before.facts.opening == .roundTheClock && before.nameEn == nil, "nothing changed")
                let confirmed = try await house.send(.patch, path + "?confirm=true", #"{"hours": \#(hours)}"#)
                #expect(confirmed.status == 200)
                #expect(try confirmed.json(Station.self).warnings?.map(\.code) == [code])
                #expect(try confirmed.json(Station.self).warnings?.map(\.members) == [3])
                #expect(try await !house.reasons(0).isEmpty)
                // What is so already is not asked again for the sake of something else.
                let renamed = try await house.send(.patch, path, #"{"nameZh": "别名"}"#)
                #expect(try renamed.json(Station.self).warnings == nil)
                #expect(try await house.send(.patch, path, #"{"hours": null}"#).status == 200)
            }
            try await doors(.roundTheClock)
            let minute = Int16((scene.clock.nowMicroseconds / 60_000_000 + 480) % 1_440)
            let later = jsonText(WeekdayHours.daily(StationScene.time(minute + 300), StationScene.time(minute + 360)))
            let limited = try await house.send(.patch, path, #"{"hours": \#(later), "promisedOpen": true}"#)
            let warnings = try #require(try limited.json(Station.self).warnings)
            #expect(warnings.map(\.code) == ["station.refuses_visitors", "station.promises_more"])
            #expect(warnings.map(\.members) == [3, 3])
            #expect(warnings[1].text.contains("\(10_080 - 7 * 60)"))
            let oneDay = #"[{"on": "2027-02-06", "hours": [{"opensAt": "08:00", "closesAt": "09:00"}]}]"#
            let rarely = try await house.send(.patch, path, #"{"hours": [], "exceptions": \#(oneDay), "promisedOpen": false}"#)
            #expect(rarely.status == 200, "one day is not never")
        }
    }

    @Test func `locked down nobody goes in, unlocked everybody with anything, and both are recorded`() async throws {
        try await withDatabase { database in
            let house = try await PolicyHouse(database)
            let scene = house.scene
            let path = "/v1/stations/\(scene.front.station)"
            try await scene.set(.suspended, of: scene.members[1])
            #expect(try await house.reasons(0) == [])
            let locked = try await house.send(.post, path + "/lock-down", #"{"reason": "煤气泄漏"}"#)
            #expect(try locked.json(Station.self).doorState == .lockedDown)
            #expect(locked.header("ETag") == "\"2\"")
            #expect(try await house.reasons(2) == [.lockedDown])
            #expect(try await house.reasons(0, .outward) == [])
            let again = try await house.send(.post, path + "/lock-down", #"{"reason": "煤气泄漏"}"#)
            #expect(try again.json(Station.self).version == 2, "again changes nothing")
            _ = try await house.send(.post, path + "/unlock", #"{"reason": "疏散"}"#)
            #expect(try await house.reasons(1) == [], "a suspended member too")
            let unreadable = try await scene.admit(scene.scan("\u{1}#?", at: scene.front))
            #expect(unreadable.isOpen)
            #expect(unreadable.decision?.peopleInside == 1, "nobody known came in")
            _ = try await house.send(.post, path + "/normal", #"{"reason": "警报解除"}"#)
            #expect(try await house.reasons(1).contains(.memberNotActive))
            let soft = try await scene.access.events(of: scene.front.station, before: nil, limit: 50).filter { !$0.softReasons.isEmpty }
            #expect(Set(soft.map(\.softReasons)) == [["door.member_not_active"], ["door.code_malformed"]])
            #expect(try await scene.stationsOutOfBalance == 0)
            let history = try await database.query("select door_state from station_state_change order by version")
            #expect(try history.map { try $0.decode(0, as: String.self) } == ["locked_down", "unlocked", "normal"])
            let told = try await database.query(
                "select kind from access_command where access_point_id = \(scene.front.accessPoint) order by command_id")
            #expect(try told.map { try $0.decode(0, as: String.self) } == ["lock_down", "unlock", "normal"])
            let audited = try await database.query("select action from audit_entry where action like 'station.%' order by 1")
            #expect(
                try audited.map { try $0.decode(0, as: String.self) } == ["station.locked_down", "station.normal", "station.unlocked"])
            #expect(try await house.send(.post, path + "/unlock", "{}").status == 422)
        }
    }

    @Test func `whoever has a subtree sees and changes only its stations`() async throws {
        try await withDatabase { database in
            let house = try await PolicyHouse(database)
            let station = house.scene.front.station
            let point = house.scene.front.accessPoint
            for (method, path, body) in [
                (HTTP.Method.get, "/v1/stations/\(station)", nil), (.patch, "/v1/stations/\(station)", "{}"),
                (.post, "/v1/stations/\(station)/unlock", #"{"reason": "x"}"#), (.get, "/v1/stations/\(station)/access-points", nil),
                (.post, "/v1/stations/\(station)/access-points", #"{"name": "x"}"#), (.get, "/v1/access-points/\(point)", nil),
                (.put, "/v1/access-points/\(point)/policy", PolicyHouse.policy),
                (.post, "/v1/access-points/\(point)/devices", #"{"deviceId": 1}"#),
                (.delete, "/v1/access-points/\(point)/devices/1", nil),
                (.post, "/v1/access-points/\(point)/policy-trials", #"{"policy": \#(PolicyHouse.policy)}"#),
            ] as [(HTTP.Method, String, String?)] {
                let elsewhere = try await house.send(method, path, body, bearer: PolicyHouse.northern)
                #expect(elsewhere.status == 404, "\(method) \(path)")
            }
            let list = try await house.send(.get, "/v1/stations", bearer: PolicyHouse.northern).json(StationList.self)
            #expect(list.items.isEmpty)
            let foreign = try await house.send(
                .post, "/v1/stations", #"{"organizationId": \#(house.scene.organization), "nameZh": "x"}"#, bearer: PolicyHouse.northern)
            #expect(foreign.reasonCodes == ["station.organization_unknown"])
            let own = try await house.send(
                .post, "/v1/stations", #"{"organizationId": \#(house.north), "nameZh": "北站"}"#, bearer: PolicyHouse.northern)
            #expect(own.status == 201)
            let operating = try await house.send(
                .post, "/v1/stations/\(station)/lock-down", #"{"reason": "x"}"#, bearer: PolicyHouse.auditor)
            #expect(operating.status == 403)
        }
    }
}
