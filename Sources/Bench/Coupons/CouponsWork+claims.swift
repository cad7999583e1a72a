import Coupons
import HTTP
import Postgres
import Runtime
import Synchronization

/// A crowd on one round, beside pgbench on one hot row.
extension CouponsWork {
    private static let stock = 10_000
    private static let crowd = 100_000
    private static let connections = 256

    func measureClaims(_ house: CouponHouse, _ report: Report) async throws {
        let pgbench = try house.bench.pgbench()
        try await ClaimPeer.prepare(house.bench.database)
        report.note("claims: warming up")
        _ = try await race(house, stock: 500, crowd: 5_000, first: 0)
        var all: [Double] = []
        var given: [Double] = []
        var p50: [Double] = []
        var p99: [Double] = []
        var hotRow: [Double] = []
        var sameCrowd: [Double] = []
        for run in 1...options.runs {
            report.note("claims \(run)/\(options.runs)")
            // Nobody who comes first was seen in the run before, so that sessions are looked up as for strangers.
            let (load, seconds) = try await race(house, stock: Self.stock, crowd: Self.crowd, first: run * 20_000)
            all.append(load.perSecond)
            given.append(Double(Self.stock) / seconds)
            p50.append(load.percentileMilliseconds(0.5))
            p99.append(load.percentileMilliseconds(0.99))
            try await ClaimPeer.fill(house.bench.database, stock: .max)
            hotRow.append(try await pgbench.run(ClaimPeer.script, seconds: options.seconds ?? 3, folder: house.bench.folder))
            // A fifth of the crowd for a fifth of the stock: it takes that much longer.
            try await ClaimPeer.fill(house.bench.database, stock: Int32(Self.stock / 5))
            sameCrowd.append(try await pgbench.run(ClaimPeer.script, transactions: Self.crowd / 5, folder: house.bench.folder))
        }
        try report.figure(
            Self.name, "claims, all 100,000", ours: median(all), peer: median(hotRow), peerName: "pgbench, one hot row", unit: "claims/s",
            runs: options.runs, promise: "15 x")
        try report.figure(
            Self.name, "coupons while there are any", ours: median(given), peer: median(hotRow), peerName: "pgbench, one hot row",
            unit: "coupons/s", runs: options.runs)
        try report.figure(
            Self.name, "claims, all 100,000, again", ours: median(all), peer: median(sameCrowd), peerName: "pgbench, row that sells out",
            unit: "claims/s", runs: options.runs)
        try report.figure(Self.name, "p50 of all 100,000", ours: median(p50), unit: "ms", runs: options.runs)
        try report.figure(Self.name, "p99 of all 100,000", ours: median(p99), unit: "ms", runs: options.runs, promise: "250 ms")
    }

    /// A crowd on a fresh round, counted afterwards.
    /// - Returns: what was measured of all, and in how many seconds everything was given out.
    private func race(
        _ house: CouponHouse, stock: Int, crowd: Int, first: Int
    ) async throws -> (load: LoadGenerator.Outcome, seconds: Double) {
        let round = try await house.openRound(stock: Int32(stock))
        let requests = try ClaimRequests(round: round, tokens: house.tokens, first: first, count: crowd)
        let load = try await LoadGenerator(house.loop, port: house.server.port) { _, _ in
            requests.next()
        } onAnswer: { _, _, status, body in
            requests.hear(status, body)
        }.run(connections: Self.connections, duration: .seconds(120))
        guard load.failures == 0, load.answers == crowd, load.byStatus[200] == crowd else {
            throw BenchError(description: "not every claim was answered: \(load.byStatus), \(load.failures) connections broken")
        }
        let account = try await house.account(of: round)
        let won = requests.won.load(ordering: .relaxed)
        guard account.coupons == stock, account.persons == stock, account.claims == stock, won == stock, account.isBalanced else {
            throw BenchError(description: "\(won) were told that they won, of \(stock): \(account)")
        }
        return (load, account.seconds)
    }

    // MARK: Refusals

    /// Late claims on a round of which nothing is left, by members who have none.
    func measureRefusals(_ house: CouponHouse, _ report: Report) async throws {
        let stock = 1_000
        let round = try await house.openRound(stock: Int32(stock))
        let winners = try ClaimRequests(round: round, tokens: house.tokens, first: 0, count: stock)
        _ = try await LoadGenerator(house.loop, port: house.server.port) { _, _ in
            winners.next()
        }.run(connections: Self.connections, duration: .seconds(60))
        var rates: [Double] = []
        var p99: [Double] = []
        for run in 1...options.runs {
            report.note("refusals \(run)/\(options.runs)")
            let late = try ClaimRequests(round: round, tokens: Array(house.tokens[stock...]), first: run * 10_000)
            let load = try await LoadGenerator(house.loop, port: house.server.port) { _, _ in
                late.next()
            } onAnswer: { _, _, status, body in
                late.hear(status, body)
            }.run(connections: Self.connections, duration: .seconds(options.seconds ?? 3))
            let account = try await house.account(of: round)
            guard load.failures == 0, load.byStatus[200] == load.answers, late.won.load(ordering: .relaxed) == 0, account.coupons == stock
            else { throw BenchError(description: "late claims went otherwise: \(load.byStatus), \(account)") }
            rates.append(load.perSecond)
            p99.append(load.percentileMilliseconds(0.99))
        }
        try report.figure(
            Self.name, "refusals, nothing left", ours: median(rates), unit: "claims/s", runs: options.runs, promise: "30,000")
        try report.figure(Self.name, "p99 of refusals", ours: median(p99), unit: "ms", runs: options.runs)
    }
}
