import Allocation
import AllocationFiles
import HTTP
import Postgres
import Runtime
import Synchronization

/// The audit file of a published run, made of the rows as they stand: whoever changes one changes the file, and it no longer verifies.
package struct AuditFileMaker: Sendable {
    let maker: RunMaker
    private let running = RunningCount()

    /// Files that are made at once: each takes the memory of a run.
    private static let runningMax = 2

    package init(_ maker: RunMaker) { self.maker = maker }

    /// How many files are being made.
    private final class RunningCount: Sendable {
        let count = Mutex(0)
    }

    /// The file's bytes.
    package func bytes(of run: ProgramRun, _ program: UnionProgram) async throws -> [UInt8] {
        let mayRun = running.count.withLock { count in
            guard count < Self.runningMax else { return false }
            count += 1
            return true
        }
        guard mayRun else { throw Problem(RunProblem.fileBusy, retryAfterSeconds: 2) }
        defer { running.count.withLock { $0 -= 1 } }
        guard let draw = try await maker.draw(of: program) else { throw Problem(RunProblem.beaconAwaited) }
        let (table, sessions) = try await maker.runs.database.inTransaction { transaction in
            (try await maker.runs.results(of: run, in: transaction), try await maker.runs.sessions(of: run, in: transaction))
        }
        return try await onThread(name: "programs.audit") { () -> Result<[UInt8], any Error> in
            Result {
                let input = RunInput(
                    table, table.byTicket(), name: RunInput.name(program.id.rawValue), rules: program.facts.rules, quota: run.figures.quota,
                    seats: sessions.map { session in
                        (
                            ProgramSession(
                                number: session.number, title: session.title, capacity: Int32(session.capacity),
                                areaID: session.areaID.map { ID($0) }), session.capacity
                        )
                    }, draw: draw)
                let file = Mutex<[UInt8]>([])
                try AuditFile.write(input.input, Self.allocation(input, table)) { (bytes, count) in
                    file.withLock { $0 += bytes.prefix(count) }
                }
                return file.withLock { $0 }
            }
        }.get().get()
    }

    /// What the rows say came out, in the order that follows from the inputs.
    private static func allocation(_ input: RunInput, _ table: ApplicationTable) -> Allocation {
        let frozen = input.input
        let order = CommonOrder(frozen.applicants, lottery: frozen.draw.lottery, program: frozen.program.name)
        var outcome = Outcome(count: order.rows.count, sessionCount: frozen.sessions.count, quota: frozen.program.quota)
        var indexes = [UInt16](repeating: Applicants.noSession, count: 65_536)
        for (index, number) in input.numbers.enumerated() { indexes[Int(number)] = UInt16(truncatingIfNeeded: index) }
        for (place, row) in order.rows.enumerated() {
            let stored = input.rows[Int(row)]
            // A session that is none of the wishes cannot be written as one: such a row is told as no place at all.
            let session = indexes[Int(table.numbers[stored])]
            let isWished = frozen.applicants.wishes(of: Int(row)).contains(session)
            outcome.sessions[place] = isWished ? session : Applicants.noSession
            outcome.positions[place] = table.positions[stored]
            outcome.phases[place] = min(table.phases[stored], 12)
        }
        return Allocation(frozen.program, frozen.sessions, frozen.applicants, order: order, outcome: outcome)
    }
}
