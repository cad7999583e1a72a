import Runtime

/// Programs: who may apply, applying, sharing out.
struct ProgramsWork: Work {
    static let name = "programs"
    static let summary = "a program of 1,000,000 applicants, from the rows to the published result"

    let options: BenchOptions

    init(_ options: BenchOptions) {
        self.options = options
    }

    func run(_ report: Report) async throws {
        report.title("programs: 1,000,000 applicants, 500 sessions, 5 wishes, 50,000 places, four overlapping floors")
        try await BenchHouse.with { house in try await measureRun(house, report) }
    }
}
