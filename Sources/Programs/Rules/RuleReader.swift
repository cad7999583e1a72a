import HTTP

/// Reads rules from JSON and names everything that is wrong with them, each with its pointer into the whole body.
///
/// Stands between `Decodable`, whose first error would end the reading, and the types that it makes.
struct RuleReader {
    /// A key as it stands in the text.
    struct Key: CodingKey {
        let stringValue: String
        let intValue: Int?

        init(stringValue: String) {
            self.stringValue = stringValue
            intValue = nil
        }

        init?(intValue: Int) {
            stringValue = String(intValue)
            self.intValue = intValue
        }
    }

    typealias Box = KeyedDecodingContainer<Key>

    private(set) var violations: [Violation] = []
    /// Conditions read so far, those within others among them.
    var conditionCount = 0

    mutating func add(_ code: String, at path: [any CodingKey], zh: String, en: String) {
        guard violations.count < Self.violationsMax else { return }
        violations.append(Violation(code, pointer: Self.pointer(path), zh: zh, en: en))
    }

    /// More are not told.
    private static let violationsMax = 100

    // MARK: Objects

    /// The object's members; those not among `known` are faults, and so are those missing of `needed`.
    mutating func object(_ decoder: any Decoder, known: [String], needed: [String] = []) -> Box? {
        guard let box = take({ try decoder.container(keyedBy: Key.self) }) else { return nil }
        for key in box.allKeys.sorted(by: { $0.stringValue < $1.stringValue }) where !known.contains(key.stringValue) {
            add("request.unknown_field", at: box.codingPath + [key], zh: "未知的字段", en: "This field is not known here")
        }
        for name in needed where !box.contains(Key(stringValue: name)) {
            add("request.missing_field", at: box.codingPath + [Key(stringValue: name)], zh: "缺少字段", en: "This field is needed")
        }
        return box
    }

    /// A member that may be absent or null.
    mutating func value<Value: Decodable>(_ box: Box, _ name: String, as type: Value.Type = Value.self) -> Value? {
        take { try box.decodeIfPresent(type, forKey: Key(stringValue: name)) } ?? nil
    }

    /// One of an enum's options.
    mutating func option<Option: RawRepresentable & CaseIterable>(
        _ box: Box, _ name: String, _ code: String, as type: Option.Type = Option.self
    ) -> Option? where Option.RawValue == String {
        guard let text = value(box, name, as: String.self) else { return nil }
        if let option = Option(rawValue: text) { return option }
        let list = Option.allCases.map(\.rawValue).joined(separator: ", ")
        add(code, at: box.codingPath + [Key(stringValue: name)], zh: "应为其中之一：\(list)", en: "One of: \(list)")
        return nil
    }

    // MARK: Lists

    /// Each element of a list through a decoder of its own; what is no list is a fault. Absent or null: none.
    mutating func list<Element>(
        _ box: Box, _ name: String, _ count: ClosedRange<Int>, _ read: (inout RuleReader, any Decoder) -> Element?
    ) -> [Element] {
        let key = Key(stringValue: name)
        guard box.contains(key) else { return [] }
        guard var elements = take({ try box.nestedUnkeyedContainer(forKey: key) }) else { return [] }
        return list(&elements, count, read)
    }

    mutating func list<Element>(
        _ elements: inout any UnkeyedDecodingContainer, _ count: ClosedRange<Int>, _ read: (inout RuleReader, any Decoder) -> Element?
    ) -> [Element] {
        if let own = elements.count, !count.contains(own) {
            let limits = "\(count.lowerBound)-\(count.upperBound)"
            add("request.wrong_length", at: elements.codingPath, zh: "元素个数应为 \(limits)", en: "The number of elements must be \(limits)")
            if own > count.upperBound { return [] }
        }
        var all: [Element] = []
        while !elements.isAtEnd {
            guard let decoder = take({ try elements.superDecoder() }) else { return all }
            if let element = read(&self, decoder) { all.append(element) }
        }
        return all
    }

    /// A list of plain values.
    mutating func values<Value: Decodable>(_ decoder: any Decoder, as type: Value.Type = Value.self, _ count: ClosedRange<Int>) -> [Value] {
        guard var elements = take({ try decoder.unkeyedContainer() }) else { return [] }
        return list(&elements, count) { reader, element in reader.take { try element.singleValueContainer().decode(type) } }
    }

    // MARK: Errors

    /// What `read` gives, or nil and its error among the violations.
    mutating func take<Value>(_ read: () throws -> Value) -> Value? {
        do {
            return try read()
        } catch let error as DecodingError {
            note(error)
            return nil
        } catch {
            add("request.wrong_type", at: [], zh: "无法读取", en: "It cannot be read")
            return nil
        }
    }

    private mutating func note(_ error: DecodingError) {
        switch error {
        case .typeMismatch(_, let context), .dataCorrupted(let context):
            add("request.wrong_type", at: context.codingPath, zh: "类型不正确", en: "The type is wrong")
        case .valueNotFound(_, let context):
            add("request.wrong_type", at: context.codingPath, zh: "不能为 null", en: "It must not be null")
        case .keyNotFound(let key, let context):
            add("request.missing_field", at: context.codingPath + [key], zh: "缺少字段", en: "This field is needed")
        @unknown default: add("request.wrong_type", at: [], zh: "无法读取", en: "It cannot be read")
        }
    }

    /// RFC 6901; a stranger's key is shown cut to 100 characters and without what it hides.
    static func pointer(_ path: [any CodingKey]) -> String {
        path.map { key in
            if let index = key.intValue { return "/\(index)" }
            var text = "/"
            for scalar in key.stringValue.unicodeScalars.prefix(100) {
                switch scalar {
                case "~": text += "~0"
                case "/": text += "~1"
                case _ where scalar.value < 0x20: text += "\u{FFFD}"
                default: text.unicodeScalars.append(scalar)
                }
            }
            return text
        }.joined()
    }
}
