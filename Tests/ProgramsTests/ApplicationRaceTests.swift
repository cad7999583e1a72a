import Allocation
import HTTP
import Postgres
import Runtime
import TestSupport
import Testing

@testable import Programs
@testable import Registry

/// Applications that meet: of one person, at two servers, and with the program's closing.
@Suite struct ApplicationRaceTests {
    /// The scene's server and another one with connections and a loop of its own.
    private func withServers(_ body: (ProgramScene, [ProgramApplicationStore]) async throws -> Void) async throws {
        try await withPrograms { scene in
            let other = Database(scene.database.settings, loops: [TestLoops.all[1]])
            let clock = Clock(offsetMicroseconds: 2 * 3_600_000_000)
            let first = ProgramApplicationStore(scene.database, clock: clock)
            let second = ProgramApplicationStore(other, clock: clock)
            try await other.start()
            let outcome: Result<Void, any Error>
            do { outcome = .success(try await body(scene, [first, second])) } catch { outcome = .failure(error) }
            await other.stop(grace: .seconds(1))
            try outcome.get()
        }
    }

    @Test(arguments: SeededGenerator.seeds(3))
    func `whoever applies and withdraws many times at once has one application, counted once`(seed: UInt64) async throws {
        try await withServers { scene, stores in
            let programs = [
                try await scene.announced(sessions: ApplicationTests.sessions),
                try await scene.announced(sessions: ApplicationTests.sessions),
            ]
            let members = try await scene.members(5)
            await withTaskGroup(of: Void.self) { group in
                var generator = SeededGenerator(seed: seed)
                for number in 0..<120 {
                    let member = members[Int.random(in: 0..<members.count, using: &generator)]
                    let program = programs[number % 2]
                    let store = stores[Int.random(in: 0...1, using: &generator)]
                    let wish = Int32.random(in: 1...10, using: &generator)
                    let withdraws = generator.chance(25)
                    group.addTask {
                        do {
                            if withdraws {
                                _ = try await store.withdraw(member, from: program)
                            } else {
                                let outcome = try await store.apply(
                                    ApplyRequest(memberID: member, programID: program, wishes: [wish], subject: "member:\(member)"))
                                #expect(throws: Never.self, "seed \(seed)") { try outcome.receipt }
                            }
                        } catch {
                            Issue.record("seed \(seed): \(error)")
                        }
                    }
                }
            }
            #expect(try await scene.value("select count(*) from program_application", as: Int.self) <= 10)
            try await ApplicationTests.isCounted(scene, "seed \(seed)")
        }
    }

    @Test func `two submissions at once of one person for the first time are one application`() async throws {
        try await withServers { scene, stores in
            let program = try await scene.announced(sessions: ApplicationTests.sessions)
            for _ in 0..<20 {
                let member = try await scene.members(1)[0]
                await withTaskGroup(of: String?.self) { group in
                    for (index, store) in stores.enumerated() {
                        group.addTask {
                            do {
                                return try await store.apply(
                                    ApplyRequest(
                                        memberID: member, programID: program, wishes: [Int32(index + 1)], subject: "member:\(member)")
                                ).receipt.ticket.description
                            } catch {
                                Issue.record("\(error)")
                                return nil
                            }
                        }
                    }
                    let tickets = await group.reduce(into: Set<String>()) { if let ticket = $1 { $0.insert(ticket) } }
                    #expect(tickets.count == 1, "both are told of the one application")
                }
            }
            #expect(try await scene.value("select count(*) from program_application", as: Int.self) == 20)
            try await ApplicationTests.isCounted(scene)
        }
    }

    @Test func `whoever withdraws while the program closes is too late: the hash is of what stands`() async throws {
        try await withServers { scene, stores in
            let program = try await scene.announced(sessions: ApplicationTests.sessions)
            let member = try await scene.members(1)[0]
            let request = ApplyRequest(memberID: member, programID: program, wishes: [1], subject: "member:\(member)")
            #expect(try await stores[0].apply(request).isTaken)
            let life = scene.at(hours: 2).programs.life
            let withdrawn = try await scene.database.inTransaction { transaction in
                _ = try await life.open(program, by: .init(subject: "test"), in: transaction)
                _ = try await transaction.query(
                    "update program set closes_at = clock_timestamp() + interval '2 hours' where program_id = \(program)")
                _ = try await life.close(program, by: .init(subject: "test"), in: transaction)
                let withdrawn = Task { try await stores[1].withdraw(member, from: program) }
                let waits: SQL = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
                while try await scene.database.query(waits).isEmpty { try await Task.sleep(for: .milliseconds(5)) }
                return withdrawn
            }
            #expect(try await withdrawn.value == .closed)
            #expect(try await scene.value("select inputs_hash = programs_inputs_hash(program_id) from program", as: Bool.self))
            try await ApplicationTests.isCounted(scene)
        }
    }

    @Test func `closing waits for who is in, and whoever comes later is refused: the hash is of what stands`() async throws {
        for _ in 0..<5 {
            try await withServers { scene, stores in
                let program = try await scene.announced(sessions: ApplicationTests.sessions)
                let members = try await scene.members(60)
                let open = scene.at(hours: 2).programs
                _ = try await scene.database.transaction { transaction in
                    try await open.life.open(program, by: .init(subject: "test"), in: transaction)
                }
                // Closes now, by every server's clock, while applications pour in.
                let taken = await withTaskGroup(of: Bool.self) { group in
                    for (index, member) in members.enumerated() {
                        let store = stores[index % 2]
                        group.addTask {
                            do {
                                return try await store.apply(
                                    ApplyRequest(memberID: member, programID: program, wishes: [1], subject: "member:\(member)")
                                ).isTaken
                            } catch {
                                Issue.record("\(error)")
                                return false
                            }
                        }
                        if index == 20 {
                            group.addTask {
                                do {
                                    _ = try await scene.database.query(
                                        """
                                        update program
                                        set closes_at = greatest(
                                            opens_at + interval '1 microsecond', clock_timestamp() + interval '2 hours')
                                        where program_id = \(program)
                                        """)
                                    try await scene.database.transaction { transaction in
                                        _ = try await open.life.close(program, by: .init(subject: "test"), in: transaction)
                                    }
                                } catch {
                                    Issue.record("\(error)")
                                }
                                return false
                            }
                        }
                    }
                    return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
                }
                let row = try await scene.database.query(
                    """
                    select (select count(*) from program_application), inputs_hash = programs_inputs_hash(program_id), state
                    from program
                    """)[0]
                #expect(try row.decode(0) == taken)
                #expect(try row.decode(1, as: Bool.self), "an application went in behind the hash")
                #expect(try row.decode(2) == "closed")
                try await ApplicationTests.isCounted(scene)
            }
        }
    }
}

extension ApplyOutcome {
    var isTaken: Bool {
        if case .applied = self { return true }
        return false
    }
}
