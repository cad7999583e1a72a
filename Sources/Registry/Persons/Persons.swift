import HTTP
import Postgres
import Runtime
import Scheduler

/// What the registry knows of persons beyond their membership: attributes, consents, duplicates, their own data and its end.
package struct Persons: Sendable {
    package let attributes: MemberAttributeStore
    package let consents: MemberConsentStore
    package let duplicates: MemberDuplicateStore
    /// What each feature keeps of a person; features add theirs.
    package let sections = PersonalDataSections()
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
        let profiles = OrganizationProfileStore(
            database: foundation.database, clockOffsetMicroseconds: foundation.clock.offsetMicroseconds)
        let data = PersonalDataStore(database: foundation.database, members: foundation.members)
        let (members, audit, idempotency) = (foundation.members, foundation.audit, foundation.idempotency)
        attributes = MemberAttributeStore(database: foundation.database)
        consents = MemberConsentStore(database: foundation.database)
        duplicates = MemberDuplicateStore(database: foundation.database, members: members)
        let messages = MemberMessageStore(database: foundation.database)
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
                members: members, duplicates: duplicates, sections: sections, audit: audit, outbox: foundation.outbox,
                idempotency: idempotency, authenticator: foundation.authenticator
            ).all
            + OwnDataRoutes(
                members: members, organizations: foundation.organizations, data: data, sections: sections, audit: audit,
                outbox: foundation.outbox, idempotency: idempotency, authenticator: foundation.authenticator
            ).all
            + MemberMessageRoutes(messages: messages, members: members).all
            + MemberSearchRoutes(members: members).all
            + ExportRoutes(
                organizations: foundation.organizations,
                exporter: DataExporter(
                    database: foundation.database, members: members, organizations: foundation.organizations, profiles: profiles,
                    exports: DataExportStore(database: foundation.database), audit: audit)
            ).all
        jobs =
            comparison.jobs
            + [Job("registry.messages", every: .seconds(3_600)) { try await messages.purge(limit: 5_000) == 5_000 ? .more : .idle }]
        addSections(data, messages)
    }

    private func addSections(_ data: PersonalDataStore, _ messages: MemberMessageStore) {
        let (attributes, consents, duplicates) = (attributes, consents, duplicates)
        sections.add(
            PersonalDataSection("attributes") { ids, querying in
                var claims: [OwnAttribute] = []
                for id in ids { claims += try await attributes.claims(of: id, in: querying).map { OwnAttribute($0) } }
                return claims
            })
        sections.add(
            PersonalDataSection("consents") { ids, querying in
                var all: [ConsentAnswer] = []
                for id in ids { all += try await consents.history(of: id, in: querying).map(ConsentAnswer.init) }
                return all
            })
        sections.add(
            PersonalDataSection("merges") { ids, querying in
                try await duplicates.merges(ending: ids, in: querying).map(MergeAnswer.init)
            })
        sections.add(PersonalDataSection("statusChanges") { ids, querying in try await data.statusChanges(of: ids, in: querying) })
        sections.add(PersonalDataSection("sessions") { ids, querying in try await data.sessions(of: ids, in: querying) })
        sections.add(
            PersonalDataSection(
                "messages",
                read: { ids, querying in
                    try await messages.list(of: ids, before: nil, limit: 10_000, in: querying).map { MemberMessageAnswer($0, .zh) }
                }, erase: { ids, querying in try await messages.erase(ids, in: querying) }))
        sections.add(PersonalDataSection("accesses") { ids, querying in try await data.accesses(to: ids, in: querying) })
    }
}

/// A claim as its person sees it.
private struct OwnAttribute: Encodable, Sendable {
    let attribute: MemberAttribute
    let claim: AttributeClaimAnswer

    init(_ claim: AttributeClaim) {
        attribute = claim.attribute
        self.claim = AttributeClaimAnswer(claim)
    }
}
