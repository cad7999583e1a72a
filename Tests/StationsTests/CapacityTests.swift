import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Stations

/// A capacity that is kept to, under every kind of crowd.
@Suite struct CapacityTests {
    private func scene(_ database: Database, capacity: Int, members: Int) async throws -> StationScene {
        let scene = try await StationScene(database, members: members)
        try await scene.set(AdmitModel.Place(organization: scene.organization, capacity: capacity), of: scene.front.station)
        return scene
    }

    @Test func `a full station lets nobody in until somebody leaves, and lets those inside move`() async throws {
        try await withDatabase { database in
            let scene = try await scene(database, capacity: 2, members: 3)
            func admit(_ member: Int, _ direction: AccessDirection = .inward) async throws -> Admission {
                try await scene.admit(scene.scan(scene.code(scene.members[member]), at: scene.front, direction))
            }
            #expect(try await admit(0).isOpen)
            #expect(try await admit(1).isOpen)
            let refused = try await admit(2)
            #expect(refused.reasons == [.full])
            #expect(refused.decision?.peopleInside == 2)
            #expect(try await admit(0).isOpen, "who is inside takes no further place")
            #expect(try await admit(1, .outward).isOpen)
            #expect(try await admit(2).isOpen)
            #expect(try await admit(1).reasons == [.full])
            #expect(try await scene.stationsOutOfBalance == 0)
        }
    }

    @Test func `a capacity that is only shown refuses nobody`() async throws {
        try await withDatabase { database in
            let scene = try await scene(database, capacity: 1, members: 2)
            _ = try await database.query("update station set capacity_enforced = false")
            for member in scene.members { #expect(try await scene.admit(scene.scan(scene.code(member), at: scene.front)).isOpen) }
        }
    }

    @Test func `crowds from several connections at once never exceed the capacity and never leave room unused`() async throws {
        let seed = SeededGenerator.seeds(1)[0]
        try await withDatabase { database in
            var random = SeededGenerator(seed: seed)
            let scene = try await scene(database, capacity: 7, members: 64)
            let access = scene.access
            var members = scene.members
            for round in 0..<20 {
                members.shuffle(using: &random)
                // Eight at once, of eight members each; some of them go out in every second round.
                let batches = (0..<8).map { number in
                    members[number * 8..<number * 8 + 8].map { member in
                        scene.scan(
                            scene.code(member), at: random.chance(50) ? scene.front : scene.back,
                            round % 2 == 1 && random.chance(60) ? .outward : .inward)
                    }
                }
                let tasks = batches.enumerated().map { index, batch in
                    Task(executorPreference: TestLoops.all[index % TestLoops.all.count]) { try await access.admit(batch: batch) }
                }
                var refusals = 0
                for task in tasks {
                    for admission in try await task.value where admission.reasons == [.full] { refusals += 1 }
                }
                let inside = try await database.query("select count(*) from access_presence where is_inside").single.decode(0, as: Int.self)
                #expect(inside <= 7, "seed \(seed)")
                if round % 2 == 0 {
                    #expect(inside == 7, "seed \(seed)")
                    #expect(refusals > 0, "seed \(seed)")
                }
                // At no moment, in the order in which the database decided them.
                let most = try await database.query(
                    """
                    select max(inside) from (
                        select sum(inside_change) over (order by recorded_at, batch_position) as inside from access_event
                    ) history
                    """
                ).single.decode(0, as: Int.self)
                #expect(most <= 7, "seed \(seed)")
            }
            #expect(try await scene.stationsOutOfBalance == 0, "seed \(seed)")
            let deadlocks = try await database.query("select deadlocks from pg_stat_database where datname = current_database()")
            #expect(try deadlocks.single.decode(0, as: Int.self) == 0, "seed \(seed)")
        }
    }

    @Test func `a repeated exit in the batch of a full station makes no room`() async throws {
        try await withDatabase { database in
            let scene = try await scene(database, capacity: 1, members: 2)
            let card = AdmitModel.Card(kind: .card, member: scene.members[0])
            try await scene.insert(card, digest: StationScene.digest(1))
            func scan(_ direction: AccessDirection) -> AccessScan {
                scene.scan(.card(digest: StationScene.digest(1), pinDigest: nil), at: scene.front, direction)
            }
            #expect(try await scene.admit(scan(.inward)).isOpen)
            let out = scan(.outward)
            #expect(try await scene.admit(out).isOpen)
            #expect(try await scene.admit(scan(.inward)).isOpen)
            let answers = try await scene.access.admit(batch: [out, scene.scan(scene.code(scene.members[1]), at: scene.front)])
            #expect(answers[0].isRepeat)
            #expect(answers[1].reasons == [.full])
            #expect(try await scene.stationsOutOfBalance == 0)
        }
    }
}
