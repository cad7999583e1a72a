package import Allocation

/// Rules, sessions, applicants and draw as they were read: everything a sharing out is made of, in an order that the
/// files' rows have no part in.
package struct FrozenInput: Sendable {
    package var program: Program
    /// Names of the classes, the first of class 1; may be fewer than there are classes.
    package let classes: [String]
    package let draw: Draw
    /// By rising name.
    package let sessions: [Session]
    /// By rising ticket.
    package let applicants: Applicants
    /// What the applicants' exclusions mean: number 1 is the first.
    package let exclusions: [String]

    package init(
        program: Program, classes: [String], draw: Draw, sessions: [Session], applicants: Applicants, exclusions: [String]
    ) {
        self.program = program
        self.classes = classes
        self.draw = draw
        self.sessions = sessions
        self.applicants = applicants
        self.exclusions = exclusions
    }

    /// Reads the three files.
    /// - Parameter progress: is told the part of the applicants read, 0 to 1, and how many.
    package init(
        rules: SourceFile, sessions: SourceFile, applicants: SourceFile, progress: (Double, Int) -> Void = { _, _ in }
    ) throws(FileFaults) {
        let file = try RulesFile(rules)
        let table = try SessionsTable(sessions.name, Rows(file: sessions.bytes), file.program)
        var places = FaultPlaces(
            rules: rules.name, ruleLines: file.lines, sessions: sessions.name, sessionLines: table.lines, applicants: applicants.name)
        try places.check(file.program, table.sessions)
        let people = try ApplicantsTable(applicants.name, Rows(file: applicants.bytes), file.program, table.names, progress: progress)
        places.applicantLines = people.lines
        try places.check(file.program, table.sessions, people.applicants)
        self.init(
            program: file.program, classes: file.classes, draw: file.draw, sessions: table.sessions, applicants: people.applicants,
            exclusions: people.exclusions)
    }

    /// The sharing out.
    package func allocation() -> Allocation { Allocation(program, sessions, applicants, lottery: draw.lottery) }
}

/// Where the parts of a sharing out stand in files, to say so of the engine's faults.
struct FaultPlaces {
    let rules: String
    /// By the key's path; other keys: the first line.
    let ruleLines: [String: Int]
    let sessions: String
    let sessionLines: [Int]
    /// The line of the header.
    var sessionHeader = 1
    let applicants: String
    var applicantHeader = 1
    var applicantLines: [UInt32] = []

    init(rules: String, ruleLines: [String: Int], sessions: String, sessionLines: [Int], applicants: String) {
        self.rules = rules
        self.ruleLines = ruleLines
        self.sessions = sessions
        self.sessionLines = sessionLines
        self.applicants = applicants
    }

    /// Throws the faults of rules and sessions alone: applicants can be read against them only when there are none.
    func check(_ program: Program, _ sessions: [Session]) throws(FileFaults) {
        var faults = FileFaults()
        for fault in AllocationFault.all(program, sessions, Applicants(), limit: .max)
        where ![.noApplicants, .floorWithoutMembers].contains(fault.reason) {
            faults.add(located(fault))
        }
        try faults.check()
    }

    func check(_ program: Program, _ sessions: [Session], _ applicants: Applicants) throws(FileFaults) {
        var faults = FileFaults()
        for fault in AllocationFault.all(program, sessions, applicants, limit: .max) { faults.add(located(fault)) }
        try faults.check()
    }

    private func located(_ fault: AllocationFault) -> FileFault {
        let (file, line, field): (String, Int, String) =
            switch fault.location {
            case .program("sessions"): (sessions, sessionHeader, "session")
            case .program("applicants"): (applicants, applicantHeader, "ticket")
            case .program(let field): (rules, ruleLines[field] ?? ruleLines[""] ?? 1, field)
            case .session(let index, let field): (sessions, sessionLines[index], field)
            case .applicant(let row, let field): (applicants, Int(applicantLines[row]), field)
            }
        return FileFault(.rule(fault.reason), file: file, line: line, field: field, detail: fault.detail)
    }
}
