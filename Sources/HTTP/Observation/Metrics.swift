import FoundationEssentials
import Synchronization

/// The figures of the process, in Prometheus' text format at `/metrics`.
///
/// Counters and histograms are atomics made once at start and touched without a lock (some 5 ns); gauges are closures asked at the
/// scrape. Labels never carry personal data: they come from the code, not from requests.
package final class Metrics: Sendable {
    package typealias Labels = KeyValuePairs<String, String>

    private struct Family {
        let help: String
        let kind: String
        var series: [@Sendable (_ name: String, _ text: inout String) -> Void] = []
    }

    private struct State {
        var families: [String: Family] = [:]
        var order: [String] = []
    }

    private let state = Mutex(State())

    package init() {}

    /// A figure that only grows.
    package func counter(_ name: String, _ help: String, labels: Labels = [:]) -> Counter {
        let counter = Counter()
        add(name, help, "counter") { name, text in text += "\(name)\(Self.text(labels)) \(counter.value)\n" }
        return counter
    }

    /// A figure that only grows, kept elsewhere and read at the scrape.
    package func counter(_ name: String, _ help: String, labels: Labels = [:], read: @escaping @Sendable () -> Int64) {
        add(name, help, "counter") { name, text in text += "\(name)\(Self.text(labels)) \(read())\n" }
    }

    /// A figure that rises and falls, read at the scrape.
    package func gauge(_ name: String, _ help: String, labels: Labels = [:], read: @escaping @Sendable () -> Double) {
        add(name, help, "gauge") { name, text in text += "\(name)\(Self.text(labels)) \(read())\n" }
    }

    /// Observed values, counted into buckets by their upper bounds.
    package func histogram(_ name: String, _ help: String, buckets: [Double] = Histogram.seconds, labels: Labels = [:]) -> Histogram {
        let histogram = Histogram(bounds: buckets)
        add(name, help, "histogram") { name, text in histogram.write(name, Self.text(labels), to: &text) }
        return histogram
    }

    /// Everything, in the text exposition format 0.0.4.
    package func text() -> String {
        let (families, order) = state.withLock { ($0.families, $0.order) }
        var text = ""
        for name in order {
            guard let family = families[name] else { continue }
            text += "# HELP \(name) \(family.help)\n# TYPE \(name) \(family.kind)\n"
            for write in family.series { write(name, &text) }
        }
        return text
    }

    /// One series of the family or many, as whoever keeps them writes them at the scrape.
    func add(_ name: String, _ help: String, _ kind: String, _ write: @escaping @Sendable (_ name: String, _ text: inout String) -> Void) {
        state.withLock { state in
            if state.families[name] == nil {
                state.families[name] = Family(help: help, kind: kind)
                state.order.append(name)
            }
            precondition(state.families[name]?.kind == kind, "the metric \(name) has one kind")
            state.families[name]?.series.append(write)
        }
    }

    /// As it stands behind a figure's name: `{method="GET"}`.
    static func text(_ labels: Labels) -> String {
        labels.isEmpty ? "" : "{" + labels.map { "\($0.key)=\"\(escaped($0.value))\"" }.joined(separator: ",") + "}"
    }

    private static func escaped(_ value: String) -> String {
        // Nearly all: methods, templates, classes of states, a thousand at each scrape.
        guard value.utf8.contains(where: { $0 == UInt8(ascii: "\\") || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\n") }) else {
            return value
        }
        return value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}

/// A figure that only grows.
package final class Counter: Sendable {
    private let count = Atomic<Int64>(0)

    package init() {}
    package func increment(by amount: Int64 = 1) { count.wrappingAdd(amount, ordering: .relaxed) }
    package var value: Int64 { count.load(ordering: .relaxed) }
}
