package import Crypto
package import FoundationEssentials

extension UUID: PostgresElement, PostgresSequenceElement {
    package static var postgresType: PostgresType { .uuid }
    package static var postgresArrayType: PostgresType { .uuidArray }
    package func encode(to bytes: inout [UInt8]) { withUnsafeBytes(of: uuid) { bytes.append(contentsOf: $0) } }
    package init(postgres field: PostgresField?, type: PostgresType) throws(PostgresError) {
        self.init(uuid: try Self.unwrap(field, size: 16).loadUnaligned(as: uuid_t.self))
    }
}

extension UUIDv7: PostgresElement, PostgresSequenceElement {
    package static var postgresType: PostgresType { .uuid }
    package static var postgresArrayType: PostgresType { .uuidArray }
    package func encode(to bytes: inout [UInt8]) {
        high.appendBigEndian(to: &bytes)
        low.appendBigEndian(to: &bytes)
    }
    package init(postgres field: PostgresField?, type: PostgresType) throws(PostgresError) {
        guard let value = UUIDv7(bytes: [UInt8](try Self.unwrap(field, size: 16))) else {
            throw .decoding("a uuid of another version than 7")
        }
        self = value
    }
}
