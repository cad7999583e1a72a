import Crypto
package import Postgres
package import Runtime

/// Somebody who scanned a join code, after the checks that need no database.
package struct JoinRequest: Sendable {
    let code: JoinCode
    let person: PersonalData
    let workerKind: WorkerKind
    let employmentForm: EmploymentForm
    let consents: Set<ConsentPurpose>
    let secretDigest: [UInt8]
    /// Of the Idempotency-Key; nil without one.
    let requestDigest: [UInt8]?
    /// Keyed digest of the body: the same key with another body is another request.
    let fingerprint: [UInt8]?
}

/// What the database decided.
package enum JoinOutcome: Sendable {
    package struct Receipt: Sendable {
        package let applicationID: ID<MemberApplication>
        package let organizationID: ID<Organization>
        package let memberID: ID<Member>
        package let state: ApplicationState
        package let submittedAt: Timestamp
        package let rejectReason: String?
    }

    case accepted(Receipt)
    /// The same request made this application before.
    case repeated(Receipt)
    /// The request's key was used for another body.
    case conflict
    /// Somebody has the national id.
    case exists(ID<Member>)
    case codeUnknown, codeEnded, organizationClosed
}

/// Makes what an applicant shows afterwards: 32 bytes that follow from the request's own key, so that who repeats a request whose answer
/// was lost gets the same secret, although only its digest is kept.
struct JoinSecrets: Sendable {
    struct Made: Sendable {
        let secret: BearerToken
        let requestDigest: [UInt8]?
        let fingerprint: [UInt8]?
    }

    private let key: HMACKey

    init(_ keys: Keys) {
        key = HMACKey(HKDF.derive(secret: keys.blindIndexSecret, info: Array("waystation join secret".utf8), count: 32))
    }

    /// - Parameter idempotencyKey: as the client chose it, for this join code.
    func make(_ code: JoinCode, idempotencyKey: String?, body: [UInt8]) -> Made {
        guard let idempotencyKey else { return Made(secret: .random(.application), requestDigest: nil, fingerprint: nil) }
        let requestDigest = key.authenticate(Array("request|\(code.text)|\(idempotencyKey)".utf8))
        let fingerprint = key.authenticate(Array("body|".utf8) + body)
        let secret = key.authenticate(Array("secret|".utf8) + requestDigest + fingerprint)
        return Made(secret: .derived(.application, from: secret), requestDigest: requestDigest, fingerprint: fingerprint)
    }
}
