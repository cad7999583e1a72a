@testable import HTTP

/// Makes requests to a route out of what it declares, with a given text at every place that takes text.
struct RouteProbe {
    let route: Route
    /// Put wherever a text may stand, cut or stretched to the length that is allowed there.
    let canary: String

    /// The path with the canary in each parameter, or with numbers that exist in a fresh service.
    func path(canaryInPath: Bool) -> String {
        let segments = route.template.split(separator: "/").map { segment in
            segment.hasPrefix("{") ? (canaryInPath ? encoded(canary) : "1") : String(segment)
        }
        var path = "/" + segments.joined(separator: "/")
        let queries = route.parameters.filter { $0.place == .query }.map { "\($0.name)=\(encoded(text(of: $0.schema)))" }
        if !queries.isEmpty { path += "?" + queries.joined(separator: "&") }
        return path
    }

    /// Bodies: as declared, the same cut short, and nonsense; nil where none is taken.
    func bodies() -> [(bytes: [UInt8], type: String)?] {
        switch route.body.kind {
        case .none: return [nil]
        case .json(let schema):
            let whole = json(schema)
            let texts = route.body.plainText == nil ? [] : ["1 in 0199f0aa-0000-7000-8000-000000000001\n\(canary)\n\(canary)\n", canary]
            return [whole, String(whole.dropLast()), "{\"\(canary)\":\"\(canary)\"}", "\"\(canary)\""]
                .map { (Array($0.utf8), "application/json") } + texts.map { (Array($0.utf8), "text/plain") }
        case .bytes, .stream:
            return (route.body.contentTypes + ["application/\(encoded(canary))"]).map { type in
                (Array("姓名,身份证号,手机号\n\(canary),\(canary),\(canary)\n".utf8), type)
            }
        }
    }

    private func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let isPlain = byte.isDigit || (0x41...0x5A).contains(byte & 0xDF)
            let hex = String(byte, radix: 16, uppercase: true)
            return isPlain ? String(UnicodeScalar(byte)) : "%" + (hex.count == 1 ? "0" : "") + hex
        }.joined()
    }

    private func text(of schema: Schema) -> String {
        switch schema.kind {
        case .string(_, let pattern): string(pattern) ?? canary
        case .option(let options): options.first ?? canary
        case .integer(let range): String(max(range.lowerBound, min(1, range.upperBound)))
        case .boolean: "true"
        default: canary
        }
    }

    private func string(_ pattern: Pattern?) -> String? {
        switch pattern?.format {
        case "uuid": "0199f0aa-0000-7000-8000-000000000001"
        case "date-time": "2026-01-01T00:00:00Z"
        case "date": "2026-01-01"
        default: nil
        }
    }

    private func json(_ schema: Schema) -> String {
        switch schema.kind {
        case .object(_, let fields):
            return "{" + fields.map { "\"\($0.name)\":\(json($0.schema))" }.joined(separator: ",") + "}"
        case .string(let length, let pattern):
            if let fixed = string(pattern) { return "\"\(fixed)\"" }
            var value = canary
            while value.unicodeScalars.count < length.lowerBound { value += canary }
            return "\"" + String(String.UnicodeScalarView(value.unicodeScalars.prefix(max(length.upperBound, 1)))) + "\""
        case .option(let options): return "\"\(options.first ?? canary)\""
        case .integer(let range): return String(max(range.lowerBound, min(1, range.upperBound)))
        case .number(let range): return String(max(range.lowerBound, min(1, range.upperBound)))
        case .boolean: return "true"
        case .array(let element, let count):
            return "[" + (0..<max(1, count.lowerBound)).map { _ in json(element) }.joined(separator: ",") + "]"
        case .map(let value): return "{\"\(canary)\":\(json(value))}"
        case .any: return "{\"\(canary)\":[\"\(canary)\"]}"
        }
    }
}
