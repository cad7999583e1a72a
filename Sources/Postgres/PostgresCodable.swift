/// A value that travels to PostgreSQL as a parameter, in the binary format of its type.
package protocol PostgresEncodable: Sendable {
    static var postgresType: PostgresType { get }
    /// Null travels as a length of -1 and no bytes.
    var isNull: Bool { get }
    /// Appends the value's bytes, without their length. Never called for null.
    func encode(to bytes: inout [UInt8])
}

extension PostgresEncodable {
    package var isNull: Bool { false }
}

/// A value read from the binary format of a result column.
package protocol PostgresDecodable: Sendable {
    /// - Parameter field: nil for null.
    init(postgres field: PostgresField?, type: PostgresType) throws(PostgresError)
}

/// The bytes of one field; valid while the result is held.
package typealias PostgresField = UnsafeRawBufferPointer

/// A value that PostgreSQL also knows as an element of an array.
package protocol PostgresElement: PostgresEncodable, PostgresDecodable {
    static var postgresArrayType: PostgresType { get }
}

extension PostgresDecodable {
    static func unwrap(_ field: PostgresField?, size: Int? = nil) throws(PostgresError) -> PostgresField {
        guard let field else { throw .decoding("null where \(Self.self) was asked for") }
        if let size, field.count != size { throw .decoding("\(field.count) bytes where \(Self.self) has \(size)") }
        return field
    }
}

extension PostgresEncodable {
    /// Appends the value as arrays and COPY hold it: its length in four bytes, or -1 for null, then its bytes.
    func encodeWithLength(to bytes: inout [UInt8]) {
        guard !isNull else { return Int32(-1).appendBigEndian(to: &bytes) }
        let lengthAt = bytes.count
        Int32(0).appendBigEndian(to: &bytes)
        encode(to: &bytes)
        let length = UInt32(bytes.count - lengthAt - 4)
        for shift in 0..<4 { bytes[lengthAt + shift] = UInt8(truncatingIfNeeded: length >> (24 - 8 * UInt32(shift))) }
    }
}

extension FixedWidthInteger {
    func appendBigEndian(to bytes: inout [UInt8]) {
        withUnsafeBytes(of: bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// Reads the first bytes of `field`, which must be long enough.
    init(bigEndianBytes field: PostgresField) {
        self = Self(bigEndian: field.loadUnaligned(as: Self.self))
    }
}

extension PostgresEncodable where Self: FixedWidthInteger {
    package func encode(to bytes: inout [UInt8]) { appendBigEndian(to: &bytes) }
}

/// Reads int2, int4 and int8 alike, refusing what does not fit.
private func decodeInteger<T: FixedWidthInteger & PostgresDecodable>(_ field: PostgresField?, _ type: T.Type) throws(PostgresError) -> T {
    let field = try T.unwrap(field)
    let wide: Int64
    switch field.count {
    case 2: wide = Int64(Int16(bigEndianBytes: field))
    case 4: wide = Int64(Int32(bigEndianBytes: field))
    case 8: wide = Int64(bigEndianBytes: field)
    default: throw .decoding("\(field.count) bytes are no integer")
    }
    guard let value = T(exactly: wide) else { throw .decoding("an integer that does not fit \(T.self)") }
    return value
}

extension Int16: PostgresElement {
    package static var postgresType: PostgresType { .int2 }
    package static var postgresArrayType: PostgresType { .int2Array }
    package init(postgres field: PostgresField?, type: PostgresType) throws(PostgresError) { self = try decodeInteger(field, Self.self) }
}

extension Int32: PostgresElement {
    package static var postgresType: PostgresType { .int4 }
    package static var postgresArrayType: PostgresType { .int4Array }
    package init(postgres field: PostgresField?, type: PostgresType) throws(PostgresError) { self = try decodeInteger(field, Self.self) }
}

extension Int64: PostgresElement {
    package static var postgresType: PostgresType { .int8 }
    package static var postgresArrayType: PostgresType { .int8Array }
    package init(postgres field: PostgresField?, type: PostgresType) throws(PostgresError) { self = try decodeInteger(field, Self.self) }
}

extension Int: PostgresElement {
    package static var postgresType: PostgresType { .int8 }
    package static var postgresArrayType: PostgresType { .int8Array }
    package init(postgres field: PostgresField?, type: PostgresType) throws(PostgresError) { self = try decodeInteger(field, Self.self) }
}

extension Bool: PostgresElement {
    package static var postgresType: PostgresType { .boolean }
    package static var postgresArrayType: PostgresType { .booleanArray }
    package func encode(to bytes: inout [UInt8]) { bytes.append(self ? 1 : 0) }
    package init(postgres field: PostgresField?, type: PostgresType) throws(PostgresError) {
        self = try Self.unwrap(field, size: 1)[0] != 0
    }
}

extension Double: PostgresElement {
    package static var postgresType: PostgresType { .float8 }
    package static var postgresArrayType: PostgresType { .float8Array }
    package func encode(to bytes: inout [UInt8]) { bitPattern.appendBigEndian(to: &bytes) }
    package init(postgres field: PostgresField?, type: PostgresType) throws(PostgresError) {
        self = Double(bitPattern: UInt64(bigEndianBytes: try Self.unwrap(field, size: 8)))
    }
}

extension String: PostgresElement {
    package static var postgresType: PostgresType { .text }
    package static var postgresArrayType: PostgresType { .textArray }
    package func encode(to bytes: inout [UInt8]) { bytes.append(contentsOf: utf8) }
    package init(postgres field: PostgresField?, type: PostgresType) throws(PostgresError) {
        self.init(decoding: try Self.unwrap(field), as: UTF8.self)
    }
}

extension Optional: PostgresEncodable where Wrapped: PostgresEncodable {
    package static var postgresType: PostgresType { Wrapped.postgresType }
    package var isNull: Bool { self == nil }
    package func encode(to bytes: inout [UInt8]) { self?.encode(to: &bytes) }
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
    package init(postgres field: PostgresField?, type: PostgresType) throws(PostgresError) {
        self = field == nil ? nil : try Wrapped(postgres: field, type: type)
    }
}

extension Optional: PostgresElement where Wrapped: PostgresElement {
    package static var postgresArrayType: PostgresType { Wrapped.postgresArrayType }
}
