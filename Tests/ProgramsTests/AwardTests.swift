import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Programs

@Suite struct AwardTests {
    @Test func `the states mean the same in Swift and in the database`() async throws {
        try await withDatabase { database in
            for state in AwardState.allCases {
                let row = try await database.query(
                    "select programs_holds_place(\(state.rawValue)), programs_benefit_state(\(state.rawValue)) <> 'freed'")[0]
                #expect(try row.decode(0) == state.holdsPlace, "\(state)")
                #expect(try row.decode(1) == state.holdsBenefit, "\(state)")
                for next in AwardState.allCases {
                    let mayFollow: Bool = try await database.query("select programs_may_follow(\(state.rawValue), \(next.rawValue))")[0]
                        .decode(0)
                    #expect(mayFollow == state.next.contains(next), "\(state) to \(next)")
                }
            }
        }
    }

    @Test func `places are given in the order of the requests until seats and quota are gone`() async throws {
        try await withDatabase { database in
            let scene = try await AwardScene(database, members: 8, capacities: [2, 3], quota: 4)
            let verdicts = try await scene.awards.hold([0, 1, 2, 3, 4, 5, 6].map { scene.place($0, in: $0 < 4 ? 1 : 2) }).map(\.verdict)
            #expect(verdicts == [.held, .held, .sessionFull, .sessionFull, .held, .held, .quotaFull])
            #expect(try await scene.taken() == [4, 2, 2])
            #expect(try await scene.state(0) == .offered)
            #expect(try await scene.state(2) == nil)
            #expect(try await scene.imbalances() == 0)
        }
    }

    @Test func `asking again for the same place changes nothing, and for another one is refused`() async throws {
        try await withDatabase { database in
            let scene = try await AwardScene(database, members: 1, capacities: [2, 2])
            #expect(try await scene.hold(scene.place(0), scene.place(0)) == [.held, .repeated])
            #expect(try await scene.hold(scene.place(0)) == [.unchanged])
            #expect(try await scene.hold(scene.place(0, in: 2)) == [.holdsPlace])
            #expect(try await scene.taken() == [1, 1, 0])
            #expect(try await database.query("select count(*) from program_award_event")[0].decode(0, as: Int.self) == 1)
        }
    }

    @Test func `nothing is given in a program that is not published, to nobody, or in no session`() async throws {
        try await withDatabase { database in
            let scene = try await AwardScene(database, members: 2, capacities: [2])
            _ = try await database.query("update member set status = 'suspended' where member_id = \(scene.members[1])")
            var stranger = scene.place(0)
            stranger.memberID = ID(4_711)
            var elsewhere = scene.place(0)
            elsewhere.programID = ID(4_711)
            let verdicts = try await scene.hold(
                stranger, scene.place(1, .tick), scene.place(0, in: 9), elsewhere, scene.place(0, .organizer, state: .declined))
            #expect(verdicts == [.memberNotActive, .memberNotActive, .sessionUnknown, .programUnknown, .repeated])
            #expect(try await scene.hold(scene.place(0, .organizer, state: .declined)) == [.notAllowed])
            _ = try await database.query("update program set state = 'reviewed'")
            #expect(try await scene.hold(scene.place(0)) == [.programNotPublished])
            #expect(try await scene.taken() == [0, 0])
        }
    }

    @Test func `a person has one benefit of a family and period, whichever program gave it`() async throws {
        try await withDatabase { database in
            let scene = try await AwardScene(database, members: 2, capacities: [2])
            let other = try await AwardScene.makeProgram(database, scene.organization, capacities: [5])
            var second = scene.place(0, .tick)
            second.programID = other
            #expect(try await scene.hold(scene.place(0), second) == [.held, .benefitTaken], "within one batch")
            #expect(try await scene.hold(second) == [.benefitTaken])
            #expect(try await scene.awards.award(of: scene.members[0], in: other) == nil)
            second.source = .run
            #expect(try await scene.hold(second) == [.benefitTaken])
            #expect(try await scene.awards.award(of: scene.members[0], in: other)?.state == .withdrawn, "a winner who lost it is told")
            let reason = try await database.query("select reason from program_award_event where program_id = \(other)")[0]
            #expect(try reason.decode(0, as: String.self) == "benefit_taken")
            #expect(try await scene.move(scene.change(0, to: .declined)) == [.moved])
            #expect(try await scene.hold(second) == [.held], "what was given back is free for another program")
            #expect(try await scene.imbalances() == 0)
        }
    }

