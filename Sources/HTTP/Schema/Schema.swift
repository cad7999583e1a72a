/// What a JSON value or parameter may be: the one description behind validation and `/openapi.json`.
package struct Schema: Sendable {
    indirect enum Kind: Sendable {
        case object(name: String, fields: [Field])
        case string(length: ClosedRange<Int>, pattern: Pattern?)
        case option([String])
        case integer(ClosedRange<Int64>)
        case number(ClosedRange<Double>)
        case boolean
        case array(Schema, ClosedRange<Int>)
        case map(Schema)
        case any
    }

    /// A member of an object.
    package struct Field: Sendable {
        let name: String
        let schema: Schema
        let isRequired: Bool

        /// Must be there.
        package static func required(_ name: String, _ schema: Schema, _ summary: String = "") -> Field {
            Field(name: name, schema: summary.isEmpty ? schema : schema.described(summary), isRequired: true)
        }

        /// May be absent or null.
        package static func optional(_ name: String, _ schema: Schema, _ summary: String = "") -> Field {
            let nullable = schema.nullable
            return Field(name: name, schema: summary.isEmpty ? nullable : nullable.described(summary), isRequired: false)
        }
    }

    let kind: Kind
    var isNullable = false
    var summary = ""

    init(_ kind: Kind) {
        self.kind = kind
    }

    /// A named object; a field that is not listed is refused. At most 64 fields, so that those seen fit one word.
    package static func object(_ name: String, _ summary: String, _ fields: [Field]) -> Schema {
        precondition(fields.count <= 64, "an object has at most 64 fields")
        precondition(Set(fields.map(\.name)).count == fields.count, "an object names each field once")
        var schema = Schema(.object(name: name, fields: fields))
        schema.summary = summary
        return schema
    }

    /// Text for people, its length in Unicode scalars: tabs and line breaks are fine, other controls and signs that turn the direction of
    /// what stands around them are not.
    package static func string(_ length: ClosedRange<Int>) -> Schema { Schema(.string(length: length, pattern: nil)) }

    /// What a scanner reads, whatever it is, or a secret: only U+0000 is refused, which PostgreSQL's text cannot hold.
    package static func anySigns(_ length: ClosedRange<Int>) -> Schema { Schema(.string(length: length, pattern: .anySigns)) }

    package static func string(_ length: ClosedRange<Int>, pattern: Pattern) -> Schema {
        Schema(.string(length: length, pattern: pattern))
    }

    /// One of these texts.
    package static func oneOf(_ options: [String]) -> Schema { Schema(.option(options)) }
    package static func integer(_ range: ClosedRange<Int64>) -> Schema { Schema(.integer(range)) }
    package static func number(_ range: ClosedRange<Double>) -> Schema { Schema(.number(range)) }
    package static let boolean = Schema(.boolean)

    /// The identity of a row: 1 and up.
    package static let id = Schema(.integer(1...Int64.max))

    /// RFC 3339 in UTC with `Z`, whole seconds or a fraction of up to six digits.
    package static let dateTime = Schema(.string(length: 20...27, pattern: .dateTime))

    /// A calendar date, `2026-11-21`.
    package static let date = Schema(.string(length: 10...10, pattern: .date))
    package static let uuid = Schema(.string(length: 36...36, pattern: .uuid))
    package static func array(of element: Schema, _ count: ClosedRange<Int>) -> Schema { Schema(.array(element, count)) }
    package static func map(of value: Schema) -> Schema { Schema(.map(value)) }

    /// Any JSON.
    package static let json = Schema(.any)

    /// Takes null too.
    package var nullable: Schema {
        var copy = self
        copy.isNullable = true
        return copy
    }

    package func described(_ text: String) -> Schema {
        var copy = self
        copy.summary = text
        return copy
    }
}

/// A type that stands in the API: satisfy it with `static let schema`, which is looked at for each request.
package protocol APIType: Sendable {
    static var schema: Schema { get }
}

extension Array: APIType where Element: APIType {
    /// Up to 10,000 of them.
    package static var schema: Schema { .array(of: Element.schema, 0...10_000) }
}
