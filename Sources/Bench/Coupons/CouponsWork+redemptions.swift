import Coupons
import HTTP
import Postgres
import Runtime
import Synchronization

/// Tills that redeem coupons by their one-time codes, beside pgbench with one statement a redemption.
extension CouponsWork {
    private static let perRun = 16_000
    /// Of the peer, by each of its 32 clients.
    private static let perClient = 100
    private static let warmUp = 2_000
    private static let tills = 256

    func measureRedemptions(_ report: Report) async throws {
        let peerRun = 32 * Self.perClient
        let count = Self.warmUp + options.runs * (Self.perRun + peerRun)
        try await RedemptionHouse.with(coupons: count) { house in
            let pgbench = try house.bench.pgbench()
            report.note("redemptions: warming up")
            _ = try await redeem(house, 0..<Self.warmUp)
            var shown = Self.warmUp
            var ours: [Double] = []
            var peer: [Double] = []
            var p50: [Double] = []
            var p99: [Double] = []
            for run in 1...options.runs {
                report.note("redemptions \(run)/\(options.runs)")
                let load = try await redeem(house, shown..<shown + Self.perRun)
                shown += Self.perRun
                ours.append(load.perSecond)
                p50.append(load.percentileMilliseconds(0.5))
                p99.append(load.percentileMilliseconds(0.99))
                let script = RedemptionPeer.script(first: shown, each: Self.perClient, of: count)
                peer.append(
                    try await pgbench.run(script, defines: ["n": "0"], transactions: peerRun, folder: house.bench.folder))
                shown += peerRun
                let account = try await house.account()
                guard account.redeemed == shown, account.isBalanced else {
                    throw BenchError(description: "\(shown) coupons were shown: \(account)")
                }
            }
            try report.figure(
                Self.name, "redemptions, one-time codes", ours: median(ours), peer: median(peer), peerName: "pgbench, one statement",
                unit: "coupons/s", runs: options.runs, promise: "3 x")
            try report.figure(Self.name, "p50 of redemptions", ours: median(p50), unit: "ms", runs: options.runs)
            try report.figure(Self.name, "p99 of redemptions", ours: median(p99), unit: "ms", runs: options.runs)
        }
    }

    /// Shows these codes, each once.
    private func redeem(_ house: RedemptionHouse, _ range: Range<Int>) async throws -> LoadGenerator.Outcome {
        let requests = try RedemptionRequests(
            deviceKeys: house.deviceKeys, codes: house.codes, range, at: Timestamp(microseconds: Clock().nowMicroseconds))
        let load = try await LoadGenerator(house.loop, port: house.server.port) { _, _ in
            requests.next()
        } onAnswer: { _, _, status, body in
            requests.hear(status, body)
        }.run(connections: Self.tills, duration: .seconds(120))
        let redeemed = requests.redeemed.load(ordering: .relaxed)
        guard load.failures == 0, load.answers == range.count, redeemed == range.count else {
            throw BenchError(description: "\(redeemed) of \(range.count) were redeemed: \(load.byStatus), \(load.failures) broken")
        }
        return load
    }
}
