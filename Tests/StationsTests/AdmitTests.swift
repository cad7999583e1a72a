import FoundationEssentials
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Stations

@Suite struct AdmitTests {
    @Test func `a good code opens, once at each door`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database)
            let code = scene.code(scene.members[0])
            let first = try await scene.admit(scene.scan(code, at: scene.front))
            #expect(first.decision?.relayMilliseconds == 3_000)
            #expect(first.decision?.peopleInside == 1)
            #expect(try await scene.admit(scene.scan(code, at: scene.front)).reasons == [.codeReplayed])
            #expect(try await scene.admit(scene.scan(code, at: scene.back)).isOpen, "other doors accept it meanwhile")
            #expect(try await scene.admit(scene.scan(code, at: scene.back, .outward)).reasons == [.codeReplayed])
            let older = scene.code(scene.members[0], ageSeconds: 20)
            #expect(
                try await scene.admit(scene.scan(older, at: scene.front)).reasons == [.codeReplayed], "not newer than the last accepted")
            let out = try await scene.admit(scene.scan(scene.code(scene.members[0]), at: scene.front, .outward))
            #expect(out.decision?.peopleInside == 0)
            #expect(try await scene.eventCount == 6, "refused scans are kept as well")
            #expect(try await scene.stationsOutOfBalance == 0)
        }
    }

    @Test func `a refused scan uses up no code`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database)
            let code = scene.code(scene.members[0])
            try await scene.set(AccessPolicy(isOpen: false), at: scene.front)
            #expect(try await scene.admit(scene.scan(code, at: scene.front)).reasons == [.accessPointClosed])
            try await scene.set(.standard, at: scene.front)
            #expect(try await scene.admit(scene.scan(code, at: scene.front)).isOpen)
        }
    }

    @Test func `every failing condition is told, and none keeps anybody inside`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database)
            let member = scene.members[0]
            let shut = try await Self.hoursThatExcludeNow(database)
            #expect(try await scene.admit(scene.scan(scene.code(member), at: scene.front)).isOpen)
            try await scene.set(
                AccessPolicy(isOpen: false, directions: .outward, opening: shut, reentryMinutes: 30),
                at: scene.front)
            try await scene.set(.suspended, of: member)
            let late = Timestamp(microseconds: scene.clock.nowMicroseconds - 73 * 3_600_000_000)
            let old = scene.code(member, ageSeconds: 120)
            #expect(
                try await scene.admit(scene.scan(old, at: scene.front, occurredAt: late)).reasons == [
                    .codeExpired, .codeReplayed, .memberNotActive, .accessPointClosed, .directionNotServed, .outsideHours, .reentryTooSoon,
                    .occurredTooLongAgo,
                ])
            #expect(try await scene.admit(scene.scan(old, at: scene.front, .outward)).reasons == [.codeExpired, .codeReplayed])
            let out = try await scene.admit(scene.scan(scene.code(member), at: scene.front, .outward, occurredAt: late))
            #expect(out.isOpen)
            #expect(out.decision?.peopleInside == 0)
        }
    }

    @Test func `a member whom the register does not know stays out, but never in`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database)
            #expect(try await scene.admit(scene.scan(scene.code(ID(999_999)), at: scene.front)).reasons == [.memberUnknown])
            let code = scene.code(ID(999_999))
            #expect(try await scene.admit(scene.scan(code, at: scene.front, .outward)).isOpen)
            #expect(try await scene.admit(scene.scan(code, at: scene.front, .outward)).reasons == [.codeReplayed])
            #expect(try await scene.stationsOutOfBalance == 0)
        }
    }

    @Test func `an exit without an entry opens and counts nobody`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database)
            #expect(try await scene.admit(scene.scan(scene.code(scene.members[0]), at: scene.front)).isOpen)
            let out = try await scene.admit(scene.scan(scene.code(scene.members[1]), at: scene.front, .outward))
            #expect(out.isOpen)
            #expect(out.decision?.peopleInside == 1)
            #expect(try await scene.stationsOutOfBalance == 0)
        }
    }

    @Test func `a repeat is answered as the first time, whatever has changed since`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database)
            let member = scene.members[0]
            try await scene.set(.suspended, of: member)
            let refused = scene.scan(scene.code(member), at: scene.front)
            let first = try await scene.admit(refused)
            #expect(first.reasons == [.memberNotActive])
            try await scene.set(.active, of: member)
            let opened = scene.scan(scene.code(member), at: scene.front)
            let second = try await scene.admit(opened)
            #expect(second.isOpen)
            try await scene.set(AccessPolicy(isOpen: false, relayMilliseconds: 500), at: scene.front)
            for (scan, answer) in [(refused, first), (opened, second)] {
                let again = try await scene.admit(scan)
                #expect(again.isRepeat)
                #expect(again.decision == answer.decision)
            }
            #expect(try await scene.eventCount == 2)
            #expect(try await scene.stationsOutOfBalance == 0)
        }
    }

    @Test func `a request id used for another scan is a conflict and changes nothing`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database)
            let id = StationScene.requestID()
            #expect(try await scene.admit(scene.scan(scene.code(scene.members[0]), at: scene.front, requestID: id)).isOpen)
            for scan in [
                scene.scan(scene.code(scene.members[1]), at: scene.front, requestID: id),
                scene.scan("nonsense", at: scene.front, requestID: id),
                scene.scan(scene.code(scene.members[0]), at: scene.back, requestID: id),
            ] {
                #expect(try await scene.admit(scan).isConflict)
            }
            #expect(try await scene.eventCount == 1)
            #expect(try await scene.stationsOutOfBalance == 0)
        }
    }

    @Test func `the same request id at another station is another request`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database, stations: 2)
            let id = StationScene.requestID()
            let code = scene.code(scene.members[0])
            #expect(try await scene.admit(scene.scan(code, at: scene.doors[0][0], requestID: id)).isOpen)
            let other = try await scene.admit(scene.scan(code, at: scene.doors[1][0], requestID: id))
            #expect(other.isOpen && !other.isRepeat)
        }
    }

    @Test func `a device that names another's access point learns nothing and leaves nothing`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database)
            let scan = scene.scan(scene.code(scene.members[0]), at: scene.front, device: scene.back.device)
            #expect(try await scene.admit(scan).isForeign)
            let nowhere = StationScene.Door(station: scene.front.station, accessPoint: ID(999_999), device: scene.front.device)
            #expect(try await scene.admit(scene.scan(scene.code(scene.members[0]), at: nowhere)).isForeign)
            #expect(try await scene.eventCount == 0)
            #expect(try await database.query("select count(*) from access_presence").single.decode(0, as: Int.self) == 0)
        }
    }

    @Test func `a batch is answered in its order, doubles and repeats inside it too`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database)
            let code = scene.code(scene.members[0])
            let first = scene.scan(code, at: scene.front)
            let malformed = scene.scan("WS1:", at: scene.front)
            let answers = try await scene.access.admit(batch: [
                first, first, scene.scan(code, at: scene.front), scene.scan(code, at: scene.back, .outward), malformed,
                scene.scan("other", at: scene.front, requestID: malformed.requestID), malformed,
                scene.scan(code, at: scene.front, device: scene.back.device), scene.scan(scene.code(scene.members[1]), at: scene.back),
            ])
            #expect(answers.map(\.isOpen) == [true, true, false, true, false, false, false, false, true])
            #expect(answers.map(\.isRepeat) == [false, true, false, false, false, false, true, false, false])
            #expect(answers.map(\.isConflict) == [false, false, false, false, false, true, false, false, false])
            #expect(answers.map(\.isForeign) == [false, false, false, false, false, false, false, true, false])
            #expect(answers[2].reasons == [.codeReplayed])
            #expect(answers[4].reasons == [.codeMalformed])
            #expect(answers[0].decision == answers[1].decision)
            #expect(try await scene.eventCount == 5)
            #expect(try await scene.stationsOutOfBalance == 0)
            #expect(try await scene.access.admit(batch: []).isEmpty)
        }
    }

    @Test func `re-entry waits its minutes unless the member went out`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database)
            let member = scene.members[0]
            try await scene.set(AccessPolicy(reentryMinutes: 10), at: scene.front)
            #expect(try await scene.admit(scene.scan(scene.code(member), at: scene.front)).isOpen)
            #expect(try await scene.admit(scene.scan(scene.code(member), at: scene.front)).reasons == [.reentryTooSoon])
            #expect(try await scene.admit(scene.scan(scene.code(member), at: scene.back)).isOpen, "the rule is the front door's")
            #expect(try await scene.admit(scene.scan(scene.code(member), at: scene.back, .outward)).isOpen)
            #expect(try await scene.admit(scene.scan(scene.code(member), at: scene.front)).isOpen)
            let later = AccessStore(database, keys: scene.keys, clock: Clock(offsetMicroseconds: 11 * 60_000_000))
            let again = try await later.admit(batch: [scene.scan(scene.code(member), at: scene.front)])
            #expect(again.map(\.isOpen) == [true])
            #expect(again[0].decision?.peopleInside == 1, "who is inside already is not counted twice")
        }
    }

    @Test func `what occurred more than five seconds ahead or 72 hours ago is refused`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database)
            func reasons(_ seconds: Int64) async throws -> [AccessReason] {
                let occurredAt = Timestamp(microseconds: scene.clock.nowMicroseconds + seconds * 1_000_000)
                return try await scene.admit(scene.scan(scene.code(scene.members[0]), at: scene.front, occurredAt: occurredAt)).reasons
            }
            #expect(try await reasons(60) == [.occurredInFuture])
            #expect(try await reasons(4) == [])
            #expect(try await reasons(-71 * 3_600) == [])
            #expect(try await reasons(-73 * 3_600) == [.occurredTooLongAgo])
        }
    }

    @Test func `ids of other kinds and months find their partition`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database)
            let code = scene.code(scene.members[0])
            for text in [
                "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "6ba7b810-9dad-41d1-80b4-00c04fd430c8",
            ] {
                let id = try #require(UUID(uuidString: text))
                let scan = scene.scan(code, at: scene.front, requestID: id)
                let answer = try await scene.admit(scan)
                let again = try await scene.admit(scan)
                #expect(!answer.isRepeat && again.isRepeat)
                #expect(again.decision == answer.decision)
            }
            _ = try await scene.admit(scene.scan(code, at: scene.front))
            let inDefault = try await database.query("select count(*) from access_event_default").single.decode(0, as: Int.self)
            #expect(inDefault == 3)
            #expect(try await scene.eventCount == 4)
        }
    }

    @Test func `partitions made later take over what came too early`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database)
            let inFiveMonths = try await database.query(
                """
                select (lpad(to_hex((extract(epoch from date_trunc('month', now()) + interval '5 months 3 days') * 1000)::bigint), 12, '0')
                    || '70008000000000000001')::uuid
                """
            ).single.decode(0, as: UUID.self)
            let scan = scene.scan(scene.code(scene.members[0]), at: scene.front, requestID: inFiveMonths)
            let answer = try await scene.admit(scan)
            #expect(try await scene.access.makePartitions(monthsAhead: 3) == 0, "a migrated database has them")
            #expect(try await scene.access.makePartitions(monthsAhead: 6) == 3)
            #expect(try await scene.access.makePartitions(monthsAhead: 6) == 0)
            #expect(try await database.query("select count(*) from access_event_default").single.decode(0, as: Int.self) == 0)
            let again = try await scene.admit(scan)
            #expect(again.isRepeat)
            #expect(again.decision == answer.decision)
        }
    }

    /// An hour on the station's clock that begins some hours from now.
    private static func hoursThatExcludeNow(_ database: Database) async throws -> OpeningHours {
        let minute = try await database.query(
            """
            select (extract(hour from now() at time zone 'Asia/Shanghai') * 60
                + extract(minute from now() at time zone 'Asia/Shanghai'))::smallint
            """
        ).single.decode(0, as: Int16.self)
        return .daily(StationScene.time(minute + 300), StationScene.time(minute + 360))
    }
}
