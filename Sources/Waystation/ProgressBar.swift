import Runtime

/// A long work's progress on standard error: a bar that redraws itself on a terminal, a plain line every ten per cent elsewhere.
struct ProgressBar: Sendable {
    /// What is being done; a work of several steps may change it.
    var title: String
    private let unit: String
    private let isLive: Bool
    private let started = MonotonicTime.current
    private var lastDrawn: MonotonicTime?
    private var lastTenth = 0

    init(_ title: String, unit: String, isLive: Bool = isTerminal(2)) {
        self.title = title
        self.unit = unit
        self.isLive = isLive
    }

    /// - Parameters:
    ///   - fraction: of the whole that is done, 0 to 1.
    ///   - count: of what `unit` names.
    mutating func update(fraction: Double, count: Int) {
        let now = MonotonicTime.current
        let line = Self.line(title, unit: unit, fraction: fraction, count: count, elapsed: now - started)
        if isLive {
            if let lastDrawn, now - lastDrawn < .milliseconds(100), fraction < 1 { return }
            lastDrawn = now
            // Cut at the window's edge: a line that wraps could not be drawn over.
            Terminal.error("\r\u{1B}[K\u{1B}[?7l" + line + "\u{1B}[?7h")
        } else if Int(fraction * 10) > lastTenth {
            lastTenth = Int(fraction * 10)
            Terminal.error(line + "\n")
        }
    }

    /// Leaves the last state standing.
    func finish() {
        if isLive { Terminal.error("\n") }
    }

    static func line(_ title: String, unit: String, fraction: Double, count: Int, elapsed: Duration) -> String {
        let part = min(max(fraction, 0), 1)
        let filled = Int(part * 20)
        let bar = String(repeating: "█", count: filled) + String(repeating: "░", count: 20 - filled)
        let rate = elapsed.secondsValue > 0 ? Double(count) / elapsed.secondsValue : 0
        let remaining = part > 0 ? elapsed.secondsValue * (1 - part) / part : 0
        let percent = String(Int(part * 100))
        return "\(title) \(bar) \(String(repeating: " ", count: 3 - percent.count))\(percent) %  \(grouped(count)) \(unit)"
            + "  \(grouped(Int(rate)))/s  \(clock(remaining)) left"
    }

    private static func clock(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded(.up))
        let rest = String(whole % 60)
        return "\(whole / 60):" + (rest.count == 1 ? "0" : "") + rest
    }
}

/// `1 234 567`.
func grouped(_ number: Int) -> String {
    var digits = Array(String(abs(number)))
    var index = digits.count - 3
    while index > 0 {
        digits.insert(" ", at: index)
        index -= 3
    }
    return (number < 0 ? "-" : "") + String(digits)
}
