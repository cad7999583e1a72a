import FoundationEssentials
import MemberCode
import Postgres
import Registry
import Runtime

/// One decision of a controller on its way to be recorded, its code checked.
package struct JournalEntry: Sendable {
    /// A controller's clock and ours may differ by so much: 120 seconds. Beyond, what it says it opened for an authentic code was no code
    /// of that time.
    static let toleranceSeconds: Int64 = 120

    let scan: AccessScan
    /// The number of the card shown.
    let cardID: Int64?
    let memberID: Int64?
    /// What the code is refused for here, whatever the controller did.
    let codeReason: AccessReason?
    let kind: ScanCredentialKind
    let isOpen: Bool
    let reasons: [String]
    let relayMilliseconds: Int32

    /// Checks a decision's code as it was at its time.
    /// - Returns: nil when the entry contradicts itself: open for reasons, or shut for none.
    init?(
        _ entry: JournalBody.Entry, device: ID<Device>, accessPoint: ID<AccessPoint>, codes: MemberCodeVerifier, cards: MemberCardVerifier
    ) {
        guard let requestID = UUID(uuidString: entry.requestId), let said = Timestamp(dateTime: entry.occurredAt) else {
            preconditionFailure("the schema lets only uuids and times through")
        }
        guard entry.open == entry.reasons.isEmpty else { return nil }
        let verdict = codes.verify(entry.code, nowMicroseconds: said.microseconds)
        let occurredAt = entry.isTimeUncertain == true && entry.open ? Self.within(verdict, said) : said
        scan = AccessScan(
            requestID: requestID, deviceID: device, accessPointID: accessPoint, direction: entry.direction, occurredAt: occurredAt,
            code: entry.code, verdict: verdict)
        isOpen = entry.open
        reasons = entry.reasons
        relayMilliseconds = entry.relayMilliseconds
        if entry.code.hasPrefix("WC") {
            kind = .card
            (memberID, cardID, codeReason) = Self.card(cards.verify(entry.code, nowMicroseconds: occurredAt.microseconds))
        } else {
            kind = entry.code.hasPrefix("WS") ? .memberCode : .number
            (memberID, cardID) = (scan.memberID?.rawValue, nil)
            codeReason = Self.reason(scan.codeReason, verdict, occurredAt)
        }
    }

    /// A code that opened was shown while it was valid: that bounds a time that nobody knows better.
    private static func within(_ verdict: MemberCodeVerdict, _ time: Timestamp) -> Timestamp {
        switch verdict {
        case .expired(let code), .fromFuture(let code), .valid(let code):
            let first = Int64(code.issuedAtSeconds) * 1_000_000
            return Timestamp(microseconds: min(max(time.microseconds, first), code.expiresAtSeconds * 1_000_000))
        case .malformed, .unknownKey, .forged: return time
        }
    }

    private static func reason(_ found: AccessReason?, _ verdict: MemberCodeVerdict, _ time: Timestamp) -> AccessReason? {
        let seconds = time.microseconds / 1_000_000
        return switch verdict {
        case .expired(let code): seconds > code.expiresAtSeconds + toleranceSeconds ? .codeExpired : nil
        case .fromFuture(let code): seconds < Int64(code.issuedAtSeconds) - toleranceSeconds ? .codeFromFuture : nil
        case .valid: nil
        case .malformed, .unknownKey, .forged: found
        }
    }

    private static func card(_ verdict: MemberCardVerdict) -> (Int64?, Int64?, AccessReason?) {
        switch verdict {
        case .valid(let card): (card.memberID, card.cardID, nil)
        case .expired(let card): (card.memberID, card.cardID, .cardExpired)
        case .fromFuture(let card): (card.memberID, card.cardID, .codeFromFuture)
        case .malformed: (nil, nil, .codeMalformed)
        case .unknownKey: (nil, nil, .codeUnknownKey)
        case .forged: (nil, nil, .codeForged)
        }
    }
}
