import Crypto
import MemberCode
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Stations

/// What a thief of the database learns from the fingerprints of scans: nothing, without the key file.
@Suite struct ScanFingerprintTests {
    @Test func `nobody can try out what was typed at a door against the fingerprint that was kept`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database)
            // A PIN typed where a code is wanted, at the door and into a controller's journal.
            let secret = "4711"
            let scan = scene.scan(secret, at: scene.front)
            #expect(try await scene.admit(scan).reasons == [.codeMalformed])
            let journal = JournalScene(scene)
            let entry = journal.entry(scene.members[0], open: false, reasons: ["door.needs_network"], code: secret)
            #expect(try await journal.upload([entry]) == ["recorded"])
            let rows = try await database.query("select fingerprint, request_id::text from access_event")
            var kept: [[UInt8]] = []
            for row in rows { kept.append(try row.decode(0)) }
            #expect(kept.count == 2 && Set(kept).count == 2 && kept.allSatisfy { $0.count == 16 })
            // All that the thief does not know is those four digits.
            for number in 0..<10_000 {
                let guess = String(String(10_000 + number).dropFirst())
                let tried = scene.scan(guess, at: scene.front, occurredAt: scan.occurredAt)
                #expect(!kept.contains(Array(SHA256.hash(tried.said).prefix(16))), "\(guess)")
            }
            #expect(kept.contains(scene.fingerprints(scan)), "but who has the key file knows a repeat")
            #expect(!kept.contains(ScanFingerprints(.random())(scan)))
        }
    }

    @Test func `a repeat is known by every server with the same key file`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database)
            let scan = scene.scan(scene.code(scene.members[0]), at: scene.front)
            #expect(try await scene.admit(scan).isOpen)
            let other = AccessStore(database, keys: scene.keys, clock: scene.clock)
            #expect(try await other.admit(batch: [scan]).map(\.isRepeat) == [true])
            let stranger = AccessStore(database, keys: .random(), clock: scene.clock)
            #expect(try await stranger.admit(batch: [scan]).map(\.isConflict) == [true])
        }
    }
}
