import Glibc

/// Reads `2026-11-21T07:12:01.123456Z` as the server writes it: microseconds since 1970, or nil.
func microseconds(dateTime text: String) -> Int64? {
    let bytes = Array(text.utf8)
    guard bytes.count >= 20, bytes.last == UInt8(ascii: "Z") else { return nil }
    func number(_ range: Range<Int>) -> Int64? { Int64(String(decoding: bytes[range], as: UTF8.self)) }
    guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10), let hour = number(11..<13),
        let minute = number(14..<16), let second = number(17..<19)
    else { return nil }
    var fraction: Int64 = 0
    if bytes.count > 20 {
        guard bytes[19] == UInt8(ascii: "."), bytes.count <= 27, let digits = number(20..<bytes.count - 1) else { return nil }
        fraction = (bytes.count - 21..<6).reduce(digits) { value, _ in value * 10 }
    }
    return seconds(year, month, day, hour, minute, second) * 1_000_000 + fraction
}

/// Reads `Sat, 21 Nov 2026 07:12:01 GMT` (RFC 9110 section 5.6.7): microseconds since 1970 of the second's middle, or nil.
func microseconds(httpDate text: String) -> Int64? {
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let words = text.split(separator: " ")
    guard words.count == 6, words[5] == "GMT", let day = Int64(words[1]), let month = months.firstIndex(of: String(words[2])),
        let year = Int64(words[3])
    else { return nil }
    let time = words[4].split(separator: ":").compactMap { Int64($0) }
    guard time.count == 3 else { return nil }
    return seconds(year, Int64(month + 1), day, time[0], time[1], time[2]) * 1_000_000 + 500_000
}

private func seconds(_ year: Int64, _ month: Int64, _ day: Int64, _ hour: Int64, _ minute: Int64, _ second: Int64) -> Int64 {
    var parts = tm()
    parts.tm_year = CInt(clamping: year - 1900)
    parts.tm_mon = CInt(clamping: month - 1)
    parts.tm_mday = CInt(clamping: day)
    parts.tm_hour = CInt(clamping: hour)
    parts.tm_min = CInt(clamping: minute)
    parts.tm_sec = CInt(clamping: second)
    return Int64(timegm(&parts))
}
