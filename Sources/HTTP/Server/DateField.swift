import Glibc
import Runtime

/// `Date: …` with the line ends around it, made once a second.
struct DateField {
    private(set) var bytes: [UInt8] = []
    private var second: UInt64 = .max

    /// Makes it anew when the second is another one.
    mutating func refresh(_ now: MonotonicTime) {
        let current = now.nanoseconds / 1_000_000_000
        guard current != second else { return }
        second = current
        bytes = Array("\r\nDate: \(Self.text(time(nil)))\r\n".utf8)
    }

    /// IMF-fixdate (RFC 9110, section 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
    static func text(_ seconds: time_t) -> String {
        var seconds = seconds
        var parts = tm()
        gmtime_r(&seconds, &parts)
        let day = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][Int(parts.tm_wday)]
        let month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][Int(parts.tm_mon)]
        func two(_ number: CInt) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let clock = "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
        return "\(day), \(two(parts.tm_mday)) \(month) \(parts.tm_year + 1900) \(clock) GMT"
    }
}
