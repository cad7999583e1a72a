import FoundationEssentials
import HTTP
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Stations

@Suite struct AnnulmentTests {
    private func entry(_ scene: StationScene, _ member: ID<Member>, at door: StationScene.Door? = nil) async throws -> UUID {
        let id = StationScene.requestID()
        let admission = try await scene.admit(scene.scan(scene.code(member), at: door ?? scene.front, requestID: id))
        #expect(admission.isOpen)
        return id
    }

    private func annul(_ ways: WaysScene, _ id: UUID, by bearer: String = WaysScene.door) async throws -> TestResponse {
        try await ways.send(
            .post, "/v1/access/annulments", AnnulmentBody(requestId: id.uuidString, accessPointId: ways.scene.front.accessPoint), by: bearer
        )
    }

    private func isInside(_ scene: StationScene, _ member: ID<Member>) async throws -> Bool {
        try await scene.database.query(
            "select is_inside from access_presence where member_id = \(member) and station_id = \(scene.front.station)"
        ).single.decode(0)
    }

    @Test func `an entry through which nobody went is taken back once, and its code stays used`() async throws {
        try await withDatabase { database in
            let ways = try await WaysScene(database)
            let scene = ways.scene
            let member = scene.members[0]
            let id = StationScene.requestID()
            let code = scene.code(member)
            #expect(try await scene.admit(scene.scan(code, at: scene.front, requestID: id)).isOpen)
            let first = try await annul(ways, id)
            #expect(first.status == 200)
            let answer = try first.json(AnnulmentAnswer.self)
            #expect(answer.presenceRestored && answer.peopleInside == 0 && answer.requestId == id.uuidString.lowercased())
            for _ in 0..<3 { #expect(try await annul(ways, id).body == first.body) }
            #expect(try await !isInside(scene, member))
            #expect(try await scene.stationsOutOfBalance == 0)
            #expect(try await scene.admit(scene.scan(code, at: scene.front)).reasons == [.codeReplayed])
            // The scan's own answer is the first one, for ever.
            #expect(try await ways.count("select count(*) from access_event where open") == 1)
        }
    }

    @Test func `after an annulment no rule counts the entry that was none`() async throws {
        try await withDatabase { database in
            let ways = try await WaysScene(database)
            let scene = ways.scene
            try await scene.set(AccessPolicy(entryIntervalMinutes: 60, reentryMinutes: 60, antiPassback: .hard), at: scene.front)
            for _ in 0..<3 {
                let id = try await entry(scene, scene.members[0])
                #expect(try await annul(ways, id).status == 200)
            }
            _ = try await entry(scene, scene.members[0])
            #expect(try await scene.admit(scene.scan(scene.code(scene.members[0]), at: scene.front)).reasons.contains(.reentryTooSoon))
            #expect(try await scene.stationsOutOfBalance == 0)
        }
    }

    @Test func `who was inside before stays inside, with the entry before`() async throws {
        try await withDatabase { database in
            let ways = try await WaysScene(database)
            let scene = ways.scene
            let member = scene.members[0]
            _ = try await entry(scene, member)
            let enteredAt: SQL = "select entered_at from access_presence where member_id = \(member)"
            let before = try await database.query(enteredAt).single.decode(0, as: Timestamp.self)
            let second = try await entry(scene, member)
            let answer = try await annul(ways, second).json(AnnulmentAnswer.self)
            #expect(answer.presenceRestored && answer.peopleInside == 1)
            #expect(try await isInside(scene, member))
            #expect(try await database.query(enteredAt).single.decode(0, as: Timestamp.self) == before)
            #expect(try await scene.stationsOutOfBalance == 0)
        }
    }

    @Test func `an entry followed by another one is taken back without a change of who is inside`() async throws {
        try await withDatabase { database in
            let ways = try await WaysScene(database)
            let scene = ways.scene
            let first = try await entry(scene, scene.members[0])
            _ = try await entry(scene, scene.members[0], at: scene.back)
            let answer = try await annul(ways, first).json(AnnulmentAnswer.self)
            #expect(!answer.presenceRestored && answer.peopleInside == 1)
            #expect(try await scene.stationsOutOfBalance == 0)
        }
    }

    @Test func `another device, a refusal, an exit, an unknown scan and a member who left are refused`() async throws {
        try await withDatabase { database in
            let ways = try await WaysScene(database)
            let scene = ways.scene
            let id = try await entry(scene, scene.members[0])
            #expect(try await annul(ways, id, by: WaysScene.otherDoor).problemCode == "access.scan_foreign")
            // It serves the door, but did not ask.
            #expect(try await annul(ways, id, by: WaysScene.guardPost).problemCode == "access.scan_foreign")
            #expect(try await annul(ways, id, by: WaysScene.owner).status == 403)
            #expect(try await annul(ways, StationScene.requestID()).problemCode == "access.scan_unknown")
            let back = try await entry(scene, scene.members[1], at: scene.back)
            #expect(try await annul(ways, back).problemCode == "access.scan_unknown")
            let refused = StationScene.requestID()
            _ = try await scene.admit(scene.scan("nonsense", at: scene.front, requestID: refused))
            #expect(try await annul(ways, refused).problemCode == "access.not_an_entry")
            let exit = StationScene.requestID()
            #expect(try await scene.admit(scene.scan(scene.code(scene.members[0]), at: scene.front, .outward, requestID: exit)).isOpen)
            #expect(try await annul(ways, exit).problemCode == "access.not_an_entry")
            #expect(try await annul(ways, id).problemCode == "access.exit_since")
            #expect(try await ways.count("select count(*) from access_annulment") == 0)
            #expect(try await scene.stationsOutOfBalance == 0)
        }
    }

    @Test func `fifteen minutes are the limit, and a repeat knows none`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database)
            let late = AnnulmentStore(database, clock: Clock(offsetMicroseconds: 15 * 60_000_000 + 1_000_000))
            let inTime = AnnulmentStore(database, clock: Clock(offsetMicroseconds: 14 * 60_000_000))
            let id = try await entry(scene, scene.members[0])
            let annulment = Annulment(requestID: id, deviceID: scene.front.device, accessPointID: scene.front.accessPoint)
            #expect(try await late.annul([annulment]) == [.tooLate])
            let first = try await inTime.annul([annulment])
            guard case .annulled = first[0] else {
                Issue.record("\(first)")
                return
            }
            #expect(try await late.annul([annulment, annulment]) == [first[0], first[0]])
        }
    }

    @Test func `a batch with the same request twice takes it back once`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database)
            let store = AnnulmentStore(database, clock: scene.clock)
            var annulments: [Annulment] = []
            for member in scene.members {
                let id = try await entry(scene, member)
                annulments.append(Annulment(requestID: id, deviceID: scene.front.device, accessPointID: scene.front.accessPoint))
            }
            let outcomes = try await store.annul(annulments + annulments)
            #expect(Array(outcomes.prefix(4)) == Array(outcomes.suffix(4)))
            let people = outcomes.prefix(4).map { if case .annulled(_, true, let people) = $0 { people } else { Int32(-1) } }
            #expect(people == [3, 2, 1, 0])
            #expect(try await scene.stationsOutOfBalance == 0)
        }
    }

    @Test func `an annulment and an exit at once: either the entry never was, or the member left`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database, members: 40)
            let store = AnnulmentStore(database, clock: scene.clock)
            var annulled = 0
            for (index, member) in scene.members.enumerated() {
                let id = try await entry(scene, member)
                let annulment = Annulment(requestID: id, deviceID: scene.front.device, accessPointID: scene.front.accessPoint)
                let exit = scene.scan(scene.code(member), at: scene.back, .outward)
                let access = scene.access
                let first = Task(executorPreference: TestLoops.all[index % 2]) { try await store.annul([annulment, annulment]) }
                let second = Task(executorPreference: TestLoops.all[(index + 1) % 2]) { try await access.admit(batch: [exit]) }
                let third = Task(executorPreference: TestLoops.all[(index + 1) % 2]) { try await store.annul([annulment]) }
                let outcomes = try await first.value + third.value
                #expect(try await second.value[0].isOpen, "an exit opens whatever was annulled")
                #expect(Set(outcomes).count == 1)
                if case .annulled = outcomes[0] { annulled += 1 } else { #expect(outcomes[0] == .exitSince) }
                #expect(try await !isInside(scene, member))
            }
            #expect(try await scene.stationsOutOfBalance == 0)
            #expect(try await database.query("select count(*) from access_annulment").single.decode(0, as: Int.self) == annulled)
        }
    }
}
