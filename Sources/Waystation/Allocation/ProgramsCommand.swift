import AllocationFiles
import Crypto
import HTTP
import Postgres
import Programs
import Runtime

extension Command {
    static let listPrograms = Command(
        "programs list", summary: "Lists the programs: number, state, places, title",
        options: Settings.database + [ProgramShow.json, language]
    ) { settings in
        try await ProgramShow.withHouse(settings) { try await ProgramShow(settings).list($0) }
    }

    static let showProgram = Command(
        "programs show", operands: "PROGRAM", operandCount: 1...1, summary: "Shows one program: times, hashes, sessions, runs",
        options: Settings.database + [ProgramShow.json, language]
    ) { settings in
        let id = try ProgramShow.id(settings.configuration.operands[0])
        try await ProgramShow.withHouse(settings) { try await ProgramShow(settings).show(id, $0) }
    }
}

/// What `waystation programs` shows.
struct ProgramShow: Sendable {
    static let json = Option("json", .flag, defaultValue: "false", help: "print JSON, for machines")

    private let isJSON: Bool
    private let language: SpokenLanguage

    init(_ settings: Settings) {
        isJSON = settings.configuration.flag("json")
        language = SpokenLanguage(settings.configuration)
    }

    private struct Line: Encodable, Sendable {
        let id: Int64
        let state: String
        let title: String
        let quota: Int32
        let taken: Int32
    }

    private struct Whole: Encodable, Sendable {
        struct Session: Encodable, Sendable {
            let number: Int32
            let title: String
            let capacity: Int32
            let walkIn: Int32
            let taken: Int32
        }

        struct Run: Encodable, Sendable {
            let number: Int32
            let state: String
            let madeBy: String
            let applicants: Int
            let placed: Int
            let waiting: Int
        }

        let id: Int64
        let state: String
        let title: String
        let quota: Int32
        let taken: Int32
        let opensAt: String?
        let closesAt: String?
        let rulesHash: String?
        let inputsHash: String?
        let commitment: String?
        let sessions: [Session]
        let runs: [Run]
    }

    func list(_ house: House) async throws {
        var lines: [Line] = []
        var after: ID<UnionProgram>?
        repeat {
            let page = try await house.programs.programs.list(ProgramStore.Filter(), after: after, limit: 200)
            lines += page.map {
                Line(id: $0.id.rawValue, state: $0.state.rawValue, title: $0.facts.title, quota: $0.quota, taken: $0.taken)
            }
            after = page.count == 200 ? page.last?.id : nil
        } while after != nil
        if isJSON { return try Self.print(lines) }
        guard !lines.isEmpty else { return Terminal.output(language("没有项目。\n", "There are no programs.\n")) }
        var grid = Grid([.right, .left, .right, .right, .left])
        grid.add([
            language("编号", "number"), language("状态", "state"), language("名额", "places"), language("已持有", "held"), language("名称", "title"),
        ])
        for line in lines { grid.add(["\(line.id)", line.state, grouped(Int(line.quota)), grouped(Int(line.taken)), line.title]) }
        Terminal.output(grid.lines().map { $0 + "\n" }.joined())
    }

    func show(_ id: ID<UnionProgram>, _ house: House) async throws {
        guard let program = try await house.programs.programs.find(id) else {
            throw CommandError(Self.text(Problem(ProgramProblem.notFound), language))
        }
        let sessions = try await house.programs.programs.sessions(of: id)
        let runs = try await house.programs.sharing.runs.runs(of: id, before: nil, limit: 100)
        let whole = Whole(
            id: id.rawValue, state: program.state.rawValue, title: program.facts.title, quota: program.quota, taken: program.taken,
            opensAt: program.facts.opensAt?.description, closesAt: program.facts.closesAt?.description,
            rulesHash: program.rulesHash.map { Hex.encode($0) }, inputsHash: program.inputsHash.map { Hex.encode($0) },
            commitment: program.commitment.map { Hex.encode($0) },
            sessions: sessions.map {
                Whole.Session(number: $0.number, title: $0.title, capacity: $0.capacity, walkIn: $0.walkIn, taken: $0.taken)
            },
            runs: runs.map {
                Whole.Run(
                    number: $0.number, state: $0.state.rawValue, madeBy: $0.madeBy, applicants: $0.applicants, placed: $0.placed,
                    waiting: $0.waiting)
            })
        if isJSON { return try Self.print(whole) }
        Terminal.output(text(whole))
    }

