/// A JSON value as it goes to a browser's script and comes back from it.
package enum ScriptValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([ScriptValue])
    case object([String: ScriptValue])

    package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    package var number: Double? { if case .number(let value) = self { value } else { nil } }
    package var string: String? { if case .string(let value) = self { value } else { nil } }
    package var array: [ScriptValue]? { if case .array(let value) = self { value } else { nil } }
    package var object: [String: ScriptValue]? { if case .object(let value) = self { value } else { nil } }

    /// The member of this name; null where there is none or this is no object.
    package subscript(_ name: String) -> ScriptValue { object?[name] ?? .null }

    /// What JavaScript takes for true: not null, false, 0 or an empty string.
    package var isTruthy: Bool {
        switch self {
        case .null: false
        case .bool(let value): value
        case .number(let value): value != 0 && !value.isNaN
        case .string(let value): !value.isEmpty
        case .array, .object: true
        }
    }
}

extension ScriptValue: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        // The commonest first: each wrong guess costs an error.
        if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([String: ScriptValue].self) {
            self = .object(value)
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if container.decodeNil() {
            self = .null
        } else {
            self = .array(try container.decode([ScriptValue].self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .number(let value):
            // chromedriver wants whole numbers without a fraction: sizes, codes.
            if let whole = Int64(exactly: value) { try container.encode(whole) } else { try container.encode(value) }
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }
}

// Not by nil: an optional's `nil` would then quietly become `.some(.null)`.
extension ScriptValue: ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
    ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    package init(integerLiteral value: Int) { self = .number(Double(value)) }
    package init(floatLiteral value: Double) { self = .number(value) }
    package init(stringLiteral value: String) { self = .string(value) }
    package init(arrayLiteral elements: ScriptValue...) { self = .array(elements) }
    package init(dictionaryLiteral elements: (String, ScriptValue)...) {
        self = .object(Dictionary(elements) { _, last in last })
    }
}

extension ScriptValue {
    package init(_ value: Int) { self = .number(Double(value)) }

    /// The name under which WebDriver hands elements over (W3C WebDriver, section 11).
    static let elementName = "element-6066-11e4-a52e-4f735466cecf"

    /// An element, for a script's arguments.
    package init(_ element: Element) { self = .object([Self.elementName: .string(element.id)]) }
}
