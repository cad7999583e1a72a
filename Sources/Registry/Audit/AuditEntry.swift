import Crypto
package import Postgres
package import Runtime

/// One row of the audit: who did what to what, and when.
package struct AuditEntry: Hashable, Sendable {
    package var id: ID<AuditEntry>
    package var chainID: Int16
    /// The number of the transaction that wrote it.
    package var transactionID: Int64
    package var occurredAt: Timestamp
    package var actor: String
    package var action: String
    package var subject: String
    package var organizationID: ID<Organization>?
    package var requestID: String?
    /// A JSON object of texts with its keys in order.
    package var details: String

    /// The hash of the link at `position` that holds this entry.
    ///
    /// Every field goes in with its length or in eight bytes, and with a mark where it may be absent, so that no two entries have the same
    /// bytes.
    func hash(at position: Int64, after previous: [UInt8]) -> [UInt8] {
        var bytes = CanonicalBytes("waystation audit entry 1")
        bytes.append(Int64(chainID))
        bytes.append(position)
        bytes.append(id.rawValue)
        bytes.append(transactionID)
        bytes.append(occurredAt.microseconds)
        bytes.append(actor)
        bytes.append(action)
        bytes.append(subject)
        bytes.append(organizationID.map(\.description))
        bytes.append(requestID)
        bytes.append(details)
        bytes.append(previous)
        return SHA256.hash(bytes.bytes)
    }

    /// What stands before the first link of a chain.
    static func origin(of chainID: Int16) -> [UInt8] {
        var bytes = CanonicalBytes("waystation audit chain 1")
        bytes.append(Int64(chainID))
        return SHA256.hash(bytes.bytes)
    }
}

/// Fields side by side, none of which can run into the next.
struct CanonicalBytes {
    private(set) var bytes: [UInt8]

    /// - Parameter domain: what the bytes are, so that a hash or a signature of one kind is never one of another.
    init(_ domain: String) {
        bytes = Array(domain.utf8) + [0]
    }

    mutating func append(_ number: Int64) {
        withUnsafeBytes(of: number.bigEndian) { bytes += $0 }
    }

    mutating func append(_ field: [UInt8]) {
        append(Int64(field.count))
        bytes += field
    }

    mutating func append(_ text: String) { append(Array(text.utf8)) }

    mutating func append(_ text: String?) {
        bytes.append(text == nil ? 0 : 1)
        if let text { append(text) }
    }
}
