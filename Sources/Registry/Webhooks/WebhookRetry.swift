import Runtime

/// When a delivery that failed is tried again. A value without a clock.
struct WebhookRetry: Sendable {
    /// After the first try that failed, the second and so on; as Standard Webhooks proposes them, three days in all.
    var delays: [Duration]
    /// Of what expires within minutes, such as a one-time code: as often as helps.
    var delaysOfExpiring: [Duration]
    /// For a receiver that could not be reached at all: nobody is tried there before.
    var rests: [Duration]

    static let standard = WebhookRetry(
        delays: [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400].map { .seconds($0) },
        delaysOfExpiring: [1, 2, 4, 8, 15, 30, 30, 30, 30, 30, 30, 30].map { .seconds($0) },
        rests: [1, 2, 5, 10, 30, 60].map { .seconds($0) })

    /// How long to wait after so many tries have failed, a fifth more or less by chance, so that many do not come back at once.
    /// - Parameters:
    ///   - chance: from 0 to 1.
    ///   - asked: what the receiver asked for (`Retry-After`), an hour at most.
    /// - Returns: nil after the last try.
    func delay(afterAttempts attempts: Int, expires: Bool, chance: Double, asked: Duration? = nil) -> Duration? {
        let table = expires ? delaysOfExpiring : delays
        guard attempts >= 1, attempts <= table.count else { return nil }
        let own = table[attempts - 1] * (0.8 + 0.4 * chance)
        guard let asked else { return own }
        return max(own, min(asked, .seconds(3_600)))
    }

    /// How long a receiver rests after so many failures in a row to reach it.
    func rest(afterFailures failures: Int, chance: Double) -> Duration {
        guard let longest = rests.last else { return .zero }
        return (failures <= rests.count ? rests[max(0, failures - 1)] : longest) * (0.8 + 0.4 * chance)
    }
}
