import Runtime

/// One thing `waystation` does.
struct Command: Sendable {
    /// As typed: `members import`.
    let name: String
    let operands: String
    let summary: String
    let options: [Option]
    let operandCount: ClosedRange<Int>
    let run: @Sendable (Settings) async throws -> Void

    init(
        _ name: String, operands: String = "", operandCount: ClosedRange<Int> = 0...0, summary: String, options: [Option],
        run: @escaping @Sendable (Settings) async throws -> Void
    ) {
        self.name = name
        self.operands = operands
        self.operandCount = operandCount
        self.summary = summary
        self.options = options
        self.run = run
    }

    static let all: [Command] = [
        .demo, .serve, .migrate, .createOwner, .importMembers, .door, .verifyAudit, .exportEvents, .rebuildFigures,
        .showJob, .runJob, .cancelJob, .stopJob, .startJob, .listJobs,
        .rotateKeys, .listPrograms, .showProgram, .explainAllocation, .allocate, .verifyAllocation,
    ]

    /// The command that the arguments start with, and the rest of them.
    static func find(_ arguments: [String]) -> (command: Command, rest: [String])? {
        for command in all {
            let words = command.name.split(separator: " ").map(String.init)
            if arguments.starts(with: words) { return (command, Array(arguments.dropFirst(words.count))) }
        }
        return nil
    }
}

/// Something the person at the terminal has to mend: its text is all that is shown.
struct CommandError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