    @Test func `whoever has the benefit under a number that was merged into theirs is given no second one`() async throws {
        try await withDatabase { database in
            let scene = try await AwardScene(database, members: 2, capacities: [2])
            let other = try await AwardScene.makeProgram(database, scene.organization, capacities: [2])
            try await scene.hold(scene.place(0))
            _ = try await database.query("update member set status = 'left' where member_id = \(scene.members[0])")
            _ = try await database.query("update member set merged_into = \(scene.members[1]) where member_id = \(scene.members[0])")
            for program in [scene.program, other] {
                let place = AwardPlace(scene.members[1], of: program, number: 1, state: .confirmed, source: .walkIn, doneBy: "test")
                #expect(try await scene.hold(place) == [.benefitTaken])
            }
            try await scene.move(scene.change(0, to: .declined))
            #expect(try await scene.hold(scene.place(1)) == [.held], "once it is free again it is theirs")
        }
    }

    @Test func `a change that waits for its program keeps no other statement waiting`() async throws {
        try await withDatabase { database in
            let scene = try await AwardScene(database, members: 1, capacities: [1])
            try await scene.hold(scene.place(0))
            let server = Database(database.settings, loops: [TestLoops.all[1]], connections: 1)
            try await server.start()
            let awards = AwardStore(server, clock: Clock())
            let confirmed = try await database.inTransaction { transaction in
                _ = try await transaction.query("select from program where program_id = \(scene.program) for no key update")
                let change = Task { try await awards.move(scene.change(0, to: .confirmed)).verdict }
                try await Self.waitForLocks(database)
                #expect(try await server.query("select 1")[0].decode(0, as: Int.self) == 1)
                return change
            }
            #expect(try await confirmed.value == .moved)
            await server.stop(grace: .seconds(1))
        }
    }

    private static func waitForLocks(_ database: Database) async throws {
        let waits: SQL = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
        while try await database.query(waits).isEmpty { try await Task.sleep(for: .milliseconds(5)) }
    }

    @Test func `a benefit follows its award: held, confirmed, used; and freed`() async throws {
        try await withDatabase { database in
            let scene = try await AwardScene(database, members: 3, capacities: [3])
            try await scene.hold(scene.place(0), scene.place(1), scene.place(2))
            #expect(try await scene.benefits(0) == ["held"])
            try await scene.move(scene.change(0, to: .confirmed), scene.change(1, to: .confirmed), scene.change(2, to: .declined))
            #expect(try await scene.benefits(0) == ["confirmed"])
            #expect(try await scene.benefits(2) == ["freed"])
            try await scene.move(scene.change(0, to: .attended), scene.change(1, to: .noShow))
            #expect(try await scene.benefits(0) == ["used"])
            #expect(try await scene.benefits(1) == ["confirmed"])
            #expect(try await scene.taken() == [1, 1], "who did not come has given the seat back")
            try await scene.move(scene.change(1, to: .excused))
            #expect(try await scene.benefits(1) == ["freed"])
            #expect(try await scene.imbalances() == 0)
        }
    }

