import Crypto
package import FoundationEssentials
package import MemberCode
package import Postgres
package import Registry
package import Runtime

/// One scan at a door, its code checked, on its way to the decision.
package struct AccessScan: Sendable {
    /// Made by the device, a UUIDv7 by habit; unique within the station.
    package let requestID: UUID
    package let deviceID: ID<Device>
    package let accessPointID: ID<AccessPoint>
    package let direction: AccessDirection
    /// When the device says it happened.
    package let occurredAt: Timestamp
    /// Whose code it is; nil when it is not authentic.
    package let memberID: ID<Member>?
    /// Orders the codes of a member by issue; nil when it is not authentic.
    package let codeSequence: Int64?
    /// What the code itself is refused for.
    package let codeReason: AccessReason?
    /// Tells a repeat from another scan under the same request id: SHA-256, cut to 16 bytes, of all the device said.
    package let fingerprint: [UInt8]

    /// - Parameters:
    ///   - code: as read from the screen or card; kept only as part of the fingerprint.
    ///   - verdict: what the check of `code` found.
    package init(
        requestID: UUID, deviceID: ID<Device>, accessPointID: ID<AccessPoint>, direction: AccessDirection, occurredAt: Timestamp,
        code: String, verdict: MemberCodeVerdict
    ) {
        self.requestID = requestID
        self.deviceID = deviceID
        self.accessPointID = accessPointID
        self.direction = direction
        self.occurredAt = occurredAt
        let (known, reason): (MemberCode?, AccessReason?) =
            switch verdict {
            case .valid(let code): (code, nil)
            case .expired(let code): (code, .codeExpired)
            case .fromFuture(let code): (code, .codeFromFuture)
            case .malformed: (nil, .codeMalformed)
            case .unknownKey: (nil, .codeUnknownKey)
            case .forged: (nil, .codeForged)
            }
        memberID = known.map { ID($0.memberID) }
        codeSequence = known?.sequence
        codeReason = reason
        var said: [UInt8] = [direction == .inward ? 0 : 1]
        for number in [accessPointID.rawValue, occurredAt.microseconds] {
            for shift in stride(from: 56, through: 0, by: -8) { said.append(UInt8(truncatingIfNeeded: number >> Int64(shift))) }
        }
        said.append(contentsOf: code.utf8)
        fingerprint = Array(SHA256.hash(said).prefix(16))
    }
}
