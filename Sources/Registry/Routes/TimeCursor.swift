package import FoundationEssentials
package import HTTP
package import Postgres

/// Where a list in the order of time goes on: after this entry, which a moment and a request id tell from all others.
package struct TimeCursor: Hashable, Sendable {
    package let at: Timestamp
    package let requestID: UUID

    package init(at: Timestamp, requestID: UUID) {
        self.at = at
        self.requestID = requestID
    }

    /// Microseconds since 1970, an underscore, the request id.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count == 2, let microseconds = Int64(parts[0]), let id = UUID(uuidString: String(parts[1])) else { return nil }
        self.init(at: Timestamp(microseconds: microseconds), requestID: id)
    }

    package var text: String { "\(at.microseconds)_\(requestID.uuidString.lowercased())" }

    /// Up to 18 digits, so that all of them are an `Int64`.
    package static let schema = Schema.string(
        38...55,
        pattern: Pattern("^[0-9]{1,18}_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$") { text in
            let parts = text.split(separator: 0x5F, omittingEmptySubsequences: false)
            guard parts.count == 2, (1...18).contains(parts[0].count), parts[1].count == 36 else { return false }
            let isHyphen = { (index: Int) in [8, 13, 18, 23].contains(index) }
            return parts[0].allSatisfy { (0x30...0x39).contains($0) }
                && parts[1].enumerated().allSatisfy { index, byte in
                    isHyphen(index) ? byte == 0x2D : (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
                }
        })
}
