import Runtime

/// Coupons: a crowd on one round, what late ones are told, and what venues redeem.
struct CouponsWork: Work {
    static let name = "coupons"
    static let summary = "100,000 claims on one round of 10,000 coupons over HTTP, redemptions, each beside pgbench (only when named)"

    let options: BenchOptions

    init(_ options: BenchOptions) {
        self.options = options
    }

    private enum Part: String, CaseIterable {
        case claims, refusals, redemptions
    }

    func run(_ report: Report) async throws {
        try raiseDescriptorLimit()
        guard let name = options.part else {
            for part in Part.allCases { try await measure(part, report) }
            return
        }
        guard let part = Part(rawValue: name) else {
            throw UsageError(description: "coupons has no part \(name); known: \(Part.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        try await measure(part, report)
    }

    private func measure(_ part: Part, _ report: Report) async throws {
        switch part {
        case .claims:
            report.title("coupons: 10,000 in one round, 100,000 claims by as many members, 256 connections; PostgreSQL durable")
            try await CouponHouse.with(members: 100_000) { house in try await measureClaims(house, report) }
        case .refusals:
            report.title("coupons: a round of which nothing is left, 256 connections; PostgreSQL durable")
            try await CouponHouse.with(members: 100_000) { house in try await measureRefusals(house, report) }
        case .redemptions:
            report.title("coupons: redeemed at 20 venues by one-time codes, 256 connections, one round; PostgreSQL durable")
            try await measureRedemptions(report)
        }
    }
}
