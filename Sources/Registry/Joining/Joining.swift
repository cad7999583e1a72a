import Crypto
package import HTTP
import MemberCode
import Postgres
import Runtime
package import Scheduler

/// How people come to an organization, move and leave: profiles and join codes of organizations, applications, transfers, memberships.
package struct Joining: Sendable {
    /// What the registry lends.
    package struct Foundation: Sendable {
        let database: Database
        let keys: Keys
        let organizations: OrganizationStore
        let members: MemberStore
        let audit: AuditStore
        let outbox: OutboxStore
        let idempotency: IdempotencyStore
        let clock: Clock
    }

    package let profiles: OrganizationProfileStore
    package let codes: JoinCodeStore
    package let joins: JoinStore
    package let applications: ApplicationStore
    package let transfers: TransferStore
    package let routes: [Route]
    package let jobs: [Job]

    /// - Parameter limits: how much an address may submit without an account.
    init(_ lent: Foundation, limits: SubmissionLimiter.Limits) {
        let (database, members, clock) = (lent.database, lent.members, lent.clock)
        let offset = clock.offsetMicroseconds
        let profiles = OrganizationProfileStore(database: database, clockOffsetMicroseconds: offset)
        let codes = JoinCodeStore(database: database)
        let joins = JoinStore(database, vault: members.vault, clock: clock)
        let applications = ApplicationStore(database: database, members: members, clockOffsetMicroseconds: offset)
        let store = TransferStore(database: database, members: members, clockOffsetMicroseconds: offset)
        let transfers = Transfers(store: store, organizations: lent.organizations, audit: lent.audit, outbox: lent.outbox)
        self.profiles = profiles
        self.codes = codes
        self.joins = joins
        self.applications = applications
        self.transfers = store
        jobs = [transfers.job]
        routes =
            OrganizationRoutes(
                organizations: lent.organizations, profiles: profiles, audit: lent.audit, idempotency: lent.idempotency, clock: clock
            ).all
            + JoinCodeRoutes(
                organizations: lent.organizations, profiles: profiles, codes: codes, audit: lent.audit, idempotency: lent.idempotency
            ).all
            + HoldingReportRoutes(
                organizations: lent.organizations, reports: HoldingReportStore(database: database, clockOffsetMicroseconds: offset)
            ).all
            + JoinRoutes(
                joins: joins, codes: codes, applications: applications, members: members, outbox: lent.outbox, audit: lent.audit,
                idempotency: lent.idempotency, secrets: JoinSecrets(lent.keys), limiter: SubmissionLimiter(limits, clock: clock),
                issuer: MemberCodeIssuer(lent.keys), clock: clock
            ).all
            + ApplicationRoutes(
                applications: applications, members: members, audit: lent.audit, outbox: lent.outbox, idempotency: lent.idempotency
            ).all
            + TransferRoutes(transfers: transfers, codes: codes, idempotency: lent.idempotency).all
            + MembershipRoutes(
                members: members, organizations: lent.organizations, audit: lent.audit, outbox: lent.outbox, idempotency: lent.idempotency
            ).all
    }

    /// What a person is shown of this, and takes away.
    func add(to sections: PersonalDataSections, members: MemberStore) {
        let (applications, transfers) = (applications, transfers)
        sections.add(
            PersonalDataSection("memberships") { ids, querying in
                var all: [MembershipAnswer] = []
                for id in ids { all += try await members.memberships(of: id, in: querying).map(MembershipAnswer.init) }
                return all
            })
        sections.add(
            PersonalDataSection("transfers") { ids, querying in
                try await transfers.transfers(of: ids, in: querying).map(TransferAnswer.init)
            })
        sections.add(
            PersonalDataSection("applications") { ids, querying in
                try await applications.applications(of: ids, in: querying).map { ApplicationAnswer($0, nil) }
            })
    }
}
