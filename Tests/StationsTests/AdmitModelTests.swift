import Postgres
import Runtime
import TestSupport
import Testing

@testable import Stations

/// Random batches of scans, with repeats, doubles, replays and changes of policy, station and member in between, against `AdmitModel`.
@Suite struct AdmitModelTests {
    @Test(arguments: 0..<6) func `random scans are decided as the model decides them`(_ run: Int) async throws {
        let seed = SeededGenerator.seeds(1)[0]
        try await withDatabase { database in
            var random = SeededGenerator(seed: seed)
            var trial = try await AdmitTrial(database, seed: seed, &random)
            for _ in 0..<60 { try await trial.step(&random) }
            #expect(try await trial.scene.eventCount == trial.model.eventCount, "seed \(seed)")
            #expect(try await trial.scene.stationsOutOfBalance == 0, "seed \(seed)")
            let inside = try await database.query("select count(*) from access_presence where is_inside").single.decode(0, as: Int.self)
            #expect(inside == trial.model.inside.count, "seed \(seed)")
            let soft = try await database.query("select count(*) from access_event where soft_reasons <> '{}'").single.decode(
                0, as: Int.self)
            #expect(soft == trial.model.softCount, "seed \(seed)")
            for (digest, card) in trial.model.cards {
                let failures = try await database.query(
                    "select pin_failures from access_credential where credential_digest = \(digest)"
                ).single.decode(0, as: Int.self)
                #expect(failures == card.pinFailures, "seed \(seed)")
            }
        }
    }
}
