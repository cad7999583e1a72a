import FoundationEssentials
import MemberCode
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Stations

/// The server decided, its answer did not arrive in time, and the controller decided alone: what the controller did holds.
@Suite struct JournalLostReplyTests {
    /// The question as the controller asked it, and the entry that it writes when it hears nothing.
    private static func lost(
        _ journal: JournalScene, _ member: ID<Member>, _ direction: AccessDirection = .inward, open: Bool
    ) throws -> (scan: AccessScan, entry: JournalBody.Entry) {
        let entry = journal.entry(member, direction, secondsAgo: 2, open: open, reasons: ["door.member_not_active"])
        let id = try #require(UUID(uuidString: entry.requestId))
        let time = try #require(Timestamp(dateTime: entry.occurredAt))
        return (journal.scene.scan(entry.code, at: journal.scene.front, direction, requestID: id, occurredAt: time), entry)
    }

    @Test func `both opened, or both stayed shut: the event stands`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database)
            let journal = JournalScene(scene)
            let (opened, entry) = try Self.lost(journal, scene.members[0], open: true)
            #expect(try await scene.admit(opened).isOpen)
            try await scene.set(.suspended, of: scene.members[1])
            let (refused, other) = try Self.lost(journal, scene.members[1], open: false)
            #expect(try await scene.admit(refused).reasons == [.memberNotActive])
            let before = try await journal.picture()
            #expect(try await journal.upload([entry, other]) == ["repeated", "repeated"])
            #expect(try await journal.picture() == before)
            #expect(try await journal.inside == [scene.members[0].rawValue])
            #expect(try await journal.isInBalance)
        }
    }

    @Test func `refused here, opened there: the event becomes an open one and says why it would not have been`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database)
            let journal = JournalScene(scene)
            try await scene.set(.suspended, of: scene.members[0])
            let (scan, entry) = try Self.lost(journal, scene.members[0], open: true)
            #expect(try await !scene.admit(scan).isOpen)
            #expect(try await journal.upload([entry]) == ["opened"])
            #expect(try await journal.upload([entry, entry]) == ["repeated", "repeated"])
            let event = try await scene.access.events(of: scene.front.station, before: nil, limit: 1)[0]
            #expect(event.open && event.reasons.isEmpty && event.softReasons == ["door.member_not_active"])
            #expect(event.decidedBy == .controller)
            #expect(try await journal.inside == [scene.members[0].rawValue])
            #expect(try await journal.isInBalance)
            #expect(try await scene.admit(scene.scan(entry.code, at: scene.front, .outward)).reasons == [.codeReplayed])
            let again = try await scene.admit(scan)
            #expect(again.isOpen && again.isRepeat, "whoever asks again is told what became of it")
        }
    }

    @Test(arguments: [(true, true), (true, false), (false, true), (false, false)])
    func `a refusal that became open is counted as what it became, whatever was counted when`(
        _ countsRefusal: Bool, _ countsBetween: Bool
    ) async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database)
            let journal = JournalScene(scene)
            let figures = FigureStore(database, clock: scene.clock)
            try await scene.set(.suspended, of: scene.members[0])
            let (scan, entry) = try Self.lost(journal, scene.members[0], open: true)
            #expect(try await !scene.admit(scan).isOpen)
            if countsRefusal { try await figures.catchUp(database) }
            // Another refusal, of another hour, stays one.
            #expect(try await !scene.admit(scene.scan("nonsense", at: scene.front)).isOpen)
            if countsBetween {
                // What the feed finds when the event becomes open while it counts.
                try await database.transaction { transaction in
                    _ = try await transaction.query("select pg_current_xact_id()")
                    #expect(try await journal.upload([entry]) == ["opened"])
                    try await figures.feed()
                }
            } else {
                #expect(try await journal.upload([entry]) == ["opened"])
            }
            try await figures.catchUp(database)
            let today = Int(scene.clock.nowSeconds / 86_400)
            let period = try #require(
                VisitPeriod(first: CalendarDate(daysSince1970: today - 2), last: CalendarDate(daysSince1970: today + 2)))
            let lines = try await figures.lines(by: .hour, period, station: scene.front.station, scope: .everything)
            #expect(lines.map(\.figures.entries).reduce(0, +) == 1 && lines.map(\.figures.refused).reduce(0, +) == 1)
            let incremental = try await FigureTests.contents(database)
            try await figures.rebuild()
            #expect(try await FigureTests.contents(database) == incremental)
        }
    }

    @Test func `opened here, shut there: the entry is annulled and nobody is inside`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database)
            let journal = JournalScene(scene)
            let (scan, entry) = try Self.lost(journal, scene.members[0], open: false)
            #expect(try await scene.admit(scan).isOpen)
            #expect(try await journal.upload([entry]) == ["annulled"])
            let before = try await journal.picture()
            #expect(try await journal.upload([entry]) == ["repeated"])
            #expect(try await journal.picture() == before)
            #expect(try await journal.inside == [])
            #expect(try await journal.isInBalance)
        }
    }

    @Test func `opened here for one going out, shut there: the member is inside again`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database)
            let journal = JournalScene(scene)
            #expect(try await scene.admit(scene.scan(scene.code(scene.members[0], ageSeconds: 10), at: scene.front)).isOpen)
            let (scan, entry) = try Self.lost(journal, scene.members[0], .outward, open: false)
            #expect(try await scene.admit(scan).isOpen)
            #expect(try await journal.inside == [])
            #expect(try await journal.upload([entry]) == ["annulled"])
            #expect(try await journal.inside == [scene.members[0].rawValue])
            #expect(try await journal.isInBalance)
        }
    }

    @Test func `an entry annulled late changes nothing of what the member did since`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database)
            let journal = JournalScene(scene)
            let (scan, entry) = try Self.lost(journal, scene.members[0], open: false)
            #expect(try await scene.admit(scan).isOpen)
            #expect(try await scene.admit(scene.scan(scene.code(scene.members[0]), at: scene.back, .outward)).isOpen)
            #expect(try await journal.upload([entry]) == ["annulled"])
            #expect(try await journal.inside == [])
            #expect(try await journal.isInBalance)
        }
    }

    @Test func `the journal before the request: the request writes nothing any more`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database)
            let journal = JournalScene(scene)
            let (scan, entry) = try Self.lost(journal, scene.members[0], open: true)
            let (other, shut) = try Self.lost(journal, scene.members[1], open: false)
            #expect(try await journal.upload([entry, shut]) == ["recorded", "recorded"])
            let before = try await journal.picture()
            #expect(try await scene.admit(scan).isRepeat)
            let late = try await scene.admit(other)
            #expect(late.isRepeat && late.reasons == [.memberNotActive])
            #expect(try await journal.picture() == before)
            #expect(try await journal.isInBalance)
        }
    }

    @Test func `a request id of another scan or another device is refused`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database)
            let journal = JournalScene(scene)
            let taken = StationScene.requestID()
            #expect(try await scene.admit(scene.scan(scene.code(scene.members[0]), at: scene.back, requestID: taken)).isOpen)
            let before = try await journal.picture()
            #expect(
                try await journal.upload([
                    journal.entry(scene.members[0], requestID: taken), journal.entry(scene.members[1]),
                ]) == ["access.request_id_reused", "recorded"])
            #expect(try await scene.eventCount == 2)
            let mine = StationScene.requestID()
            #expect(try await scene.admit(scene.scan(scene.code(scene.members[2]), at: scene.front, requestID: mine)).isOpen)
            #expect(
                try await journal.upload([journal.entry(scene.members[3], open: false, requestID: mine)]) == ["access.request_id_reused"])
            #expect(try await journal.isInBalance)
            #expect(!before.isEmpty)
        }
    }

    @Test func `question and upload at the same moment come to the same end, whoever is first`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database, members: 12)
            let journal = JournalScene(scene)
            for round in 0..<4 {
                var pairs: [(scan: AccessScan, entry: JournalBody.Entry)] = []
                for (number, member) in scene.members.enumerated() {
                    pairs.append(try Self.lost(journal, member, round % 2 == 0 ? .inward : .outward, open: number % 2 == 0))
                }
                let (scans, entries) = (pairs.map(\.scan), pairs.map(\.entry))
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for scan in scans {
                        group.addTask { _ = try await TestLoops.run { try await scene.access.admit(scan) } }
                    }
                    for start in stride(from: 0, to: entries.count, by: 3) {
                        group.addTask { _ = try await journal.upload(Array(entries[start..<start + 3])) }
                    }
                    try await group.waitForAll()
                }
                for entry in entries {
                    let found = try await database.query(
                        """
                        select open and not exists (
                            select from access_annulment a where a.request_id = e.request_id and a.station_id = e.station_id)
                        from access_event e where request_id = \(entry.requestId)::uuid
                        """)
                    #expect(try found.single.decode(0, as: Bool.self) == entry.open, "round \(round)")
                }
                #expect(try await journal.isInBalance, "round \(round)")
            }
            #expect(try await scene.eventCount == 48)
        }
    }

    @Test func `an upload reads every table by its keys`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database, members: 64)
            let journal = JournalScene(scene)
            let entries = scene.members.map { journal.entry($0) }
            _ = try await journal.upload(entries)
            _ = try await database.query("analyze")
            let again = entries.prefix(8) + scene.members.prefix(30).map { journal.entry($0, .outward, secondsAgo: 5) }
            let scanned = try await database.transaction { (transaction) async throws(PostgresError) in
                let checked = again.compactMap {
                    JournalEntry(
                        $0, device: scene.front.device, accessPoint: scene.front.accessPoint, codes: scene.verifier,
                        cards: MemberCardVerifier(scene.keys))
                }
                _ = try await transaction.query(
                    JournalStore.statement(checked, scene.fingerprints, at: scene.front.accessPoint, by: scene.front.device, 0))
                return try await transaction.query(
                    """
                    select coalesce(array_agg(relname::text), '{}') from pg_stat_xact_user_tables where seq_scan > 0
                    """
                ).single.decode(0, as: [String].self)
            }
            #expect(scanned == [])
        }
    }
}
