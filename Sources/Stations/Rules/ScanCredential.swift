package import MemberCode
package import Registry
package import Runtime

/// By what a member asks at a door.
package enum ScanCredential: Sendable {
    /// The rotating code, as read, and what its check found.
    case memberCode(String, MemberCodeVerdict)
    /// A printed card: what is on it as a keyed digest of 32 bytes, and the PIN typed with it, if any, as another.
    case card(digest: [UInt8], pinDigest: [UInt8]?)
    /// The number of an NFC or ID card.
    case number(digest: [UInt8], pinDigest: [UInt8]?)
    /// A day code handed out by an organizer; with what it is refused for when it can be none.
    case dayCode(digest: [UInt8], refusal: AccessReason? = nil)
    /// The door's own code, asked with by a member who has signed in; and what that code is refused for, if it is.
    case doorCode(ID<Member>, code: String, refusal: AccessReason?)

    /// As in `access_event.credential_kind`.
    package var kind: ScanCredentialKind {
        switch self {
        case .memberCode: .memberCode
        case .card: .card
        case .number: .number
        case .dayCode: .dayCode
        case .doorCode: .doorCode
        }
    }

    /// What `access_credential` knows it by; nil for codes that need no row.
    var digest: [UInt8]? {
        switch self {
        case .card(let digest, _), .number(let digest, _), .dayCode(let digest, _): digest
        case .memberCode, .doorCode: nil
        }
    }

    var pinDigest: [UInt8]? {
        switch self {
        case .card(_, let pin), .number(_, let pin): pin
        case .memberCode, .dayCode, .doorCode: nil
        }
    }

    /// All that was said, for the fingerprint; a member code is said as it is.
    var said: [UInt8] {
        switch self {
        case .memberCode(let code, _): Array(code.utf8)
        case .card(let digest, let pin), .number(let digest, let pin): Array(kind.rawValue.utf8) + digest + (pin ?? [])
        case .dayCode(let digest, _): Array(kind.rawValue.utf8) + digest
        case .doorCode(let member, let code, _): Array("\(kind.rawValue) \(member) \(code)".utf8)
        }
    }
}

/// What kind of thing opened a door, or did not.
package enum ScanCredentialKind: String, Codable, CaseIterable, Sendable {
    case memberCode = "member_code"
    case card
    case number
    case dayCode = "day_code"
    case doorCode = "door_code"
}

/// Who decided about a scan.
package enum AccessDecider: String, Codable, CaseIterable, Sendable {
    case server
    /// The door's controller, while it was alone.
    case controller
    /// The automatic exit of those who never scanned out.
    case nightly
}