    @Test func `each change is an event with who, when and why, and tells the outbox`() async throws {
        try await withDatabase { database in
            let scene = try await AwardScene(database, members: 1, capacities: [1], clock: Clock(offsetMicroseconds: 86_400_000_000))
            try await scene.hold(scene.place(0))
            let member = "member:\(scene.members[0])"
            var move = scene.change(0, to: .withdrawn, by: member)
            move.reason = "搬家"
            #expect(try await scene.awards.move(move).verdict == .moved)
            let rows = try await database.query(
                """
                select coalesce(state_before, '-'), state_after, coalesce(reason, '-'), done_by, occurred_at > now() + interval '23 hours'
                from program_award_event
                order by event_id
                """)
            let events = try rows.map { row in
                "\(try (0..<4).map { try row.decode($0, as: String.self) }) \(try row.decode(4, as: Bool.self))"
            }
            #expect(
                events == [
                    #"["-", "offered", "-", "account:1"] true"#, #"["offered", "withdrawn", "搬家", "\#(member)"] true"#,
                ])
            let told = try await database.query("select type, subject from outbox_event where type like 'award.%' order by event_id")
            #expect(try told.map { try $0.decode(0, as: String.self) } == ["award.offered", "award.withdrawn"])
            #expect(try told.allSatisfy { try $0.decode(1, as: String.self) == member })
        }
    }

    @Test func `an offer is confirmed before its end and not after, lapses after it and not before`() async throws {
        try await withDatabase { database in
            let scene = try await AwardScene(database, members: 2, capacities: [2])
            try await scene.hold(scene.place(0), scene.place(1))
            #expect(try await scene.move(scene.change(0, to: .lapsed)) == [.notAllowed])
            try await scene.moveOfferEnds(0, by: -48 * 3_600)
            #expect(try await scene.move(scene.change(0, to: .confirmed), scene.change(1, to: .confirmed)) == [.offerOver, .moved])
            #expect(try await scene.state(0) == .offered)
            #expect(try await scene.move(scene.change(0, to: .lapsed)) == [.moved])
            #expect(try await scene.move(scene.change(0, to: .confirmed)) == [.notAllowed])
            #expect(try await scene.taken() == [1, 1])
            let later = AwardStore(database, clock: Clock(offsetMicroseconds: 49 * 3_600_000_000))
            _ = try await database.query("update program_award set state = 'offered', offered_until = now() + interval '48 hours'")
            let outcome = try await later.move([scene.change(1, to: .confirmed)], in: database)
            #expect(outcome.map(\.verdict) == [.offerOver], "by the service's clock")
        }
    }

    @Test func `a place without an offer is confirmed at once, and an offer ends before the session starts`() async throws {
        try await withDatabase { database in
            let scene = try await AwardScene(database, members: 2, capacities: [1, 1], offerHours: nil)
            try await scene.hold(scene.place(0))
            #expect(try await scene.state(0) == .confirmed)
            _ = try await database.query("update program set offer_hours = 48")
            _ = try await database.query("update program_session set starts_at = now() + interval '1 hour' where number = 2")
            let outcome = try #require(try await scene.awards.hold([scene.place(1, in: 2)]).first)
            let until = try #require(outcome.offeredUntil)
            #expect(outcome.state == .offered && until.microseconds < Clock().nowMicroseconds + 3_700_000_000)
        }
    }

    @Test func `a swap takes a seat of the other session while it lasts, and never one kept for walk-ins`() async throws {
        try await withDatabase { database in
            let scene = try await AwardScene(database, members: 5, capacities: [3, 3], walkIn: 1)
            try await scene.hold(scene.place(0), scene.place(1), scene.place(2, in: 2))
            #expect(try await scene.hold(scene.place(3, .tick)) == [.sessionFull], "the third seat is for walk-ins")
            #expect(
                try await scene.move(scene.change(0, to: nil, number: 2), scene.change(1, to: nil, number: 2)) == [.moved, .sessionFull])
            #expect(try await scene.taken() == [3, 1, 2])
            #expect(try await scene.hold(scene.place(3, in: 2, .walkIn, state: .attended)) == [.held])
            #expect(try await scene.hold(scene.place(4, in: 2, .walkIn, state: .attended)) == [.sessionFull])
            _ = try await database.query("update program_session set starts_at = now() - interval '1 minute' where number = 1")
            #expect(try await scene.move(scene.change(0, to: nil, number: 1)) == [.sessionOver])
            #expect(try await scene.move(scene.change(1, to: .declined, by: "member:\(scene.members[1])")) == [.sessionOver])
            #expect(try await scene.imbalances() == 0)
        }
    }

    @Test func `requests about one award in one batch are decided one after another`() async throws {
        try await withDatabase { database in
            let scene = try await AwardScene(database, members: 2, capacities: [1, 1])
            try await scene.hold(scene.place(0))
            let verdicts = try await scene.move(
                scene.change(0, to: .confirmed), scene.change(1, to: .confirmed), scene.change(0, to: .confirmed),
                scene.change(0, to: nil, number: 2), scene.change(0, to: .attended), scene.change(0, to: .declined))
            #expect(verdicts == [.moved, .noAward, .unchanged, .moved, .moved, .notAllowed])
            #expect(try await scene.taken() == [1, 0, 1])
            #expect(try await scene.awards.list(of: scene.program, AwardStore.Filter(), after: nil, limit: 9).map(\.state) == [.attended])
        }
    }

    @Test func `a batch reads every table by its keys`() async throws {
        try await withDatabase { database in
            let scene = try await AwardScene(database, members: 64, capacities: [40, 40])
            let places = scene.members.indices.map { scene.place($0, in: Int32($0 % 2 + 1)) }
            _ = try await scene.awards.hold(Array(places.prefix(32)))
            _ = try await database.query("analyze")
            let scanned = try await database.transaction { (transaction) async throws(PostgresError) in
                _ = try await scene.awards.hold(places, in: transaction)
                _ = try await scene.awards.move(scene.members.indices.map { scene.change($0, to: .confirmed, number: 1) }, in: transaction)
                var tables: [String] = []
                for row in try await transaction.query("select relname::text from pg_stat_xact_user_tables where seq_scan > 0") {
                    tables.append(try row.decode(0))
                }
                return tables
            }
            #expect(scanned.isEmpty)
        }
    }
}
