import FoundationEssentials

/// JSON as this API writes and reads it: Foundation's coders, behind `JSONValidator` when bytes come from outside.
package enum JSON {
    // Shared: a coder that is never changed after it was made may be used from every thread.
    private static let encoder: JSONEncoder = {
        let encoder = JSONEncoder()
        // Sorted, so that the same value has the same bytes in every process.
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        return encoder
    }()
    private static let decoder = JSONDecoder()

    package static func encode(_ value: some Encodable) throws -> [UInt8] {
        Array(try encoder.encode(value))
    }

    package static func decode<T: Decodable>(_ type: T.Type, from bytes: [UInt8]) throws -> T {
        try decoder.decode(type, from: Data(bytes))
    }
}
