import HTTP
import Postgres
import Registry
import Runtime

/// What goes to insurers and comes back, put together.
struct InsuranceFiles: Sendable {
    let rosters: RosterDesk
    let results: ResultDesk
    let routes: [Route]

    init(life: InsuranceBatchLife, database: Database, registry: Registry, clock: Clock) {
        let offset = clock.offsetMicroseconds
        rosters = RosterDesk(
            life: life, rosters: RosterStore(database: database, clockOffsetMicroseconds: offset), members: registry.members)
        results = ResultDesk(life: life, results: ResultStore(database: database, clockOffsetMicroseconds: offset))
        routes =
            RosterRoutes(desk: rosters, audit: registry.audit, idempotency: registry.idempotency).all
            + ResultRoutes(desk: results).all
            + PolicyNumberRoutes(life: life, numbers: PolicyNumberStore(database: database)).all
            + PolicyRoutes(
                mending: PolicyMending(life: life, audit: registry.audit), members: registry.members, idempotency: registry.idempotency
            ).all
            + ReconciliationRoutes(products: life.products, reconciliation: ReconciliationStore(database: database)).all
    }
}
