/// How an array of `Self` travels: as a PostgreSQL array, except bytes, which travel as one `bytea`.
package protocol PostgresSequenceElement: Sendable {
    static var postgresSequenceType: PostgresType { get }
    static func encode(_ sequence: [Self], to bytes: inout [UInt8])
    static func decode(_ field: PostgresField) throws(PostgresError) -> [Self]
}

extension Array: PostgresEncodable where Element: PostgresSequenceElement {
    package static var postgresType: PostgresType { Element.postgresSequenceType }
    package func encode(to bytes: inout [UInt8]) { Element.encode(self, to: &bytes) }
}

extension Array: PostgresDecodable where Element: PostgresSequenceElement {
    package init(postgres field: PostgresField?, type: PostgresType) throws(PostgresError) {
        self = try Element.decode(try Self.unwrap(field))
    }
}

/// Bytes are an element themselves: `[[UInt8]]` is `bytea[]`.
extension Array: PostgresElement where Element == UInt8 {
    package static var postgresArrayType: PostgresType { .byteaArray }
}

extension UInt8: PostgresSequenceElement {
    package static var postgresSequenceType: PostgresType { .bytea }
    package static func encode(_ sequence: [UInt8], to bytes: inout [UInt8]) { bytes.append(contentsOf: sequence) }
    package static func decode(_ field: PostgresField) throws(PostgresError) -> [UInt8] { [UInt8](field) }
}

/// The binary form of a one-dimensional array: dimensions, whether nulls occur, element type, length, lower bound, then each element
/// with its length (`array_send` in PostgreSQL's arrayfuncs.c).
extension PostgresSequenceElement where Self: PostgresElement {
    package static var postgresSequenceType: PostgresType { postgresArrayType }

    package static func encode(_ sequence: [Self], to bytes: inout [UInt8]) {
        (sequence.isEmpty ? 0 : 1 as Int32).appendBigEndian(to: &bytes)
        let nullsAt = bytes.count
        Int32(0).appendBigEndian(to: &bytes)
        postgresType.rawValue.appendBigEndian(to: &bytes)
        guard !sequence.isEmpty else { return }
        Int32(sequence.count).appendBigEndian(to: &bytes)
        Int32(1).appendBigEndian(to: &bytes)
        for element in sequence {
            if element.isNull { bytes[nullsAt + 3] = 1 }
            element.encodeWithLength(to: &bytes)
        }
    }

    package static func decode(_ field: PostgresField) throws(PostgresError) -> [Self] {
        guard field.count >= 12 else { throw .decoding("an array cut short") }
        let dimensions = Int32(bigEndianBytes: field)
        if dimensions == 0 { return [] }
        guard dimensions == 1, field.count >= 20 else { throw .decoding("an array of \(dimensions) dimensions") }
        let type = PostgresType(rawValue: UInt32(bigEndianBytes: PostgresField(rebasing: field[8...])))
        let count = Int(Int32(bigEndianBytes: PostgresField(rebasing: field[12...])))
        var result: [Self] = []
        result.reserveCapacity(count)
        var offset = 20
        for _ in 0..<count {
            guard field.count >= offset + 4 else { throw .decoding("an array cut short") }
            let length = Int(Int32(bigEndianBytes: PostgresField(rebasing: field[offset...])))
            offset += 4
            if length < 0 {
                result.append(try Self(postgres: nil, type: type))
                continue
            }
            guard field.count >= offset + length else { throw .decoding("an array cut short") }
            result.append(try Self(postgres: PostgresField(rebasing: field[offset..<offset + length]), type: type))
            offset += length
        }
        return result
    }
}

extension Int16: PostgresSequenceElement {}
extension Int32: PostgresSequenceElement {}
extension Int64: PostgresSequenceElement {}
extension Int: PostgresSequenceElement {}
extension Bool: PostgresSequenceElement {}
extension Double: PostgresSequenceElement {}
extension String: PostgresSequenceElement {}
extension Array: PostgresSequenceElement where Element == UInt8 {}
extension Optional: PostgresSequenceElement where Wrapped: PostgresElement {}
