import Allocation
import AllocationFiles
import FoundationEssentials
import HTTP
import Programs
import Runtime
import Synchronization

/// `waystation allocate PROGRAM`: shares a program of the service out, or shows what would come out.
struct ProgramAllocateWork: Sendable {
    private let settings: Settings
    private let language: SpokenLanguage
    private let screen: AllocateScreen
    private var configuration: Configuration { settings.configuration }

    init(_ settings: Settings) {
        self.settings = settings
        language = SpokenLanguage(settings.configuration)
        screen = AllocateScreen(language: language, width: terminalWidth(environment: ProcessInfo.processInfo.environment))
    }

    func run() async throws {
        let isSimulation = configuration.flag("simulate")
        if configuration.text("floor") != nil, !isSimulation {
            throw CommandError("--floor is for --simulate; the program's rules hold the floors that count")
        }
        for name in ["rules", "applicants", "sessions", "out"] where configuration.text(name) != nil {
            throw CommandError("--\(name) is for files; a program of the service has its own")
        }
        let id = try ProgramShow.id(configuration.operands[0])
        try await ProgramShow.withHouse(settings) { house in
            do {
                if isSimulation { try await simulate(id, house) } else { try await share(id, house) }
            } catch let problem as Problem {
                throw CommandError(ProgramShow.text(problem, language))
            }
        }
    }

    private func share(_ id: ID<UnionProgram>, _ house: House) async throws {
        let bar = ProgramProgress(language)
        let (number, computed) = try await house.programs.sharing.make(id, by: ProgramLife.Actor(subject: "command:allocate")) {
            bar.update($0)
        }
        bar.finish()
        if configuration.flag("json") {
            return try ProgramShow.print(AllocatedOutput(program: id.rawValue, run: number, figures: computed.figures))
        }
        show(computed.allocation, computed.input, computed.program)
        Terminal.output(
            language(
                "\n第 \(number) 次分配已保存；由另一名工作人员复核后可以公布。\n",
                "\nKept as run \(number): once another organizer has reviewed it, it may be published.\n"))
    }

    private func simulate(_ id: ID<UnionProgram>, _ house: House) async throws {
        guard let program = try await house.programs.programs.find(id) else { throw Problem(ProgramProblem.notFound) }
        let trial = try await house.programs.sharing.simulation.trial(program)
        guard configuration.text("floor") != nil else {
            let allocation = try RunSimulation.allocation(trial, trial.frozen.program, nil)
            if configuration.flag("json") {
                return try ProgramShow.print(AllocatedOutput(program: id.rawValue, run: nil, figures: trial.figures(allocation)))
            }
            return show(allocation, trial.frozen, program)
        }
        let programs = try AllocateWork.variants(of: trial.frozen.program, configuration.text("floor") ?? "")
        for program in programs {
            if let fault = AllocationFault.all(program, trial.frozen.sessions, trial.frozen.applicants).first {
                throw CommandError(
                    "--floor: \(FileFault.Code.rule(fault.reason).sentence(language)): \(fault.detail) [\(fault.reason.rawValue)]")
            }
        }
        if configuration.flag("json") {
            let columns = try programs.map { program in
                SimulatedOutput.Column(
                    strict: trial.figures(try RunSimulation.allocation(trial, program, .strict)),
                    fair: program.mode == .local ? nil : trial.figures(try RunSimulation.allocation(trial, program, .fair)))
            }
            return try ProgramShow.print(SimulatedOutput(program: id.rawValue, columns: columns))
        }
        Terminal.output(
            screen.simulations(programs.map { Simulation($0, trial.frozen, trial.order) }) + "\n" + screen.record(trial.frozen.draw))
    }

    private func show(_ allocation: Allocation, _ input: FrozenInput, _ program: UnionProgram) {
        let summary = Summary(allocation, classes: input.classes)
        var titled = allocation.program
        titled.name = program.facts.title
        var text = screen.summary(summary, titled)
        if configuration.flag("certificate") || summary.floors.contains(where: \.isShort) {
            text += "\n" + screen.certificate(ShortfallCertificate(allocation), input)
        }
        Terminal.output(text + "\n" + screen.record(input.draw))
    }
}

/// What `--json` prints of a sharing out.
private struct AllocatedOutput: Encodable, Sendable {
    let program: Int64
    /// Nil: simulated.
    let run: Int32?
    let figures: RunFigures
}

private struct SimulatedOutput: Encodable, Sendable {
    struct Column: Encodable, Sendable {
        let strict: RunFigures
        let fair: RunFigures?
    }

    let program: Int64
    let columns: [Column]
}

/// A run's progress as a bar; told from whatever thread the work is on.
private final class ProgramProgress: Sendable {
    private let bar: Mutex<AllocateProgress>

    init(_ language: SpokenLanguage) { bar = Mutex(AllocateProgress(language)) }

    func update(_ progress: RunMaker.Progress) {
        let step: AllocateProgress.Step =
            switch progress.phase {
            case .reading: .read
            case .sharing: .share
            case .writing: .write
            }
        bar.withLock { $0.update(step, progress.total > 0 ? Double(progress.done) / Double(progress.total) : 0, progress.total) }
    }

    func finish() { bar.withLock { $0.finish() } }
}
