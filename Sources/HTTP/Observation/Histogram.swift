import Synchronization

/// Observed values in buckets; sums are kept in millionths, so that one atomic addition does.
package final class Histogram: Sendable {
    /// 100 µs to 10 s: what requests and statements take.
    package static let seconds = [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    private let bounds: [Double]
    private let counts: [Counter]
    private let sumMillionths = Counter()

    init(bounds: [Double]) {
        precondition(bounds == bounds.sorted() && !bounds.isEmpty, "a histogram's bounds rise")
        self.bounds = bounds
        counts = (0...bounds.count).map { _ in Counter() }
    }

    package func observe(_ value: Double) {
        var index = 0
        while index < bounds.count, value > bounds[index] { index += 1 }
        counts[index].increment()
        sumMillionths.increment(by: Int64(value * 1_000_000))
    }

    package var count: Int64 { counts.reduce(0) { $0 + $1.value } }

    func write(_ name: String, _ labels: String, to text: inout String) {
        let inner = labels.isEmpty ? "{" : labels.dropLast() + ","
        var total: Int64 = 0
        for (index, counter) in counts.enumerated() {
            total += counter.value
            let bound = index < bounds.count ? String(bounds[index]) : "+Inf"
            text += "\(name)_bucket\(inner)le=\"\(bound)\"} \(total)\n"
        }
        text += "\(name)_sum\(labels) \(Double(sumMillionths.value) / 1_000_000)\n\(name)_count\(labels) \(total)\n"
    }
}
