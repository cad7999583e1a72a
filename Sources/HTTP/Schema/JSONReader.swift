/// A value that reads its own JSON: small bodies that a crowd sends, where Foundation's decoder costs more than what is done with them.
///
/// Reads what is written plainly and gives up on everything else (an escape, a fraction, a key it does not expect), which Foundation's
/// decoder then reads: so both agree, and nothing has to be handled twice.
package protocol DirectlyReadable: Decodable {
    /// nil: leave it to the decoder.
    init?(from json: inout JSONReader)
}

extension JSON {
    /// The value of a body that its schema let through.
    static func read<T: DirectlyReadable>(_ type: T.Type, from bytes: [UInt8]) throws -> T {
        try readDirectly(type, from: bytes) ?? decode(type, from: bytes)
    }

    /// The value, if it is written plainly to the end.
    static func readDirectly<T: DirectlyReadable>(_ type: T.Type, from bytes: [UInt8]) -> T? {
        var json = JSONReader(bytes)
        guard let value = T(from: &json), json.isAtEnd else { return nil }
        return value
    }
}

/// Reads JSON in order, without a tree. Of few types and not generic, as `JSONWriter` is.
package struct JSONReader {
    private var scanner: JSONScanner

    init(_ bytes: [UInt8]) {
        scanner = JSONScanner(bytes)
    }

    /// Whether nothing but space is left.
    fileprivate var isAtEnd: Bool {
        mutating get {
            scanner.skipSpace()
            return scanner.current == nil
        }
    }

    /// Reads an object.
    /// - Parameter member: reads the value of a key, whichever comes; false gives up.
    /// - Returns: whether it was read to its end.
    package mutating func object(_ member: (_ key: String, inout JSONReader) -> Bool) -> Bool {
        enclosed(by: "{", "}") { json in
            guard let key = json.string(), json.skip(":") else { return false }
            return member(key, &json)
        }
    }

    /// Reads an array.
    /// - Parameter element: reads one; false gives up.
    /// - Returns: whether it was read to its end.
    package mutating func array(_ element: (inout JSONReader) -> Bool) -> Bool {
        enclosed(by: "[", "]", element)
    }

    /// A whole number without fraction and exponent.
    package mutating func integer() -> Int64? {
        scanner.skipSpace()
        do {
            let (range, isWhole) = try scanner.scanNumber()
            guard isWhole else { return nil }
            let isNegative = scanner.bytes[range.lowerBound] == UInt8(ascii: "-")
            var value: Int64 = 0
            for byte in scanner.bytes[range].dropFirst(isNegative ? 1 : 0) {
                let (tens, isTooLarge) = value.multipliedReportingOverflow(by: 10)
                let (sum, isOver) = tens.addingReportingOverflow(Int64(byte & 15))
                if isTooLarge || isOver { return nil }
                value = sum
            }
            return isNegative ? -value : value
        } catch {
            return nil
        }
    }

    /// A string without escapes.
    package mutating func string() -> String? {
        scanner.skipSpace()
        do {
            let text = try scanner.scanString()
            return text.isEscaped ? nil : scanner.decoded(text)
        } catch {
            return nil
        }
    }

    private mutating func enclosed(by opening: Unicode.Scalar, _ closing: Unicode.Scalar, _ content: (inout JSONReader) -> Bool) -> Bool {
        guard skip(opening) else { return false }
        if skip(closing) { return true }
        repeat {
            guard content(&self) else { return false }
        } while skip(",")
        return skip(closing)
    }

    /// Goes on behind the sign if it comes next.
    private mutating func skip(_ sign: Unicode.Scalar) -> Bool {
        scanner.skipSpace()
        guard scanner.current == UInt8(ascii: sign) else { return false }
        scanner.position += 1
        return true
    }
}
