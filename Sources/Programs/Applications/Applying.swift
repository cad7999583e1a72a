import Crypto
import HTTP
import Postgres
import Registry
import Runtime

/// Who may apply and who did: previews, applications, and what each is told.
struct Applying: Sendable {
    let applications: ProgramApplicationStore
    let routes: [Route]

    init(database: Database, registry: Registry, programs: ProgramStore, keys: Keys, clock: Clock) {
        let applications = ProgramApplicationStore(database, clock: clock)
        self.applications = applications
        routes =
            PreviewRoutes(programs: programs, previews: PreviewStore(database), organizations: registry.organizations).all
            + MyProgramRoutes(applications: applications, programs: programs).all
            + StandingRoutes(standings: StandingStore(database: database, applications: applications)).all
            + ApplicationImportRoutes(
                applications: applications, programs: programs,
                importer: ApplicationImporter(applications: applications, vault: PersonalDataVault(keys), audit: registry.audit)
            ).all
            + ProgramApplicationRoutes(
                applications: applications, programs: programs, members: registry.members, audit: registry.audit,
                idempotency: registry.idempotency
            ).all
        registry.persons.sections.add(
            PersonalDataSection("programApplications") { ids, querying in
                try await applications.applications(of: ids, in: querying).map { OwnProgramApplicationAnswer($0) }
            })
    }
}
