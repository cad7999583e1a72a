import Crypto
import HTTP
import Runtime

/// How often something may be tried: `count` times within any `seconds`.
struct AttemptLimit: Hashable, Sendable {
    /// What is counted, in the table and nowhere else: `sign_in_code.number.minute`.
    let kind: String
    /// 1 to 1,000: the moments of so many attempts are kept.
    let count: Int
    let seconds: Int

    init(_ kind: String, _ count: Int, within seconds: Int) {
        self.kind = kind
        self.count = count
        self.seconds = seconds
    }
}

/// An attempt as the table counts it: a limit and whose it is, which only the holder of the key file can tell.
struct Attempt: Hashable, Sendable {
    let limit: AttemptLimit
    let subject: [UInt8]
}

/// Every limit there is, and the names under which attempts are counted.
///
/// Addresses have wide limits: a mobile operator puts thousands of phones behind one. A name has tight ones together with an address, and
/// wide ones alone, which do not count where the name was signed in from before: see `PasswordAttempts`.
struct AttemptLimits: Sendable {
    /// Who asks for codes of another's number shuts out themselves, not its owner.
    var codesOfNumberAtAddress = [
        AttemptLimit("sign_in_code.number_address.hour", 5, within: 3_600),
        AttemptLimit("sign_in_code.number_address.day", 10, within: 86_400),
    ]
    var codesOfNumber = [
        AttemptLimit("sign_in_code.number.minute", 1, within: 60), AttemptLimit("sign_in_code.number.hour", 15, within: 3_600),
        AttemptLimit("sign_in_code.number.day", 40, within: 86_400),
    ]
    var codesOfAddress = [
        AttemptLimit("sign_in_code.address.minute", 30, within: 60), AttemptLimit("sign_in_code.address.hour", 300, within: 3_600),
    ]
    /// Of the whole service: what its messages may cost at worst.
    var codesOverall = [AttemptLimit("sign_in_code.overall.minute", 600, within: 60)]
    var memberSignInsOfAddress = [AttemptLimit("member_sign_in.address", 60, within: 600)]

    var passwordsOfNameAtAddress = [
        AttemptLimit("password.name_address.minute", 5, within: 60), AttemptLimit("password.name_address.hour", 20, within: 3_600),
    ]
    var passwordsOfName = [
        AttemptLimit("password.name.hour", 30, within: 3_600), AttemptLimit("password.name.day", 100, within: 86_400),
    ]
    var passwordsOfAddress = [AttemptLimit("password.address", 60, within: 600)]
    var pairingsOfAddress = [AttemptLimit("device_pairing.address", 60, within: 600)]
    var invitationsOfAddress = [AttemptLimit("invitation.address", 30, within: 600)]

    var unmaskings = [AttemptLimit("unmask.account.hour", 30, within: 3_600)]

    private let key: HMACKey

    init(_ keys: Keys) {
        key = HMACKey(HKDF.derive(secret: keys.blindIndexSecret, info: Array("waystation attempt".utf8), count: 32))
    }

    /// Attempts of what `bytes` names. The same bytes under another list are counted apart, for the kinds differ.
    func attempts(_ limits: [AttemptLimit], of bytes: [UInt8]) -> [Attempt] {
        let subject = subject(bytes)
        return limits.map { Attempt(limit: $0, subject: subject) }
    }

    /// As the tables know what `bytes` names, 32 bytes.
    func subject(_ bytes: [UInt8]) -> [UInt8] { key.authenticate(bytes) }

    /// Attempts of what `bytes` names from where a request comes from.
    func attempts(_ limits: [AttemptLimit], of bytes: [UInt8], from request: Request) -> [Attempt] {
        attempts(limits, of: bytes + [0] + (request.clientAddress?.subscriber.bytes ?? []))
    }

    /// Those of where a request comes from. Requests from nowhere are counted together.
    func attempts(_ limits: [AttemptLimit], from request: Request) -> [Attempt] {
        attempts(limits, of: request.clientAddress?.subscriber.bytes ?? [])
    }
}
