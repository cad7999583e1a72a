import Postgres
import Registry
import Runtime
import Scheduler

/// What is done by the clock: policies begin, end and lapse, go with who left, and come to who waits.
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
        ]
    }

    private func byTheClock(_ fence: JobFence) async throws -> Bool {
        var isMore = false
        let ripe = try await due.ripe(limit: Self.batchesAtOnce)
        for id in ripe {
            let count = try await moved(id, "job:insurance.clock", fence) { batch, product, transaction in
                let moves = try await due.moves(of: batch.id, product, limit: Self.movesAtOnce, in: transaction)
                return moves
            } after: { batch, product, transaction in
                try await due.setRipe(batch.id, product, in: transaction)
            }
            if count == Self.movesAtOnce { isMore = true }
        }
        return isMore || ripe.count == Self.batchesAtOnce
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
        var last: ID<InsuranceBatch>?
        while true {
            let ids = try await due.withLeavers(limit: Self.batchesAtOnce, after: last)
            for id in ids {
                while try await moved(
                    id, "job:insurance.leavers", fence,
                    { batch, product, transaction in
                        try await due.leavers(of: batch, product, limit: Self.movesAtOnce, in: transaction)
                    }) == Self.movesAtOnce
                {}
            }
            last = ids.last
            if ids.count < Self.batchesAtOnce { return }
        }
    }

    /// Moves some policies of one batch in one transaction.
    /// - Returns: how many were to be moved.
    private func moved(
        _ id: ID<InsuranceBatch>, _ subject: String, _ fence: JobFence,
        _ moves: @escaping @Sendable (InsuranceBatch, InsuranceProduct, Transaction) async throws -> [PolicyMove],
        after: @escaping @Sendable (InsuranceBatch, InsuranceProduct, Transaction) async throws -> Void = { _, _, _ in }
    ) async throws -> Int {
        try await database.inTransaction { transaction in
            try await fence.hold(in: transaction)
            guard let batch = try await life.batches.find(id, isHeld: true, in: transaction),
                let product = try await life.products.product(batch.productID, in: transaction)
            else { return 0 }
            let wanted = try await moves(batch, product, transaction)
            _ = try await life.policies.move(
                wanted, of: id, acceptDays: product.facts.acceptDays, by: subject, in: transaction)
            try await after(batch, product, transaction)
            return wanted.count
        }
    }
}
