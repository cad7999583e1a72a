import HTTP

/// Feeds a parser and writes down what it said, bodies joined, so that two runs can be compared.
struct ParserHarness {
    var parser: RequestParser
    private(set) var lines: [String] = []
    private var body: [UInt8] = []
    private let bodyBytesMax: Int

    init(limits: ParserLimits = .standard, bodyBytesMax: Int = 1 << 20) {
        parser = RequestParser(limits: limits)
        self.bodyBytesMax = bodyBytesMax
    }

    mutating func feed(_ bytes: some Collection<UInt8>) {
        parser.append(bytes)
        while let event = parser.next() {
            switch event {
            case .head(let head):
                parser.bodyBytesMax = bodyBytesMax
                let fields = head.headers.pairs.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
                lines.append(
                    "head \(head.method) \(head.target) \(head.framing) "
                        + "keepsAlive=\(head.keepsAlive) expects=\(head.expectsContinue) \(fields)"
                )
            case .body(let slice): body += slice
            case .end:
                lines.append("end \(String(decoding: body, as: UTF8.self))")
                body = []
            case .failed(let failure):
                lines.append("failed \(failure)")
                return
            }
        }
    }

    static func lines(_ text: String, limits: ParserLimits = .standard, bodyBytesMax: Int = 1 << 20) -> [String] {
        lines(Array(text.utf8), limits: limits, bodyBytesMax: bodyBytesMax)
    }

    static func lines(_ bytes: [UInt8], limits: ParserLimits = .standard, bodyBytesMax: Int = 1 << 20) -> [String] {
        var harness = ParserHarness(limits: limits, bodyBytesMax: bodyBytesMax)
        harness.feed(bytes)
        return harness.lines
    }
}