    private func text(_ program: Whole) -> String {
        var facts = Grid([.left, .left])
        facts.add([language("状态", "State"), program.state])
        facts.add([
            language("名额", "Places"),
            language(
                "\(grouped(Int(program.quota)))，已持有 \(grouped(Int(program.taken)))",
                "\(grouped(Int(program.quota))), \(grouped(Int(program.taken))) held"),
        ])
        for (name, value) in [
            (language("开始", "Opens"), program.opensAt), (language("截止", "Closes"), program.closesAt),
            (language("规则摘要", "Rules"), program.rulesHash), (language("报名摘要", "Inputs"), program.inputsHash),
            (language("抽签承诺", "Commitment"), program.commitment),
        ] {
            if let value { facts.add([name, value]) }
        }
        var lines = ["\(program.title)  (\(program.id))"] + facts.lines()
        if !program.sessions.isEmpty {
            var grid = Grid([.right, .left, .right, .right, .right])
            grid.add([
                language("场次", "session"), language("名称", "title"), language("座位", "seats"), language("现场", "walk-ins"),
                language("已持有", "held"),
            ])
            for session in program.sessions.prefix(50) {
                grid.add([
                    "\(session.number)", session.title, grouped(Int(session.capacity)), grouped(Int(session.walkIn)),
                    grouped(Int(session.taken)),
                ])
            }
            lines += [""] + grid.lines()
            let more = program.sessions.count - 50
            if more > 0 { lines.append(language("  …… 另有 \(more) 个场次（--json 全部列出）", "  … and \(more) more sessions (--json lists all)")) }
        }
        if !program.runs.isEmpty {
            var grid = Grid([.right, .left, .right, .right, .right, .left])
            grid.add([
                language("分配", "run"), language("状态", "state"), language("申请", "applicants"), language("分到", "placed"),
                language("候补", "waiting"), language("由", "by"),
            ])
            for run in program.runs {
                grid.add(["\(run.number)", run.state, grouped(run.applicants), grouped(run.placed), grouped(run.waiting), run.madeBy])
            }
            lines += [""] + grid.lines()
        }
        return lines.map { $0 + "\n" }.joined()
    }

    // MARK: Common

    static func id(_ text: String) throws(CommandError) -> ID<UnionProgram> {
        guard let number = Int64(text), number > 0 else {
            throw CommandError("\(text) is no program's number: see waystation programs list")
        }
        return ID(number)
    }

    static func print(_ value: some Encodable) throws {
        Terminal.output(String(decoding: try JSON.encode(value), as: UTF8.self) + "\n")
    }

    /// A refusal as the API would tell it, with its code.
    static func text(_ problem: Problem, _ language: SpokenLanguage) -> String {
        let own: Language = language == .zh ? .zh : .en
        var text = problem.type.title[own]
        if let detail = problem.detail { text += language("：", ": ") + detail[own] }
        for violation in problem.violations { text += "\n  " + violation.detail[own] }
        return text + " [\(problem.type.code)]"
    }

    static func withHouse(_ settings: Settings, _ body: @Sendable (House) async throws -> Void) async throws {
        let house = try await House.open(settings, log: try settings.makeLog(level: .warning), loopCount: 1)
        let outcome: Swift.Result<Void, any Error>
        do { outcome = .success(try await body(house)) } catch { outcome = .failure(error) }
        await house.close()
        try outcome.get()
    }
}
