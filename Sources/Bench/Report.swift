import FoundationEssentials

/// Prints figures as they come: a readable table with bars, or one JSON object a line.
struct Report: Sendable {
    let asJSON: Bool

    private struct Line: Encodable {
        let work: String
        let figure: String
        let ours: Double
        let peer: Double?
        let peerName: String?
        let ratio: Double?
        let unit: String
        let runs: Int

        private enum Key: CodingKey { case work, figure, ours, peer, peerName, ratio, unit, runs }

        // Null is written out: a line always has all its fields.
        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(work, forKey: .work)
            try container.encode(figure, forKey: .figure)
            try container.encode(ours, forKey: .ours)
            try container.encode(peer, forKey: .peer)
            try container.encode(peerName, forKey: .peerName)
            try container.encode(ratio, forKey: .ratio)
            try container.encode(unit, forKey: .unit)
            try container.encode(runs, forKey: .runs)
        }
    }

    /// Tells a watcher what goes on; nothing with `--json`.
    func note(_ text: String) {
        if !asJSON { Output.error("\(text)\n") }
    }

    func title(_ text: String) {
        if !asJSON { Output.line("\n\(text)") }
    }

    /// One figure: medians of `runs`.
    /// - Parameter promise: what the project promises for it, shown beside it.
    func figure(
        _ work: String, _ figure: String, ours: Double, peer: Double? = nil, peerName: String? = nil, unit: String, runs: Int,
        promise: String? = nil
    ) throws {
        let ratio = peer.map { $0 > 0 ? (ours / $0 * 1_000).rounded() / 1_000 : 0 }
        if asJSON {
            let line = Line(
                work: work, figure: figure, ours: rounded(ours), peer: peer.map(rounded), peerName: peerName, ratio: ratio, unit: unit,
                runs: runs)
            return Output.line(String(decoding: try JSONEncoder().encode(line), as: UTF8.self))
        }
        let most = max(ours, peer ?? 0)
        func row(_ name: String, _ value: Double, _ rest: String) {
            let bar = most > 0 ? String(repeating: "█", count: max(1, Int(value / most * 30))) : ""
            let number = Self.text(value)
            Output.line(
                "  " + padded(name, 34) + String(repeating: " ", count: max(0, 12 - number.count)) + number + " " + padded(unit, 12)
                    + padded(peer == nil ? "" : bar, 31) + rest)
        }
        row(figure, ours, (ratio.map { "\(Self.text($0)) x" } ?? "") + (promise.map { "  (promised: \($0))" } ?? ""))
        if let peer, let peerName { row("  " + peerName, peer, "") }
    }

    private func rounded(_ value: Double) -> Double { (value * 1_000).rounded() / 1_000 }

    private func padded(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(1, width - text.count)) }

    static func text(_ value: Double) -> String {
        if value >= 1_000 {
            var digits = Array(String(Int(value.rounded())))
            var index = digits.count - 3
            while index > 0 {
                digits.insert(" ", at: index)
                index -= 3
            }
            return String(digits)
        }
        return String((value * 100).rounded() / 100)
    }
}
