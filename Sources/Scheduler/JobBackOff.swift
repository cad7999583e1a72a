/// How long a job rests after it failed. A value without a clock.
package struct JobBackOff: Sendable {
    /// After the first failure.
    package var first: Duration
    package var longest: Duration

    package init(first: Duration, longest: Duration) {
        self.first = first
        self.longest = longest
    }

    /// Of queued jobs: 5 s, 10 s, 20 s … an hour.
    package static let queued = JobBackOff(first: .seconds(5), longest: .seconds(3_600))

    /// Of recurring jobs, which others wait for: 5 s, 10 s … five minutes.
    package static let recurring = JobBackOff(first: .seconds(5), longest: .seconds(300))

    /// The rest after so many failures in a row: twice as long each time, a fifth more or less by chance, so that many do not come back at
    /// once.
    /// - Parameter chance: from 0 to 1.
    package func rest(afterFailures failures: Int, chance: Double = .random(in: 0...1)) -> Duration {
        let doubled = first * Double(1 << min(max(failures - 1, 0), 30))
        return min(doubled, longest) * (0.8 + 0.4 * chance)
    }
}
