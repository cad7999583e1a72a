/// Reads JSON against a schema and names everything that is wrong with it, in one pass and without building a tree.
///
/// What breaks RFC 8259 is thrown (400); what breaks the schema is gathered (422), each with its JSON pointer, up to `violationsMax`.
/// Some 2 ns a byte; with no violation the bytes go on to JSONDecoder.
struct JSONValidator {
    static let depthMax = 64
    static let violationsMax = 100

    private enum Step {
        case key(String)
        case index(Int)
    }

    private var scanner: JSONScanner
    private var path: [Step] = []
    private(set) var violations: [Violation] = []

    private init(_ bytes: [UInt8]) {
        scanner = JSONScanner(bytes)
    }

    /// All violations of `schema`.
    static func violations(of schema: Schema, in bytes: [UInt8]) throws(JSONFault) -> [Violation] {
        var validator = JSONValidator(bytes)
        // A byte order mark is not JSON (RFC 8259, 8.1), so it fails as syntax.
        try validator.value(schema)
        validator.scanner.skipSpace()
        guard validator.scanner.current == nil else { throw validator.scanner.fault() }
        return validator.violations
    }

    // MARK: Values

    private mutating func value(_ schema: Schema) throws(JSONFault) {
        scanner.skipSpace()
        guard let byte = scanner.current else { throw scanner.fault() }
        switch byte {
        case 0x7B: try object(schema)
        case 0x5B: try array(schema)
        case 0x22: try string(schema)
        case 0x74:
            try scanner.expectWord("true")
            boolean(schema)
        case 0x66:
            try scanner.expectWord("false")
            boolean(schema)
        case 0x6E:
            try scanner.expectWord("null")
            if case .any = schema.kind { return }
            if !schema.isNullable { wrongType(schema) }
        case 0x2D, 0x30...0x39: try number(schema)
        default:
            // A sign that stands for nothing in JSON, such as “, is well-formed text all the same.
            if byte >= 0x80 {
                var ahead = scanner
                try ahead.skipMultibyte(byte)
            }
            throw scanner.fault()
        }
    }

    private mutating func boolean(_ schema: Schema) {
        switch schema.kind {
        case .boolean, .any: break
        default: wrongType(schema)
        }
    }

    private mutating func object(_ schema: Schema) throws(JSONFault) {
        guard path.count < Self.depthMax else { throw scanner.fault(.tooDeep) }
        scanner.position += 1
        var fields: [Schema.Field] = []
        var others = Schema.json
        var isOpen = true
        switch schema.kind {
        case .object(_, let known):
            fields = known
            isOpen = false
        case .map(let element): others = element
        case .any: break
        default: wrongType(schema)
        }
        var seen: UInt64 = 0
        var seenOthers: Set<String> = []
        scanner.skipSpace()
        if scanner.current == 0x7D {
            scanner.position += 1
        } else {
            while true {
                scanner.skipSpace()
                let text = try scanner.scanString()
                let index = fieldIndex(text, fields)
                let name = index.map { fields[$0].name } ?? scanner.decoded(text)
                path.append(.key(name))
                let isRepeated = index.map { seen & (1 << UInt64($0)) != 0 } ?? !seenOthers.insert(name).inserted
                if isRepeated { throw scanner.fault(.duplicateKey, pointer: pointer) }
                scanner.skipSpace()
                try scanner.expect(0x3A)
                if let index {
                    seen |= 1 << UInt64(index)
                    try value(fields[index].schema)
                } else {
                    if !isOpen { add("request.unknown_field", zh: "未知的字段", en: "This field is not known here") }
                    try value(others)
                }
                path.removeLast()
                scanner.skipSpace()
                if scanner.current == 0x2C {
                    scanner.position += 1
                    continue
                }
                try scanner.expect(0x7D)
                break
            }
        }
        for (index, field) in fields.enumerated() where field.isRequired && seen & (1 << UInt64(index)) == 0 {
            path.append(.key(field.name))
            add("request.missing_field", zh: "缺少字段", en: "This field is needed")
            path.removeLast()
        }
    }

    private func fieldIndex(_ text: JSONScanner.Text, _ fields: [Schema.Field]) -> Int? {
        if text.isEscaped {
            let name = scanner.decoded(text)
            return fields.firstIndex { $0.name.utf8.elementsEqual(name.utf8) }
        }
        return fields.firstIndex { $0.name.utf8.count == text.range.count && $0.name.utf8.elementsEqual(scanner.bytes[text.range]) }
    }

    private mutating func array(_ schema: Schema) throws(JSONFault) {
        guard path.count < Self.depthMax else { throw scanner.fault(.tooDeep) }
        scanner.position += 1
        var element = Schema.json
        var range = 0...Int.max
        switch schema.kind {
        case .array(let inner, let count): (element, range) = (inner, count)
        case .any: break
        default: wrongType(schema)
        }
        var count = 0
        scanner.skipSpace()
        if scanner.current == 0x5D {
            scanner.position += 1
        } else {
            while true {
                path.append(.index(count))
                try value(element)
                path.removeLast()
                count += 1
                scanner.skipSpace()
                if scanner.current == 0x2C {
                    scanner.position += 1
                    continue
                }
                try scanner.expect(0x5D)
                break
            }
        }
        if !range.contains(count) {
            let limits = "\(range.lowerBound)-\(range.upperBound)"
            add("request.wrong_length", zh: "元素个数应为 \(limits)", en: "The number of elements must be \(limits)")
        }
    }

    private mutating func string(_ schema: Schema) throws(JSONFault) {
        let text = try scanner.scanString()
        switch schema.kind {
        case .any: break
        case .string, .option:
            if let fault = schema.fault(inText: scanner.decoded(text)) { add(fault) }
        default: wrongType(schema)
        }
    }

    private mutating func number(_ schema: Schema) throws(JSONFault) {
        let (range, isWhole) = try scanner.scanNumber()
        switch schema.kind {
        case .any: break
        case .integer, .number:
            let digits = String(decoding: scanner.bytes[range], as: UTF8.self)
            if let fault = schema.fault(inNumber: digits, isWhole: isWhole) { add(fault) }
        default: wrongType(schema)
        }
    }

    // MARK: Violations

    private var pointer: String {
        var text = ""
        for step in path {
            switch step {
            case .index(let index): text += "/\(index)"
            case .key(let key):
                text += "/"
                for scalar in key.unicodeScalars.prefix(200) {
                    switch scalar {
                    case "~": text += "~0"
                    case "/": text += "~1"
                    // A stranger's key is shown, but what it hides is not.
                    case _ where scalar.value < 0x20: text += "\u{FFFD}"
                    default: text.unicodeScalars.append(scalar)
                    }
                }
            }
        }
        return text
    }

    private mutating func wrongType(_ schema: Schema) {
        add(schema.typeFault)
    }

    private mutating func add(_ fault: SchemaFault) {
        guard violations.count < Self.violationsMax else { return }
        violations.append(Violation(code: fault.code, pointer: pointer, parameter: nil, detail: fault.detail))
    }

    private mutating func add(_ code: String, zh: String, en: String) {
        add(SchemaFault(code: code, detail: Localized(zh: zh, en: en)))
    }
}
