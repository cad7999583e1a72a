import Allocation
import AllocationFiles
import FoundationEssentials
import Runtime

extension Command {
    static let allocate = Command(
        "allocate", operands: "[PROGRAM]", operandCount: 0...1,
        summary: "Shares a program of the service out, or files alone: results, reasons, a file that anybody can verify",
        options: Settings.database + [
            Option("rules", .text, placeholder: "FILE", help: "the rules as JSON; without a PROGRAM needed"),
            Option("applicants", .text, placeholder: "FILE", help: "the applicants as CSV; without a PROGRAM needed"),
            Option("sessions", .text, placeholder: "FILE", help: "the sessions as CSV; without a PROGRAM needed"),
            Option(
                "out", .text, placeholder: "FOLDER",
                help: "where results.csv, explanations.csv and audit.txt are written; needed for files, but to simulate"),
            Option(
                "simulate", .flag, defaultValue: "false",
                help: "only show what would come out; with --floor for several floors side by side"),
            Option(
                "floor", .list(separator: "|"), placeholder: "GROUP=N,N,…",
                help: "simulate the group's floor at each of these sizes; may be given for several groups"),
            Option(
                "certificate", .flag, defaultValue: "false", help: "show how far the floors could be filled at all, also when none is short"
            ),
            Option("force", .flag, defaultValue: "false", help: "replace results that stand in the folder already"),
            ProgramShow.json, language,
        ]
    ) { settings in
        if !settings.configuration.operands.isEmpty { return try await ProgramAllocateWork(settings).run() }
        if settings.configuration.flag("json") { throw CommandError("--json is for a program of the service: waystation allocate PROGRAM") }
        let work = AllocateWork(settings.configuration)
        try await onThread(name: "allocate") { () -> Swift.Result<Void, CommandError> in
            do throws(CommandError) { return .success(try work.run()) } catch { return .failure(error) }
        }.get().get()
    }

    static let language = Option(
        "language", .choice(["zh", "en"]), placeholder: "zh|en", help: "of what is said (default: by LC_ALL, LANG)")
}

extension SpokenLanguage {
    /// What `--language` says, else the environment.
    init(_ configuration: Configuration) {
        self =
            configuration.text("language").flatMap { SpokenLanguage(rawValue: $0) }
            ?? SpokenLanguage(environment: ProcessInfo.processInfo.environment)
    }
}

/// Reads, shares out, writes and shows.
struct AllocateWork: Sendable {
    private let configuration: Configuration
    private let language: SpokenLanguage
    private let screen: AllocateScreen

    init(_ configuration: Configuration) {
        self.configuration = configuration
        language = SpokenLanguage(configuration)
        screen = AllocateScreen(language: language, width: terminalWidth(environment: ProcessInfo.processInfo.environment))
    }

    func run() throws(CommandError) {
        let isSimulation = configuration.flag("simulate")
        if configuration.text("floor") != nil, !isSimulation {
            throw CommandError("--floor is for --simulate; the rules hold the floors that count")
        }
        let (rules, sessions, applicants) = (try path("rules"), try path("sessions"), try path("applicants"))
        let folder = isSimulation ? nil : OutputFolder(try path("out"))
        if let standing = folder?.existing, !configuration.flag("force") {
            throw CommandError("\(standing) stands there already; --force replaces it")
        }
        var progress = AllocateProgress(language)
        do {
            let input = try FrozenInput(
                rules: SourceFile(path: rules), sessions: SourceFile(path: sessions), applicants: SourceFile(path: applicants)
            ) { progress.update(.read, $0, $1) }
            progress.update(.draw, 0, input.applicants.count)
            let order = CommonOrder(input.applicants, lottery: input.draw.lottery, program: input.program.name)
            progress.update(.share, 0, input.applicants.count)
            if isSimulation { return try simulate(input, order, &progress) }
            let allocation = Allocation(input.program, input.sessions, input.applicants, order: order)
            let written = try folder?.write(input, allocation) {
                progress.update(.explain, $0, input.applicants.count)
            } written: {
                progress.update(.write, $0, input.applicants.count)
            }
            progress.finish()
            show(input, allocation, written, folder)
        } catch let error as FileFaults {
            progress.finish()
            throw CommandError(language("文件有误，未写入任何结果：\n", "the files hold mistakes, nothing was written:\n") + error.text(language))
        } catch let error as CommandError {
            progress.finish()
            throw error
        } catch {
            progress.finish()
            throw CommandError("\(error)")
        }
    }

