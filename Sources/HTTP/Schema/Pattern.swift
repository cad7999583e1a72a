/// The form of a string: a closure that decides and the regular expression (ECMA 262, anchored) that says the same in OpenAPI.
package struct Pattern: Sendable {
    let regex: String
    /// OpenAPI's `format`, if there is one.
    let format: String?
    let matches: @Sendable (Substring.UTF8View) -> Bool

    package init(_ regex: String, _ matches: @escaping @Sendable (Substring.UTF8View) -> Bool) {
        self.init(regex, format: nil, matches)
    }

    init(_ regex: String, format: String?, _ matches: @escaping @Sendable (Substring.UTF8View) -> Bool) {
        self.regex = regex
        self.format = format
        self.matches = matches
    }

    /// Without C0 but tab and line breaks, DEL, C1, and what turns directions or breaks lines unseen (UAX 9, 2.1 to 2.5; U+2028, U+2029).
    static let visible = Pattern(
        "^[^\\u0000-\\u0008\\u000B\\u000C\\u000E-\\u001F\\u007F-\\u009F\\u2028-\\u202E\\u2066-\\u2069]*$"
    ) { text in
        // The two bytes before, of the three that U+2028 and the like take in UTF-8.
        var before: (UInt8, UInt8) = (0, 0)
        for byte in text {
            switch (before.0, before.1, byte) {
            case (_, _, 0x00...0x08), (_, _, 0x0B), (_, _, 0x0C), (_, _, 0x0E...0x1F), (_, _, 0x7F): return false
            case (_, 0xC2, 0x80...0x9F), (0xE2, 0x80, 0xA8...0xAE), (0xE2, 0x81, 0xA6...0xA9): return false
            default: before = (before.1, byte)
            }
        }
        return true
    }

    static let anySigns = Pattern("^[^\\u0000]*$") { !$0.contains(0) }

    static let uuid = Pattern("^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$", format: "uuid") { text in
        var index = 0
        for byte in text {
            let isDash = index == 8 || index == 13 || index == 18 || index == 23
            guard isDash ? byte == 0x2D : byte.hexValue != nil else { return false }
            index += 1
        }
        return index == 36
    }

    /// Years 0001 to 9999, and the days that a month has, of February in leap years too.
    private static let dateRegex =
        "(([0-9]{3}[1-9]|[0-9]{2}[1-9]0|[0-9][1-9]00|[1-9]000)"
        + "-((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))"
        + "|([0-9]{2}(0[48]|[2468][048]|[13579][26])|(0[48]|[2468][048]|[13579][26])00)-02-29)"

    static let date = Pattern("^" + dateRegex + "$", format: "date") { text in
        isDate(Array(text)[...])
    }

    static let dateTime = Pattern(
        "^" + dateRegex + "T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,6})?Z$", format: "date-time"
    ) { text in
        let bytes = Array(text)
        guard bytes.count >= 20, isDate(bytes[..<10]), bytes[10] == 0x54, bytes[bytes.count - 1] == 0x5A else { return false }
        guard bytes[13] == 0x3A, bytes[16] == 0x3A, let hour = number(bytes[11..<13]), let minute = number(bytes[14..<16]),
            let second = number(bytes[17..<19]), hour < 24, minute < 60, second < 60
        else { return false }
        if bytes.count == 20 { return true }
        let fraction = bytes[20..<bytes.count - 1]
        return bytes[19] == 0x2E && (1...6).contains(fraction.count) && fraction.allSatisfy(\.isDigit)
    }

    /// Year, month and a day that the month has.
    private static func isDate(_ bytes: ArraySlice<UInt8>) -> Bool {
        guard bytes.count == 10 else { return false }
        let start = bytes.startIndex
        guard bytes[start + 4] == 0x2D, bytes[start + 7] == 0x2D, let year = number(bytes[start..<start + 4]),
            let month = number(bytes[start + 5..<start + 7]), let day = number(bytes[start + 8..<start + 10])
        else { return false }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        return year >= 1 && (1...12).contains(month) && day >= 1 && day <= days[month - 1]
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        var value = 0
        for digit in digits {
            guard digit.isDigit else { return nil }
            value = value * 10 + Int(digit - 0x30)
        }
        return value
    }
}
