import HTTP
import Postgres
import Runtime
import Scheduler

/// What the registry knows of persons beyond their membership: attributes, consents, duplicates, their own data and its end.
package struct Persons: Sendable {
    package let attributes: MemberAttributeStore
    package let consents: MemberConsentStore
    package let duplicates: MemberDuplicateStore
    let comparison: MemberComparisonStore
    let routes: [Route]
    let jobs: [Job]

    /// What the registry's parts are built upon.
    struct Foundation: Sendable {
        let database: Database
        let members: MemberStore
        let organizations: OrganizationStore
        let audit: AuditStore
        let outbox: OutboxStore
        let idempotency: IdempotencyStore
        let authenticator: RegistryAuthenticator
        let clock: Clock
        let log: Log
    }

    init(_ foundation: Foundation) {
        let (members, audit, idempotency) = (foundation.members, foundation.audit, foundation.idempotency)
        attributes = MemberAttributeStore(database: foundation.database)
        consents = MemberConsentStore(database: foundation.database)
        duplicates = MemberDuplicateStore(database: foundation.database, members: members)
        comparison = MemberComparisonStore(database: foundation.database, vault: members.vault)
        routes =
            MemberAttributeRoutes(
                members: members, attributes: attributes, audit: audit, idempotency: idempotency, clock: foundation.clock
            ).all
            + RegisterCheckRoutes(
                members: members, attributes: attributes, audit: audit, idempotency: idempotency, clock: foundation.clock
            ).all
            + ConsentRoutes(members: members, consents: consents, audit: audit, idempotency: idempotency).all
            + DuplicateRoutes(
                members: members, duplicates: duplicates, audit: audit, outbox: foundation.outbox, idempotency: idempotency,
                authenticator: foundation.authenticator
            ).all
        jobs = comparison.jobs
    }
}
