import Crypto
import FoundationEssentials
import MemberCode
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Stations

@Suite struct JournalTests {
    @Test func `what was decided alone is recorded once, with its true time`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database)
            let journal = JournalScene(scene)
            let member = scene.members[0]
            let came = journal.entry(member, secondsAgo: 7_200)
            let refused = journal.entry(scene.members[1], secondsAgo: 5_000, open: false)
            let went = journal.entry(member, .outward, secondsAgo: 3_600)
            #expect(try await journal.upload([came, refused, went]) == ["recorded", "recorded", "recorded"])
            #expect(try await journal.upload([came, refused, went]) == ["repeated", "repeated", "repeated"])
            let events = try await scene.access.events(of: scene.front.station, before: nil, limit: 10)
            #expect(events.map(\.occurredAt) == [went.occurredAt, refused.occurredAt, came.occurredAt])
            #expect(events.map(\.open) == [true, false, true])
            #expect(events[1].reasons == ["door.offline_too_long"])
            #expect(events.allSatisfy { $0.decidedBy == .controller })
            #expect(events[0].dwellSeconds == 3_600)
            #expect(try await journal.inside == [])
            #expect(try await journal.isInBalance)
        }
    }

    @Test func `a code used alone opens that door no second time`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database)
            let journal = JournalScene(scene)
            let entry = journal.entry(scene.members[0], secondsAgo: 20)
            #expect(try await journal.upload([entry]) == ["recorded"])
            #expect(try await scene.admit(scene.scan(entry.code, at: scene.front, .outward)).reasons == [.codeReplayed])
            #expect(try await scene.admit(scene.scan(entry.code, at: scene.back, .outward)).isOpen)
        }
    }

    @Test func `doubles in one upload are recorded once`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database)
            let journal = JournalScene(scene)
            let entry = journal.entry(scene.members[0])
            #expect(try await journal.upload([entry, entry, entry]) == ["recorded", "repeated", "repeated"])
            #expect(try await scene.eventCount == 1)
            #expect(try await journal.inside == [scene.members[0].rawValue])
        }
    }

    @Test func `times that cannot be are refused, one by one`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database)
            let journal = JournalScene(scene)
            let member = scene.members[0]
            let results = try await journal.upload([
                journal.entry(member, secondsAgo: -365 * 86_400), journal.entry(member, secondsAgo: -301),
                journal.entry(member, secondsAgo: -290), journal.entry(member, secondsAgo: 89 * 86_400),
                journal.entry(member, secondsAgo: 91 * 86_400),
            ])
            #expect(
                results == [
                    "access.journal_in_future", "access.journal_in_future", "recorded", "recorded", "access.journal_too_old",
                ])
            #expect(try await scene.eventCount == 2)
            #expect(try await journal.isInBalance)
        }
    }

    @Test func `an entry that contradicts itself is refused, its neighbours are not`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database)
            let journal = JournalScene(scene)
            var open = journal.entry(scene.members[0])
            open.reasons = ["door.locked_down"]
            var shut = journal.entry(scene.members[1], open: false)
            shut.reasons = []
            #expect(
                try await journal.upload([open, journal.entry(scene.members[2]), shut]) == [
                    "access.journal_contradiction", "recorded", "access.journal_contradiction",
                ])
            #expect(try await journal.upload([open]) == ["access.journal_contradiction"])
            #expect(try await scene.eventCount == 1)
        }
    }

    @Test func `a foreign or revoked device records nothing`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database)
            let journal = JournalScene(scene)
            let stranger = StationScene.Door(
                station: scene.front.station, accessPoint: scene.front.accessPoint, device: scene.back.device)
            #expect(try await journal.upload([journal.entry(scene.members[0])], at: stranger) == ["foreign"])
            _ = try await database.query("update device set revoked_at = now() where device_id = \(scene.front.device)")
            #expect(try await journal.upload([journal.entry(scene.members[0])]) == ["foreign"])
            #expect(try await scene.eventCount == 0)
        }
    }

    @Test func `a code that is not authentic counts nobody, whatever the controller says it did`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database)
            let journal = JournalScene(scene)
            let member = scene.members[0]
            let foreign = MemberCodeIssuer(Keys.random()).issue(memberID: member.rawValue, nowMicroseconds: journal.now).text
            let stale = scene.code(member, ageSeconds: 600)
            #expect(
                try await journal.upload([
                    journal.entry(member, code: foreign), journal.entry(member, code: "nonsense"), journal.entry(member, code: stale),
                    // A controller's clock may be off by as much as is not yet an alarm.
                    journal.entry(scene.members[1], secondsAgo: 60, code: scene.code(scene.members[1], ageSeconds: 200)),
                ]) == ["recorded", "recorded", "recorded", "recorded"])
            let events = try await scene.access.events(of: scene.front.station, before: nil, limit: 10)
            #expect(Set(events.map(\.reasons)) == [["door.code_forged"], ["door.code_malformed"], ["door.code_expired"], []])
            #expect(try await journal.inside == [scene.members[1].rawValue])
            let marked = try await database.query("select count(*) from access_event where controller_open and not open").single.decode(
                0, as: Int.self)
            #expect(marked == 3)
            #expect(try await journal.isInBalance)
        }
    }

    @Test func `an unlocked station's door opened for everybody`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database)
            let journal = JournalScene(scene)
            _ = try await database.query(
                """
                insert into station_state_change (station_id, version, door_state, reason, changed_by, changed_at)
                values (\(scene.front.station), 2, 'unlocked', 'fire', 'account:1', now() - interval '90 seconds')
                """)
            #expect(try await journal.upload([journal.entry(scene.members[0], code: "anything")]) == ["recorded"])
            let event = try await scene.access.events(of: scene.front.station, before: nil, limit: 1)[0]
            #expect(event.open && event.softReasons == ["door.code_malformed"])
        }
    }

    @Test func `an uncertain time is bounded by the code that opened`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database)
            let journal = JournalScene(scene)
            let issuedAt = (journal.now / 1_000_000 - 5_000) * 1_000_000
            var entry = journal.entry(
                scene.members[0], secondsAgo: 9_000,
                code: scene.issuer.issue(memberID: scene.members[0].rawValue, nowMicroseconds: issuedAt).text)
            entry.isTimeUncertain = true
            #expect(try await journal.upload([entry]) == ["recorded"])
            let event = try await scene.access.events(of: scene.front.station, before: nil, limit: 1)[0]
            #expect(event.open && event.occurredAt == Timestamp(microseconds: issuedAt).description)
        }
    }

    @Test(arguments: SeededGenerator.seeds(6)) func `any order, any pieces, any repeats come to the same events and the same people inside`(
        _ seed: UInt64
    ) async throws {
        try await withDatabase { database in
            var random = SeededGenerator(seed: seed)
            let scene = try await StationScene(database, members: 3)
            let journal = JournalScene(scene)
            var entries: [JournalBody.Entry] = []
            for number in 0..<40 {
                guard let member = scene.members.randomElement(using: &random) else { continue }
                entries.append(
                    journal.entry(
                        member, random.chance(60) ? .inward : .outward, secondsAgo: 4_000 - Int64(number) * 90, open: random.chance(80)))
            }
            // In order, as a controller uploads.
            for start in stride(from: 0, to: entries.count, by: 7) {
                _ = try await journal.upload(Array(entries[start..<min(start + 7, entries.count)]))
                if random.chance(50) { _ = try await journal.upload(Array(entries[..<min(start + 7, entries.count)])) }
            }
            let expected = try await journal.picture()
            let inside = try await journal.inside
            #expect(try await journal.isInBalance, "seed \(seed)")
            #expect(try await scene.eventCount == entries.count)

            // The same in any order of pieces, each with its repeats: the events are the same ones.
            try await Self.clear(database)
            for entry in entries.shuffled(using: &random) {
                _ = try await journal.upload([entry] + (random.chance(30) ? entries.suffix(3) : []))
            }
            #expect(try await journal.picture() == expected, "seed \(seed)")
            #expect(try await journal.isInBalance, "seed \(seed)")
            // One upload of all, in any order, is taken in the order of its times.
            try await Self.clear(database)
            _ = try await journal.upload(entries.shuffled(using: &random))
            #expect(try await journal.picture() == expected, "seed \(seed)")
            #expect(try await journal.inside == inside, "seed \(seed)")
            #expect(try await journal.isInBalance, "seed \(seed)")
        }
    }

    private static func clear(_ database: Database) async throws {
        for table in ["access_event", "access_annulment", "access_presence", "station_occupancy"] {
            _ = try await database.query("delete from \(raw: table)")
        }
    }
}
