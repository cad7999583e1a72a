import Crypto
import HTTP
import MemberCode
import Postgres
import Registry
import Runtime
import Scheduler

/// The ways in beside the member code: what is handed out, what a door shows, who waits to be told, and what is taken back.
package struct WaysIn: Sendable {
    package let credentials: CredentialStore
    package let commands: AccessCommandStore
    package let annulments: AnnulmentStore
    /// To be rung on each notification on `AccessCommandStore.channel`.
    package let desks: CommandDesks
    let routes: [Route]
    let jobs: [Job]

    init(database: Database, registry: Registry, access: AccessStore, keys: Keys, clock: Clock, figures: ScanFigures) {
        let credentials = CredentialStore(database, digests: CredentialDigests(keys), clock: clock)
        let commands = AccessCommandStore(database, clock: clock)
        let annulments = AnnulmentStore(database, clock: clock)
        let desks = CommandDesks(store: commands, loops: database.loops)
        let prints = DoorPrintStore(database)
        let codes = DoorCodes(keys)
        let (audit, idempotency) = (registry.audit, registry.idempotency)
        self.credentials = credentials
        self.commands = commands
        self.annulments = annulments
        self.desks = desks
        let desk = CardDesk(members: registry.members, organizations: registry.organizations, cards: MemberCardIssuer(keys))
        var routes = CredentialRoutes(credentials: credentials, desk: desk, audit: audit, idempotency: idempotency).all
        routes +=
            MyCredentialRoutes(credentials: credentials, desk: desk, audit: audit, idempotency: idempotency, clock: clock).all
        routes += DoorCodeRoutes(prints: prints, codes: codes, audit: audit, idempotency: idempotency, clock: clock).all
        routes += OpenRoutes(access: access, codes: codes, prints: prints, desks: desks, clock: clock, figures: figures).all
        routes += CommandRoutes(commands: commands, desks: desks).all
        routes += AnnulmentRoutes(annulments: annulments).all
        self.routes = routes
        jobs = [
            Job("stations.clear_commands", every: .seconds(3_600)) { () async throws in
                try await commands.clear(limit: 10_000) == 10_000 ? .more : .idle
            }
        ]
    }
}
