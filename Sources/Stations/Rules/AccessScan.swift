package import FoundationEssentials
package import MemberCode
package import Postgres
package import Registry
package import Runtime

/// One scan at a door, its code checked, on its way to the decision.
package struct AccessScan: Sendable {
    /// Made by the device, a UUIDv7 by habit; unique within the station.
    package let requestID: UUID
    /// Nil when a member's own phone asks.
    package let deviceID: ID<Device>?
    package let accessPointID: ID<AccessPoint>
    package let direction: AccessDirection
    /// When the device says it happened, or when it was heard from a device without a clock.
    package let occurredAt: Timestamp
    package let credential: ScanCredential
    /// Whose code it is; nil when it is not authentic, and for credentials that are looked up when it is decided.
    package let memberID: ID<Member>?
    /// Orders the codes of a member by issue; nil for what has no order.
    package let codeSequence: Int64?
    /// What the code itself is refused for.
    package let codeReason: AccessReason?
    /// All the device said: tells a repeat from another scan under the same request id. See `ScanFingerprints`.
    let said: [UInt8]

    /// - Parameter saysWhen: false when `occurredAt` is not the device's word: a repeat then has another one.
    package init(
        requestID: UUID, deviceID: ID<Device>?, accessPointID: ID<AccessPoint>, direction: AccessDirection, occurredAt: Timestamp,
        saysWhen: Bool = true, credential: ScanCredential
    ) {
        self.requestID = requestID
        self.deviceID = deviceID
        self.accessPointID = accessPointID
        self.direction = direction
        self.occurredAt = occurredAt
        self.credential = credential
        (memberID, codeSequence, codeReason) =
            switch credential {
            case .memberCode(_, let verdict): Self.facts(verdict)
            case .card, .number: (nil, nil, nil)
            case .dayCode(_, let refusal): (nil, nil, refusal)
            case .doorCode(let member, _, let refusal): (member, nil, refusal)
            }
        var said: [UInt8] = [direction == .inward ? 0 : 1]
        for number in [accessPointID.rawValue, saysWhen ? occurredAt.microseconds : -1] {
            for shift in stride(from: 56, through: 0, by: -8) { said.append(UInt8(truncatingIfNeeded: number >> Int64(shift))) }
        }
        self.said = said + credential.said
    }

    /// A scan of a member code.
    /// - Parameters:
    ///   - code: as read from the screen or card; kept only as part of the fingerprint.
    ///   - verdict: what the check of `code` found.
    package init(
        requestID: UUID, deviceID: ID<Device>?, accessPointID: ID<AccessPoint>, direction: AccessDirection, occurredAt: Timestamp,
        code: String, verdict: MemberCodeVerdict
    ) {
        self.init(
            requestID: requestID, deviceID: deviceID, accessPointID: accessPointID, direction: direction, occurredAt: occurredAt,
            credential: .memberCode(code, verdict))
    }

    private static func facts(_ verdict: MemberCodeVerdict) -> (ID<Member>?, Int64?, AccessReason?) {
        let (known, reason): (MemberCode?, AccessReason?) =
            switch verdict {
            case .valid(let code): (code, nil)
            case .expired(let code): (code, .codeExpired)
            case .fromFuture(let code): (code, .codeFromFuture)
            case .malformed: (nil, .codeMalformed)
            case .unknownKey: (nil, .codeUnknownKey)
            case .forged: (nil, .codeForged)
            }
        return (known.map { ID($0.memberID) }, known?.sequence, reason)
    }
}
