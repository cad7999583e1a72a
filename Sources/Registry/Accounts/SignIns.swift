import Crypto
package import HTTP
import MemberCode
import Postgres
import Runtime
package import Scheduler

/// How people get in and what they may: members by their phone, organizers by a password; accounts, roles, sessions, and personal data
/// in clear.
package struct SignIns: Sendable {
    /// What it is built on.
    struct Foundation: Sendable {
        let database: Database
        let keys: Keys
        let members: MemberStore
        let organizations: OrganizationStore
        let accounts: AccountStore
        let memberSessions: MemberSessionStore
        let idempotency: IdempotencyStore
        let audit: AuditStore
        let outbox: OutboxStore
        let authenticator: RegistryAuthenticator
        let clock: Clock
        let log: Log
        /// Of a demo only: messages stand in the log.
        let showsMessages: Bool
    }

    package let accountSessions: AccountSessionStore
    package let routes: [Route]
    package let jobs: [Job]
    let codes: SignInCodeStore
    let attempts: AttemptStore
    let limits: AttemptLimits
    let passwords: PasswordHasher
    private let audit: AuditStore

    init(_ base: Foundation) {
        let attempts = AttemptStore(database: base.database, clock: base.clock)
        let codes = SignInCodeStore(database: base.database, clock: base.clock, keys: base.keys)
        let limits = AttemptLimits(base.keys)
        let passwords = PasswordHasher(base.keys)
        let codeKey = HMACKey(HKDF.derive(secret: base.keys.blindIndexSecret, info: Array("waystation invitation".utf8), count: 32))
        let sessions = AccountSessionStore(database: base.database, codeKey: codeKey)
        self.attempts = attempts
        self.limits = limits
        self.codes = codes
        self.passwords = passwords
        accountSessions = sessions
        routes =
            MemberSignInRoutes(
                members: base.members, codes: codes, sessions: base.memberSessions, attempts: attempts, limits: limits,
                idempotency: base.idempotency
            ).all
            + MeRoutes(
                members: base.members, organizations: base.organizations, sessions: base.memberSessions,
                issuer: MemberCodeIssuer(base.keys), clock: base.clock, authenticator: base.authenticator
            ).all
            + AccountAdministrationRoutes(
                accounts: base.accounts, sessions: sessions,
                administration: AccountAdministration(accounts: base.accounts, organizations: base.organizations), passwords: passwords,
                idempotency: base.idempotency, audit: base.audit, authenticator: base.authenticator
            ).all
            + AccountSessionRoutes(
                accounts: base.accounts, sessions: sessions, passwords: passwords,
                passwordAttempts: PasswordAttempts(attempts: attempts, limits: limits), attempts: attempts, limits: limits,
                idempotency: base.idempotency, audit: base.audit, authenticator: base.authenticator
            ).all
            + SignOutRoutes(members: base.memberSessions, accounts: sessions, authenticator: base.authenticator).all
            + UnmaskRoutes(members: base.members, attempts: attempts, limits: limits, audit: base.audit).all
        let messages = SignInMessages(
            database: base.database, codes: codes, attempts: attempts, members: base.members, outbox: base.outbox,
            isShown: base.showsMessages, log: base.log)
        jobs = [Job("sign_in_codes.send", every: .seconds(1)) { try await messages.run() ? .more : .idle }]
        audit = base.audit
    }

    /// Why a password was not set.
    package enum PasswordRefusal: Error, CustomStringConvertible {
        case rule(String)
        case accountUnknown

        package var description: String {
            switch self {
            case .rule(let sentence): sentence
            case .accountUnknown: "there is no such account, or it is disabled"
            }
        }
    }

    /// Whether the rules allow the password for an account of this name.
    package static func check(_ password: String, ofAccount name: String) throws(PasswordRefusal) {
        if let fault = PasswordRules.fault(password, accountName: name) { throw .rule(fault.violation.detail.en) }
    }

    /// Sets the password of the account called `name` without knowing the one before, and ends what was signed in; for the command line.
    /// - Throws: `PasswordRefusal` among others.
    package func setPassword(_ password: String, ofAccount name: String) async throws {
        try Self.check(password, ofAccount: name)
        guard let login = try await accountSessions.login(name: name) else { throw PasswordRefusal.accountUnknown }
        let hash = try await passwords.hash(password)
        try await accountSessions.database.transaction { (transaction) async throws(PostgresError) in
            try await accountSessions.setPassword(hash, of: login.accountID, in: transaction)
            try await accountSessions.endSignedIn(of: login.accountID, but: nil, in: transaction)
            try await audit.record(
                "account.password_set", subject: "account:\(login.accountID)", organization: nil, actor: "command:owner.create",
                in: transaction)
        }
    }
}
