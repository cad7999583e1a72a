package import Allocation
package import AllocationFiles
import Crypto
import HTTP
package import Postgres
import Registry
package import Runtime

/// Shares a program out: reads the applications, runs the rule, writes who got what. Reading and computing leave nothing behind, but that
/// applications of who was merged into another member stand under that one's number.
package struct RunMaker: Sendable {
    let life: ProgramLife
    package let runs: RunStore
    private var programs: ProgramStore { life.programs }

    package init(_ life: ProgramLife, runs: RunStore) {
        self.life = life
        self.runs = runs
    }

    /// How far a run is.
    package struct Progress: Sendable {
        package enum Phase: String, Sendable { case reading, sharing, writing }

        package let phase: Phase
        package let done: Int
        package let total: Int
    }

    /// A sharing out that is computed and not written.
    package struct Computed: Sendable {
        package let program: UnionProgram
        let result: RunResult
        let started: MonotonicTime

        package var applicants: Int { result.applicants }
        package var allocation: Allocation { result.allocation }
        package var input: FrozenInput { result.input.input }
        package var figures: RunFigures { result.figures }
    }

    /// - Parameter progress: may throw to end the work.
    package func compute(
        _ id: ID<UnionProgram>, progress: @escaping @Sendable (Progress) throws -> Void = { _ in }
    ) async throws -> Computed {
        let started = MonotonicTime.current
        guard let program = try await programs.find(id) else { throw Problem(ProgramProblem.notFound) }
        try check(program)
        guard let draw = try await draw(of: program) else { throw Problem(RunProblem.beaconAwaited) }
        try await runs.joinApplications(of: id)
        let read = try await read(program, progress)
        try progress(Progress(phase: .sharing, done: 0, total: read.table.count))
        let (name, rules) = (RunInput.name(id.rawValue), program.facts.rules)
        let order = try await onThread(name: "programs.run") { read.table.byTicket() }.get()
        async let inputs = onThread(name: "programs.inputs") { read.table.inputsHash(order) }
        let quota = Int(program.quota - program.taken)
        let shared = try await onThread(name: "programs.run") { () -> Result<RunResult, any Error> in
            Result {
                let input = RunInput(read.table, order, name: name, rules: rules, quota: quota, seats: read.seats, draw: draw)
                try input.check()
                return RunResult(input)
            }
        }.get()
        guard try await inputs.get() == program.inputsHash else { throw Problem(RunProblem.inputsChanged) }
        let result = try shared.get()
        try progress(Progress(phase: .writing, done: 0, total: read.table.count))
        return Computed(program: program, result: result, started: started)
    }

    /// Whether the program can be shared out now.
    func check(_ program: UnionProgram) throws {
        guard program.state.after(.run) != nil else { throw ProgramLife.wrongState(program.state, .run) }
        if program.facts.lotteryKind != .secret, program.beacon == nil { throw Problem(RunProblem.beaconAwaited) }
    }

    /// Writes it, if the program is what it was when it was read.
    /// - Returns: the run's number.
    package func write(_ computed: Computed, by actor: ProgramLife.Actor, in transaction: Transaction) async throws -> Int32 {
        let program = try await life.hold(computed.program.id, for: .run, in: transaction)
        guard program.inputsHash == computed.program.inputsHash, program.beacon == computed.program.beacon,
            program.version == computed.program.version
        else { throw Problem(RunProblem.inputsChanged) }
        let started = computed.started
        let number = try await runs.write(
            computed.result, of: program, by: actor.subject,
            microseconds: { (MonotonicTime.current - started).nanoseconds / 1_000 }, in: transaction)
        _ = try await life.told(program, .run, details: ["run": String(number)], by: actor, in: transaction)
        return number
    }

    /// Computes and writes, for the command line.
    package func make(
        _ id: ID<UnionProgram>, by actor: ProgramLife.Actor, progress: @escaping @Sendable (Progress) throws -> Void = { _ in }
    ) async throws -> (number: Int32, computed: Computed) {
        let computed = try await compute(id, progress: progress)
        let number = try await runs.database.inTransaction { try await write(computed, by: actor, in: $0) }
        return (number, computed)
    }

    // MARK: Reading

    struct Read: Sendable {
        let table: ApplicationTable
        let seats: [(session: ProgramSession, count: Int)]
    }

    func read(_ program: UnionProgram, _ progress: @escaping @Sendable (Progress) throws -> Void = { _ in }) async throws -> Read {
        try await runs.database.inTransaction { transaction in
            let sessions = try await programs.sessions(of: program.id, in: transaction)
            let total = try await runs.applicantCount(of: program.id, in: transaction)
            let table = try await runs.applications(of: program, in: transaction) {
                try progress(Progress(phase: .reading, done: $0, total: total))
            }
            return Read(table: table, seats: sessions.map { ($0, Int($0.capacity - $0.walkIn - $0.taken)) })
        }
    }

    /// The secret that was committed to and the public number; nil while that is awaited.
    func draw(of program: UnionProgram, in querying: (any Querying)? = nil) async throws -> Draw? {
        guard let sealed = try await programs.sealedSecret(of: program.id, in: querying ?? runs.database) else { return nil }
        let secret = try life.sealer.open(sealed, in: ProgramLife.secretColumn, row: program.id.rawValue)
        if program.facts.lotteryKind == .secret { return Draw(secret: secret, origin: .committed) }
        guard let beacon = program.beacon else { return nil }
        return Draw(secret: secret, beacon: beacon, beaconSource: program.facts.beaconSource ?? "", origin: .committed)
    }
}

extension RunInput {
    /// - Throws: what makes the sharing out impossible.
    func check() throws {
        let faults = AllocationFault.all(input.program, input.sessions, input.applicants, limit: 20)
        guard faults.isEmpty else { throw RunProblem.of(faults) }
    }
}
