/// How a single value breaks its schema.
struct SchemaFault: Hashable {
    let code: String
    let detail: Localized

    init(code: String, detail: Localized) {
        self.code = code
        self.detail = detail
    }
}

extension Schema {
    /// What is wrong with a text; for strings of JSON bodies and for parameters alike.
    func fault(inText text: String) -> SchemaFault? {
        switch kind {
        case .option(let options):
            if options.contains(where: { $0.utf8.elementsEqual(text.utf8) }) { return nil }
            let list = options.joined(separator: ", ")
            return SchemaFault(code: "request.not_an_option", detail: Localized(zh: "应为其中之一：\(list)", en: "One of: \(list)"))
        case .string(let length, let pattern):
            let count = text.unicodeScalars.count
            guard length.contains(count) else {
                let limits = "\(length.lowerBound)-\(length.upperBound)"
                return SchemaFault(
                    code: "request.wrong_length",
                    detail: Localized(zh: "长度应为 \(limits) 个字符", en: "The length must be \(limits) characters"))
            }
            if (pattern ?? .visible).matches(text[...].utf8) { return nil }
            if pattern == nil {
                return SchemaFault(
                    code: "request.control_character",
                    detail: Localized(zh: "含有看不见的控制字符", en: "It holds control characters, which nobody sees"))
            }
            return SchemaFault(code: "request.wrong_pattern", detail: Localized(zh: "格式不正确", en: "The form is wrong"))
        default: return typeFault
        }
    }

    /// What is wrong with a number; 1.0 and 1e2 are integers, as in JSON Schema.
    func fault(inNumber digits: String, isWhole: Bool) -> SchemaFault? {
        switch kind {
        case .integer(let range):
            if isWhole, let number = Int64(digits) { return range.contains(number) ? nil : outOfRange(range.lowerBound, range.upperBound) }
            guard !isWhole, let number = Double(digits), number.isFinite, number == number.rounded(.towardZero) else {
                return isWhole ? outOfRange(range.lowerBound, range.upperBound) : typeFault
            }
            guard abs(number) <= 9_007_199_254_740_992, range.contains(Int64(number)) else {
                return outOfRange(range.lowerBound, range.upperBound)
            }
            return nil
        case .number(let range):
            guard let number = Double(digits), number.isFinite, range.contains(number) else {
                return outOfRange(range.lowerBound, range.upperBound)
            }
            return nil
        default: return typeFault
        }
    }

    private func outOfRange(_ low: some CustomStringConvertible, _ high: some CustomStringConvertible) -> SchemaFault {
        SchemaFault(
            code: "request.out_of_range", detail: Localized(zh: "应在 \(low) 与 \(high) 之间", en: "It must lie between \(low) and \(high)"))
    }

    var typeFault: SchemaFault {
        let (zh, en) = typeName
        return SchemaFault(
            code: "request.wrong_type",
            detail: Localized(
                zh: "应为\(zh)\(isNullable ? "或 null" : "")", en: "It must be \(en)\(isNullable ? " or null" : "")"))
    }

    private var typeName: (zh: String, en: String) {
        switch kind {
        case .object, .map: ("对象", "an object")
        case .string, .option: ("字符串", "a string")
        case .integer: ("整数", "an integer")
        case .number: ("数", "a number")
        case .boolean: ("布尔值", "a boolean")
        case .array: ("数组", "an array")
        case .any: ("任意值", "any value")
        }
    }

    /// What is wrong with the text of a path, query or header parameter.
    func fault(inParameter text: String) -> SchemaFault? {
        switch kind {
        case .string, .option: return fault(inText: text)
        case .integer:
            var digits = text.utf8[...]
            if digits.first == 0x2D { digits = digits.dropFirst() }
            guard let first = digits.first, digits.allSatisfy(\.isDigit), first != 0x30 || digits.count == 1 else { return typeFault }
            return fault(inNumber: text, isWhole: true)
        case .number:
            var scanner = JSONScanner(Array(text.utf8))
            do {
                _ = try scanner.scanNumber()
            } catch {
                return typeFault
            }
            return scanner.current == nil ? fault(inNumber: text, isWhole: false) : typeFault
        case .boolean: return text == "true" || text == "false" ? nil : typeFault
        case .object, .array, .map, .any: preconditionFailure("a parameter is a string, an option, a number or a boolean")
        }
    }
}
