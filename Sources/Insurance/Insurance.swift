package import Crypto
package import HTTP
package import Postgres
import Programs
package import Registry
package import Runtime
package import Scheduler

/// The insurance feature, as `waystation` puts it together: insurers and products, batches that are given away, policies.
package struct Insurance: Sendable {
    package let products: InsuranceProductStore
    package let batches: InsuranceBatchStore
    package let policies: PolicyStore
    package let life: InsuranceBatchLife
    package let run: GiftRun
    package let queue: GiftQueue
    package let waitlist: PolicyWaitlist
    package let rehearsal: InsurerRehearsal
    package let routes: [Route]
    package let jobs: [Job]
    package let handlers: [QueuedJobHandler]

    /// - Parameter clock: decides, by its offset, about everything that opens, begins and ends.
    package init(database: Database, registry: Registry, keys: Keys, clock: Clock) {
        let products = InsuranceProductStore(database, clock: clock)
        let batches = InsuranceBatchStore(database, clock: clock)
        let policies = PolicyStore(database, clock: clock)
        self.products = products
        self.batches = batches
        self.policies = policies
        let life = InsuranceBatchLife(
            batches: batches, policies: policies, products: products, audit: registry.audit, outbox: registry.outbox,
            sealer: Sealer(keys))
        self.life = life
        let run = GiftRun(life: life, previews: PreviewStore(database))
        self.run = run
        let queue = GiftQueue(run)
        self.queue = queue
        let due = PolicyDueStore(database: database, clockOffsetMicroseconds: clock.offsetMicroseconds)
        let waitlist = PolicyWaitlist(life: life, due: due)
        self.waitlist = waitlist
        let files = InsuranceFiles(life: life, database: database, registry: registry, clock: clock)
        rehearsal = InsurerRehearsal(life: life, files: files)
        let member = MemberInsurance(database: database, registry: registry, life: life, keys: keys, clock: clock)
        registry.decisions.add(InsuranceDecisionStore.all)
        routes =
            ProductRoutes(products: products, audit: registry.audit, idempotency: registry.idempotency).all
            + BatchRoutes(
                life: life, queue: queue, numbers: PolicyNumberStore(database: database), idempotency: registry.idempotency
            ).all
            + BatchFigureRoutes(
                life: life, figures: BatchFigureStore(database: database), previews: PreviewStore(database)
            ).all
            + files.routes
            + member.routes
        jobs = InsuranceJobs(database: database, life: life, due: due, waitlist: waitlist).all + member.jobs
        handlers = [queue.handler]
    }
}
