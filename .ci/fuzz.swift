/// The entry of libFuzzer: the first byte chooses what is fed. Anything but an ordinary return is a finding.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: data, count: count))
    guard let kind = input.first else { return 0 }
    if kind == 0x4A { fuzzJSON(Array(input.dropFirst())) } else { fuzzParser(Array(input.dropFirst())) }
    return 0
}

/// A stream must give the same events whole and in pieces, and no event after a failure.
private func fuzzParser(_ bytes: [UInt8]) {
    let whole = events([bytes])
    var pieces: [[UInt8]] = []
    var rest = bytes[...]
    var size = Int(bytes.first ?? 1) % 7 + 1
    while !rest.isEmpty {
        pieces.append(Array(rest.prefix(size)))
        rest = rest.dropFirst(size)
        size = size % 7 + 1
    }
    precondition(events(pieces) == whole, "a parse must not depend on how the stream is split")
}

private func events(_ pieces: [[UInt8]]) -> [String] {
    var parser = RequestParser(
        limits: ParserLimits(requestLineBytesMax: 64, headerBytesMax: 256, headerFieldsMax: 6, chunkExtensionBytesMax: 16))
    var lines: [String] = []
    var body: [UInt8] = []
    for piece in pieces {
        parser.append(piece)
        while let event = parser.next() {
            switch event {
            case .head(let head):
                parser.bodyBytesMax = 200
                lines.append(
                    "\(head.method) \(head.target) \(head.framing) \(head.keepsAlive) \(head.expectsContinue) \(head.headers.pairs)")
            case .body(let slice): body += slice
            case .end:
                lines.append("end \(body)")
                body = []
            case .failed(let failure):
                lines.append("failed \(failure)")
                return lines
            }
        }
    }
    return lines
}

private let schema = Schema.object(
    "Fuzzed", "What is fuzzed",
    [
        .required("name", .string(1...5)), .required("age", .integer(0...120)), .optional("at", .dateTime), .optional("on", .date),
        .optional("key", .uuid), .optional("share", .number(0...1)), .optional("kind", .oneOf(["in", "out"])),
        .optional("tags", .array(of: .json, 1...3)), .optional("counts", .map(of: .integer(0...9))), .optional("isNew", .boolean),
    ])

private func fuzzJSON(_ bytes: [UInt8]) {
    do {
        let violations = try JSONValidator.violations(of: schema, in: bytes)
        precondition(violations.count <= JSONValidator.violationsMax, "violations are bounded")
    } catch {
        precondition(error.offset <= bytes.count, "a fault lies within the text")
    }
}
