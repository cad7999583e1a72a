import Postgres
import Programs
import Registry
import Runtime
import Scheduler

/// What is done by the clock: policies begin, end and lapse, go with who left, and come to who waits; batches that end are renewed.
struct InsuranceJobs: Sendable {
    let database: Database
    let life: InsuranceBatchLife
    let due: PolicyDueStore
    let waitlist: PolicyWaitlist

    private static let batchesAtOnce = 20
    private static let movesAtOnce = 5_000

    var all: [Job] {
        [
            Job("insurance.clock", every: .seconds(10)) { fence in try await byTheClock(fence) ? .more : .idle },
            Job("insurance.waitlist", every: .seconds(10)) { fence in try await byTheWaitlist(fence) ? .more : .idle },
            Job("insurance.leavers", every: .seconds(600)) { fence in
                try await byWhoLeft(fence)
                return .idle
            },
            Job("insurance.renewals", every: .seconds(600)) { fence in try await renew(fence) ? .more : .idle },
        ]
    }

    /// Makes drafts of the batches that follow those which end soon; an organizer looks at them and announces them.
    private func renew(_ fence: JobFence) async throws -> Bool {
        let actor = ProgramLife.Actor(subject: "job:insurance.renewals")
        let due = try await life.batches.dueToRenew(limit: Self.batchesAtOnce)
        for id in due {
            try await database.inTransaction { transaction in
                try await fence.hold(in: transaction)
                guard let before = try await life.batches.find(id, isHeld: true, in: transaction),
                    let draft = try await life.batches.renew(id, by: actor.subject, in: transaction)
                else { return }
                try await life.told("created", draft, details: ["renews": "\(id)"], by: actor, in: transaction)
                try await life.told("renewal_drafted", before, details: ["batch": "\(draft.id)"], by: actor, in: transaction)
            }
        }
        return due.count == Self.batchesAtOnce
    }

    private func byTheClock(_ fence: JobFence) async throws -> Bool {
        let ripe = try await due.ripe(limit: Self.batchesAtOnce)
        for id in ripe {
            try await pages(id, "job:insurance.clock", fence) { batch, product, after, transaction in
                try await due.moves(of: batch.id, product, after: after, limit: Self.movesAtOnce, in: transaction)
            } last: { batch, product, transaction in
                try await due.setRipe(batch.id, product, in: transaction)
            }
        }
        return ripe.count == Self.batchesAtOnce
    }

    private func byTheWaitlist(_ fence: JobFence) async throws -> Bool {
        let due = try await due.withPlaces(limit: Self.batchesAtOnce)
        for id in due {
            try await database.inTransaction { transaction in
                try await fence.hold(in: transaction)
                _ = try await waitlist.give(id, in: transaction)
            }
        }
        return due.count == Self.batchesAtOnce
    }

    private func byWhoLeft(_ fence: JobFence) async throws {
        let subject = "job:insurance.leavers"
        var last: ID<InsuranceBatch>?
        while true {
            let ids = try await due.withLeavers(limit: Self.batchesAtOnce, after: last)
            for id in ids {
                try await pages(id, subject, fence) { batch, product, after, transaction in
                    try await due.leavers(of: batch, product, after: after, limit: Self.movesAtOnce, in: transaction)
                }
                try await pages(id, subject, fence) { batch, _, after, transaction in
                    try await due.doubles(of: batch.id, after: after, limit: Self.movesAtOnce, in: transaction)
                }
            }
            last = ids.last
            if ids.count < Self.batchesAtOnce { return }
        }
    }

    /// Moves policies of one batch page by page, each in a transaction of its own, which begins where the one before it ended: from the
    /// first policy on a page would read all that is moved already.
    /// - Parameter last: in the transaction of the last page.
    private func pages(
        _ id: ID<InsuranceBatch>, _ subject: String, _ fence: JobFence,
        _ moves: @escaping @Sendable (InsuranceBatch, InsuranceProduct, ID<Policy>?, Transaction) async throws -> [PolicyMove],
        last: @escaping @Sendable (InsuranceBatch, InsuranceProduct, Transaction) async throws -> Void = { _, _, _ in }
    ) async throws {
        var after: ID<Policy>?
        var isMore = true
        while isMore {
            let from = after
            after = try await database.inTransaction { transaction in
                try await fence.hold(in: transaction)
                guard let batch = try await life.batches.find(id, isHeld: true, in: transaction),
                    let product = try await life.products.product(batch.productID, in: transaction)
                else { return nil }
                let wanted = try await moves(batch, product, from, transaction)
                _ = try await life.policies.move(
                    wanted, of: id, acceptDays: product.facts.acceptDays, by: subject, in: transaction)
                if wanted.count == Self.movesAtOnce { return wanted.last?.policyID }
                try await last(batch, product, transaction)
                return nil
            }
            isMore = after != nil
        }
    }
}