    private func path(_ name: String) throws(CommandError) -> String {
        guard let path = configuration.text(name) else { throw CommandError("--\(name) is needed: --\(name) FILE") }
        return path
    }

    private func show(_ input: FrozenInput, _ allocation: Allocation, _ written: OutputFolder.Written?, _ folder: OutputFolder?) {
        let summary = Summary(allocation, classes: input.classes)
        var text = screen.summary(summary, input.program)
        if configuration.flag("certificate") || summary.floors.contains(where: \.isShort) {
            text += "\n" + screen.certificate(ShortfallCertificate(allocation), input)
        }
        let audit = folder.flatMap { folder in written.map { (folder.path(of: OutputFolder.audit), $0.auditDigest) } }
        text += "\n" + screen.record(input.draw, audit: audit)
        Terminal.output(text)
    }

    // MARK: Simulation

    private func simulate(_ input: FrozenInput, _ order: CommonOrder, _ progress: inout AllocateProgress) throws(CommandError) {
        let programs = try Self.variants(of: input.program, configuration.text("floor") ?? "")
        if configuration.text("floor") == nil {
            let allocation = Allocation(input.program, input.sessions, input.applicants, order: order)
            progress.finish()
            return show(input, allocation, nil, nil)
        }
        var columns: [Simulation] = []
        for program in programs {
            if let fault = AllocationFault.all(program, input.sessions, input.applicants).first {
                throw CommandError(
                    "--floor: \(FileFault.Code.rule(fault.reason).sentence(language)): \(fault.detail) [\(fault.reason.rawValue)]")
            }
            columns.append(Simulation(program, input, order))
            progress.update(.share, Double(columns.count) / Double(programs.count), input.applicants.count)
        }
        progress.finish()
        Terminal.output(screen.simulations(columns) + "\n" + screen.record(input.draw))
    }

    private static let columnCountMax = 8

    /// The program with each combination of the sizes given.
    static func variants(of program: Program, _ floors: String) throws(CommandError) -> [Program] {
        var programs = [program]
        for given in floors.split(separator: "|") {
            let parts = given.split(separator: "=", omittingEmptySubsequences: false)
            let sizes = parts.count == 2 ? parts[1].split(separator: ",", omittingEmptySubsequences: false).map { Int($0) } : []
            guard parts.count == 2, !sizes.contains(nil), !sizes.isEmpty else {
                throw CommandError("--floor \(given): GROUP=N,N,… is needed")
            }
            guard let group = program.groups.firstIndex(of: String(parts[0])) else {
                throw CommandError("--floor \(given): there is no group \(parts[0]); there are \(program.groups.joined(separator: ", "))")
            }
            programs = programs.flatMap { program in
                sizes.compactMap { $0 }.map { size in
                    var changed = program
                    if let index = changed.floors.firstIndex(where: { $0.group == group }) {
                        changed.floors[index].size = size
                    } else {
                        changed.floors.append(Floor(group: group, size: size))
                    }
                    return changed
                }
            }
        }
        guard programs.count <= columnCountMax else {
            throw CommandError("--floor asks for \(programs.count) columns; \(columnCountMax) fit side by side")
        }
        return programs
    }
}

/// One bar over all steps of a sharing out.
struct AllocateProgress {
    enum Step: Int, CaseIterable {
        case read, draw, share, explain, write

        /// How much of the whole is done when the step begins, measured on a million applicants.
        var start: Double { [0, 0.25, 0.38, 0.45, 0.75][rawValue] }
        var end: Double { Step(rawValue: rawValue + 1)?.start ?? 1 }
    }

    private var bar: ProgressBar
    private let language: SpokenLanguage
    private var isShown = false

    init(_ language: SpokenLanguage) {
        self.language = language
        bar = ProgressBar("", unit: language("人", "applicants"))
    }

    mutating func update(_ step: Step, _ part: Double, _ count: Int) {
        let names =
            language == .zh ? ["读取", "抽签", "分配", "说明", "写入"] : ["Reading   ", "Drawing   ", "Sharing   ", "Explaining", "Writing   "]
        bar.title = names[step.rawValue]
        bar.update(fraction: step.start + (step.end - step.start) * part, count: count)
        isShown = true
    }

    mutating func finish() {
        if isShown { bar.finish() }
        isShown = false
    }
}
