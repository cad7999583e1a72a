import Runtime

/// Programs: who may apply, applying, sharing out.
struct ProgramsWork: Work {
    static let name = "programs"
    static let summary = "a program of 1,000,000 applicants, applications over HTTP, rules counted over 5,000,000 members (some minutes)"

    let options: BenchOptions

    init(_ options: BenchOptions) {
        self.options = options
    }

    func run(_ report: Report) async throws {
        report.title("programs: applications of 200,000 to 500 sessions, five wishes each; PostgreSQL durable")
        try await BenchHouse.with { house in try await measureApplications(house, report) }
        report.title("programs: rules counted over 5,000,000 members")
        try await BenchHouse.with { house in try await measurePreview(house, report) }
        report.title("programs: 1,000,000 applicants, 500 sessions, 5 wishes, 50,000 places, four overlapping floors")
        try await BenchHouse.with { house in try await measureRun(house, report) }
    }
}
