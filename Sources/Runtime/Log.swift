import Glibc

/// Structured logs: one line an event, JSON or text, with a level, an event name and fields.
///
/// A line never carries personal data, parameter values or secrets: fields are `LogValue`s, and errors are logged by their
/// `description`, which holds none by rule. Writing is handed to a thread of its own (`LogSink`), so a slow reader never blocks a loop.
package struct Log: Sendable {
    package enum Level: Int, Comparable, Sendable, CaseIterable {
        case debug, info, notice, warning, error

        package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
        package var name: String { String(describing: self) }
    }

    package enum Format: String, Sendable, CaseIterable { case json, text }

    package typealias Fields = KeyValuePairs<String, LogValue>

    private let sink: LogSink?
    private let level: Level
    private let format: Format
    private let clock: Clock

    package init(_ sink: LogSink, level: Level = .info, format: Format = .json, clock: Clock = Clock()) {
        self.sink = sink
        self.level = level
        self.format = format
        self.clock = clock
    }

    private init() {
        sink = nil
        level = .error
        format = .json
        clock = Clock()
    }

    /// Drops everything; for tests and tools.
    package static let silent = Log()

    package func debug(_ event: String, _ fields: Fields = [:]) { write(.debug, event, fields) }
    package func info(_ event: String, _ fields: Fields = [:]) { write(.info, event, fields) }
    package func notice(_ event: String, _ fields: Fields = [:]) { write(.notice, event, fields) }
    package func warning(_ event: String, _ fields: Fields = [:]) { write(.warning, event, fields) }
    package func error(_ event: String, _ fields: Fields = [:]) { write(.error, event, fields) }

    /// Whether lines of `level` are written: asked first where making the fields costs.
    package func writes(_ level: Level) -> Bool { sink != nil && level >= self.level }

    /// Waits until what was logged has been written. For the end of the process; blocks.
    package func flush() { sink?.flush() }

    package func write(_ level: Level, _ event: String, _ fields: Fields) {
        guard let sink, level >= self.level else { return }
        var line: [UInt8] = []
        line.reserveCapacity(192)
        let time = timestamp(microseconds: clock.nowMicroseconds)
        switch format {
        case .json:
            line.append(contentsOf: "{\"time\":\"\(time)\",\"level\":\"\(level.name)\",\"event\":".utf8)
            appendJSONString(event, to: &line)
            for (key, value) in fields {
                line.append(0x2C)
                appendJSONString(key, to: &line)
                line.append(0x3A)
                value.appendJSON(to: &line)
            }
            line.append(0x7D)
        case .text:
            line.append(contentsOf: "\(time) \(level.name) \(event)".utf8)
            for (key, value) in fields {
                line.append(contentsOf: " \(key)=".utf8)
                value.appendText(to: &line)
            }
        }
        line.append(0x0A)
        sink.write(line)
    }
}

/// `2026-11-21T07:12:01.123456Z` for microseconds since 1970 (years 1970 to 9999).
package func timestamp(microseconds: Int64) -> String {
    let (second, rest) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
    var seconds = time_t(rest < 0 ? second - 1 : second)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    return String(unsafeUninitializedCapacity: 27) { text in
        var end = 0
        func add(_ number: Int64, _ width: Int, _ sign: Unicode.Scalar) {
            var digits = number
            for place in (end..<end + width).reversed() {
                text.initializeElement(at: place, to: UInt8(ascii: "0") + UInt8((digits % 10).magnitude))
                digits /= 10
            }
            text.initializeElement(at: end + width, to: UInt8(ascii: sign))
            end += width + 1
        }
        add(Int64(parts.tm_year) + 1900, 4, "-")
        add(Int64(parts.tm_mon) + 1, 2, "-")
        add(Int64(parts.tm_mday), 2, "T")
        add(Int64(parts.tm_hour), 2, ":")
        add(Int64(parts.tm_min), 2, ":")
        add(Int64(parts.tm_sec), 2, ".")
        add(rest < 0 ? rest + 1_000_000 : rest, 6, "Z")
        return end
    }
}
