package import Crypto
package import HTTP
import MemberCode
package import Postgres
package import Runtime
package import Scheduler

/// The registry's face: organizations, members, imports, accounts, devices.
package struct Registry: Sendable {
    package let organizations: OrganizationStore
    package let joining: Joining
    package let members: MemberStore
    package let imports: MemberImportStore
    package let importer: MemberImporter
    package let accounts: AccountStore
    package let devices: DeviceStore
    package let idempotency: IdempotencyStore
    package let memberSessions: MemberSessionStore
    package let audit: AuditStore
    package let outbox: OutboxStore
    package let signIns: SignIns
    package let auditChains: AuditChainStore
    package let auditDigest: AuditDigest
    package let webhooks: Webhooks
    package let persons: Persons
    /// What waits for organizers; features add theirs.
    package let decisions = OpenDecisions()
    package let authenticator: RegistryAuthenticator
    package let routes: [Route]
    package let jobs: [Job]

    /// - Parameters:
    ///   - loops: those that serve requests.
    ///   - clock: of member codes and birth dates.
    ///   - joinLimits: how much an address may submit without an account.
    ///   - showsMessages: of a demo only: messages to phones stand in the log, too.
    package init(
        database: Database, keys: Keys, loops: [EventLoop], clock: Clock = Clock(), log: Log = .silent,
        settings: RegistrySettings = RegistrySettings(), joinLimits: SubmissionLimiter.Limits = SubmissionLimiter.Limits(),
        showsMessages: Bool = false
    ) {
        organizations = OrganizationStore(database: database)
        members = MemberStore(
            database: database, vault: PersonalDataVault(keys), clockOffsetMicroseconds: clock.offsetMicroseconds)
        imports = MemberImportStore(database: database)
        importer = MemberImporter(
            database: database, members: members, organizations: organizations, imports: imports,
            applications: ApplicationStore(
                database: database, members: members, clockOffsetMicroseconds: clock.offsetMicroseconds), keys: keys, clock: clock, log: log
        )
        accounts = AccountStore(database: database)
        let codeKey = HMACKey(HKDF.derive(secret: keys.blindIndexSecret, info: Array("waystation pairing code".utf8), count: 32))
        devices = DeviceStore(database: database, codeKey: codeKey)
        idempotency = IdempotencyStore(database: database, keys: keys)
        memberSessions = MemberSessionStore(database: database)
        audit = AuditStore()
        outbox = OutboxStore(keys)
        auditChains = AuditChainStore(database: database, key: AuditSeal.key(keys))
        auditDigest = AuditDigest(keys)
        webhooks = Webhooks(
            database: database, keys: keys, idempotency: idempotency, audit: audit, clock: clock, settings: settings)
        authenticator = RegistryAuthenticator(accounts: accounts, devices: devices, memberSessions: memberSessions, loops: loops)
        signIns = SignIns(
            SignIns.Foundation(
                database: database, keys: keys, members: members, organizations: organizations, accounts: accounts,
                memberSessions: memberSessions, idempotency: idempotency, audit: audit, outbox: outbox, authenticator: authenticator,
                clock: clock, log: log, showsMessages: showsMessages))
        let sealing = AuditSealing(auditChains, checkpoints: settings.auditCheckpoints.map(AuditCheckpointFile.init(path:)))
        persons = Persons(
            Persons.Foundation(
                database: database, members: members, organizations: organizations, audit: audit, outbox: outbox, idempotency: idempotency,
                authenticator: authenticator, clock: clock, log: log))
        joining = Joining(
            Joining.Foundation(
                database: database, keys: keys, organizations: organizations, members: members, audit: audit, outbox: outbox,
                idempotency: idempotency, clock: clock),
            limits: joinLimits)
        joining.add(to: persons.sections, members: members)
        decisions.add(RegistryDecisionStore.all)
        let idempotency = idempotency
        jobs =
            [sealing.job] + webhooks.jobs
            + signIns.jobs
            + persons.jobs
            + joining.jobs
            + [Job("registry.purge", every: .seconds(600)) { try await idempotency.purge(limit: 5_000) == 5_000 ? .more : .idle }]
        routes =
            joining.routes
            + MemberRoutes(members: members, outbox: outbox, idempotency: idempotency, clock: clock).all
            + MemberCodeRoutes(members: members, issuer: MemberCodeIssuer(keys), clock: clock).all
            + MemberImportRoutes(imports: imports, importer: importer).all
            + QRPictureRoutes().all
            + DeviceRoutes(
                devices: devices, organizations: organizations, idempotency: idempotency, authenticator: authenticator,
                attempts: signIns.attempts, limits: signIns.limits
            ).all
            + OwnDeviceRoutes(devices: devices, organizations: organizations, keys: keys, clock: clock).all
            + AccountRoutes(accounts: accounts, devices: devices).all
            + signIns.routes
            + AuditRoutes(database: database, chains: auditChains).all
            + webhooks.routes
            + JobRoutes(
                database: database, jobs: QueuedJobStore(database, clockOffsetMicroseconds: clock.offsetMicroseconds), audit: audit
            ).all
            + persons.routes
            + OpenDecisionRoutes(store: OpenDecisionStore(database: database), decisions: decisions, clock: clock).all
    }
}
