import Testing

@testable import HTTP

/// What `/openapi.json` says of a form is what the server takes: clients are generated from the one and refused by the other.
struct PatternTests {
    @Test func `every day that there is, and no other, is a date to the check and to its regular expression`() throws {
        let regex = try Regex(Pattern.date.regex)
        var days = 0
        for year in [0, 1, 4, 10, 100, 400, 900, 1_000, 1_900, 1_970, 2_000, 2_020, 2_023, 2_024, 2_100, 9_996, 9_999] {
            for month in 0...13 {
                for day in 0...32 {
                    let text = "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
                    let isDate = Pattern.date.matches(text[...].utf8)
                    #expect(try (regex.wholeMatch(in: text) != nil) == isDate, "\(text)")
                    if isDate { days += 1 }
                }
            }
        }
        // 4, 400, 2000, 2020, 2024 and 9996 are leap years; 0000 is no year.
        #expect(days == 16 * 365 + 6)
    }

    @Test(arguments: [
        ("2024-02-29T23:59:59Z", true), ("2024-02-29T23:59:59.1Z", true), ("2024-02-29T23:59:59.123456Z", true),
        ("2023-02-29T00:00:00Z", false), ("0000-01-01T00:00:00Z", false), ("2024-01-01T24:00:00Z", false),
        ("2024-01-01T00:60:00Z", false), ("2024-01-01T00:00:60Z", false), ("2024-01-01T00:00:00", false),
        ("2024-01-01T00:00:00.Z", false), ("2024-01-01T00:00:00.1234567Z", false), ("2024-01-01t00:00:00Z", false),
        ("2024-01-01T00:00:00+00:00", false), ("2024-01-01 00:00:00Z", false), ("2024-01-01T00:00:00z", false),
    ])
    func `a time is one to the check and to its regular expression`(text: String, isTime: Bool) throws {
        #expect(Pattern.dateTime.matches(text[...].utf8) == isTime)
        #expect(try (Regex(Pattern.dateTime.regex).wholeMatch(in: text) != nil) == isTime)
    }

    private func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: width - digits.count) + digits
    }

    @Test func `text for people has no sign that nobody sees but tab and line breaks, by the bytes as by the expression`() throws {
        let regex = try Regex(Pattern.visible.regex).matchingSemantics(.unicodeScalar)
        let refused = [0x00...0x08, 0x0B...0x0C, 0x0E...0x1F, 0x7F...0x9F, 0x2028...0x202E, 0x2066...0x2069]
        for value in [0...0x2FF, 0x0FFF...0x10FF, 0x1FF0...0x2080, 0x20A0...0x20B0, 0xFEF0...0xFF10, 0x1_F600...0x1_F610].joined() {
            let scalar = try #require(Unicode.Scalar(UInt32(value)))
            let isFine = !refused.contains { $0.contains(value) }
            for text in ["\(scalar)", "站\(scalar)a"] {
                #expect(Pattern.visible.matches(text[...].utf8) == isFine, "\(String(value, radix: 16))")
                #expect(try (regex.wholeMatch(in: text) != nil) == isFine, "\(String(value, radix: 16))")
            }
        }
    }
}
