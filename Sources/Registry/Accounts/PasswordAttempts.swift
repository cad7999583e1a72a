import Postgres
import Runtime

/// Counts the passwords that are given for a name, so that guessing stays hopeless and nobody locks another person out.
///
/// From where nobody signed in under the name within 90 days, all who try share 30 attempts an hour and 100 a day: a stranger who uses them
/// up shuts out other strangers. Where the name was signed in from before (its five latest addresses), attempts count by name and address
/// alone, 5 a minute and 20 an hour, whatever happens elsewhere. So a name can be tried 100 times a day from anywhere, plus 480 times from
/// each address that its owner uses by those who sit behind it: 2,500 a day at worst, and 100 where the owner's addresses are the owner's.
/// Who guesses as often as that for a year tries fewer than a million passwords, none of which is a common one. (OWASP's device cookies,
/// with the address for the cookie; NIST SP 800-63B, 5.2.2.)
///
/// An owner at a new address, while somebody guesses, gets in by an invitation, which no guess at a password counts against.
struct PasswordAttempts: Sendable {
    let attempts: AttemptStore
    let limits: AttemptLimits

    /// How long an address counts as one of the name's.
    static let originDays = 90
    /// How many addresses are kept of a name.
    static let originsMax = 5

    /// An attempt that was counted.
    struct Taken: Sendable {
        fileprivate let attempts: [Attempt]
        fileprivate let origin: Origin
    }

    /// Whose attempt it is and from where, as the tables know it.
    fileprivate struct Origin: Sendable {
        let subject: [UInt8]
        let nameSubject: [UInt8]
    }

    enum Outcome: Sendable {
        case taken(Taken)
        case wait(seconds: Int)
    }

    /// Counts an attempt before the password is looked at: so guesses at one moment are counted one by one.
    /// - Parameter address: the subscriber's, empty for one that is not known.
    func take(name: String, address: [UInt8]) async throws(PostgresError) -> Outcome {
        let nameBytes = Array(name.utf8)
        let nameAtAddress = nameBytes + [0] + address
        let origin = Origin(subject: limits.subject(nameAtAddress), nameSubject: limits.subject(nameBytes))
        var asked =
            limits.attempts(limits.passwordsOfNameAtAddress, of: nameAtAddress) + limits.attempts(limits.passwordsOfAddress, of: address)
        if try await !attempts.isOrigin(origin.subject, days: Self.originDays) {
            asked += limits.attempts(limits.passwordsOfName, of: nameBytes)
        }
        if let seconds = try await attempts.take(asked, in: attempts.database) { return .wait(seconds: seconds) }
        return .taken(Taken(attempts: asked, origin: origin))
    }

    /// The password was not looked at: it was no attempt.
    func giveBack(_ taken: Taken, in querying: (any Querying)? = nil) async throws(PostgresError) {
        try await attempts.giveBack(taken.attempts, in: querying ?? attempts.database)
    }

    /// The password was right: no attempt, and the address is one of the name's from now on.
    func succeed(_ taken: Taken, in querying: any Querying) async throws(PostgresError) {
        try await giveBack(taken, in: querying)
        try await attempts.remember(taken.origin.subject, ofName: taken.origin.nameSubject, atMost: Self.originsMax, in: querying)
    }
}
