/// A value of a log line. Nothing that holds personal data converts to it: sealed types give a masked form or an id.
package enum LogValue: Sendable {
    case text(String)
    case integer(Int64)
    case decimal(Double)
    case flag(Bool)

    func appendJSON(to line: inout [UInt8]) {
        switch self {
        case .text(let text): appendJSONString(text, to: &line)
        case .integer(let number): line.append(contentsOf: String(number).utf8)
        case .decimal(let number): line.append(contentsOf: (number.isFinite ? String(number) : "null").utf8)
        case .flag(let flag): line.append(contentsOf: (flag ? "true" : "false").utf8)
        }
    }

    func appendText(to line: inout [UInt8]) {
        guard case .text(let text) = self, text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x22 || $0 == 0x3D || $0 == 0x7F }) else {
            if case .text(let text) = self { line.append(contentsOf: text.utf8) } else { appendJSON(to: &line) }
            return
        }
        appendJSONString(text, to: &line)
    }
}

extension LogValue: ExpressibleByStringLiteral, ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    package init(stringLiteral value: String) { self = .text(value) }
    package init(integerLiteral value: Int64) { self = .integer(value) }
    package init(booleanLiteral value: Bool) { self = .flag(value) }
}

/// Appends `text` as a JSON string; control characters are escaped, so a line stays one line whatever a stranger sends.
func appendJSONString(_ text: String, to line: inout [UInt8]) {
    let digits = Array("0123456789abcdef".utf8)
    line.append(0x22)
    for byte in text.utf8 {
        switch byte {
        case 0x22, 0x5C:
            line.append(0x5C)
            line.append(byte)
        case 0..<0x20, 0x7F:
            line.append(contentsOf: "\\u00".utf8)
            line.append(digits[Int(byte >> 4)])
            line.append(digits[Int(byte & 15)])
        default: line.append(byte)
        }
    }
    line.append(0x22)
}
