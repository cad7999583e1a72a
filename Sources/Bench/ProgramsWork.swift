import Runtime

/// Programs: who may apply, applying, sharing out.
struct ProgramsWork: Work {
    static let name = "programs"
    static let summary = "a program of 1,000,000 applicants, applications over HTTP, rules counted over 5,000,000 members (some minutes)"

    let options: BenchOptions

    init(_ options: BenchOptions) {
        self.options = options
    }

    private enum Part: String, CaseIterable {
        case applications, preview, run
    }

    func run(_ report: Report) async throws {
        guard let name = options.part else {
            for part in Part.allCases { try await measure(part, report) }
            return
        }
        guard let part = Part(rawValue: name) else {
            throw UsageError(description: "programs has no part \(name); known: \(Part.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        try await measure(part, report)
    }

    private func measure(_ part: Part, _ report: Report) async throws {
        switch part {
        case .applications:
            report.title("programs: applications of 200,000 to 500 sessions, five wishes each; PostgreSQL durable")
            try await BenchHouse.with { house in try await measureApplications(house, report) }
        case .preview:
            report.title("programs: rules counted over 5,000,000 members")
            try await BenchHouse.with { house in try await measurePreview(house, report) }
        case .run:
            report.title("programs: 1,000,000 applicants, 500 sessions, 5 wishes, 50,000 places, four overlapping floors")
            try await BenchHouse.with { house in try await measureRun(house, report) }
        }
    }
}
