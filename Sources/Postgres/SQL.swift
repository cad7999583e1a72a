/// A statement and its parameters. Interpolated values become binds, never text:
/// `"select name from station where station_id = \(id)"`; an array is one parameter, to be used with `any` or `unnest`.
///
/// Text that is part of the statement itself goes through the labelled door `\(raw: …)`, which must never be given what a stranger wrote.
package struct SQL: ExpressibleByStringInterpolation, Sendable {
    package private(set) var text: String
    private(set) var binds: Binds
    /// Where in `text` (in UTF-8) each parameter's `$n` stands, so that the statement can become part of another.
    private var placeholders: [Range<Int>] = []

    package init(stringLiteral value: String) {
        text = value
        binds = Binds()
    }

    package init(stringInterpolation: Interpolation) {
        text = stringInterpolation.text
        binds = stringInterpolation.binds
        placeholders = stringInterpolation.placeholders
    }

    /// A statement without parameters, from text that the program itself holds.
    package init(raw text: String) {
        self.text = text
        binds = Binds()
    }

    /// The parameters in the form libpq wants: one buffer, and where each value lies in it.
    struct Binds: Sendable {
        var types: [UInt32] = []
        var bytes: [UInt8] = []
        /// Start and length of each; a length of -1 is null.
        var spans: [(start: Int, length: Int)] = []

        /// Those of a statement that became part of this one.
        mutating func append(_ more: Binds) {
            let shift = bytes.count
            types += more.types
            bytes += more.bytes
            spans += more.spans.map { ($0.start + shift, $0.length) }
        }

        mutating func append<T: PostgresEncodable>(_ value: T) {
            // Keeps the buffer from being empty: an empty value needs an address, or it would be null.
            if bytes.isEmpty { bytes.append(0) }
            types.append(T.postgresType.rawValue)
            let start = bytes.count
            if value.isNull {
                spans.append((start, -1))
            } else {
                value.encode(to: &bytes)
                spans.append((start, bytes.count - start))
            }
        }
    }

    package struct Interpolation: StringInterpolationProtocol {
        var text = ""
        var binds = Binds()
        var placeholders: [Range<Int>] = []

        package init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + 4 * interpolationCount)
            binds.types.reserveCapacity(interpolationCount)
            binds.spans.reserveCapacity(interpolationCount)
        }

        package mutating func appendLiteral(_ literal: String) { text += literal }

        package mutating func appendInterpolation<T: PostgresEncodable>(_ value: T) {
            binds.append(value)
            appendPlaceholder(binds.types.count)
        }

        /// A null that knows its type.
        package mutating func appendInterpolation<T: PostgresEncodable>(_ value: T?) {
            binds.append(value)
            appendPlaceholder(binds.types.count)
        }

        package mutating func appendInterpolation(raw: String) { text += raw }

        /// A part of the statement with parameters of its own, which are numbered on from those before.
        package mutating func appendInterpolation(fragment: SQL) {
            let first = binds.types.count
            let bytes = Array(fragment.text.utf8)
            var position = 0
            for (index, placeholder) in fragment.placeholders.enumerated() {
                text += String(decoding: bytes[position..<placeholder.lowerBound], as: UTF8.self)
                appendPlaceholder(first + index + 1)
                position = placeholder.upperBound
            }
            text += String(decoding: bytes[position...], as: UTF8.self)
            binds.append(fragment.binds)
        }

        private mutating func appendPlaceholder(_ number: Int) {
            let start = text.utf8.count
            text += "$"
            text += String(number)
            placeholders.append(start..<text.utf8.count)
        }
    }
}
