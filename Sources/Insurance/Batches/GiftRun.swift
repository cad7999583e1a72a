import Crypto
import HTTP
package import Postgres
package import Programs
import Registry
package import Runtime

/// Gives a batch away: looks for everybody whom the rules let in and draws, which leaves nothing behind; then reserves the policies, in one
/// transaction. Cut off in the middle nothing was done, and the next try looks anew.
package struct GiftRun: Sendable {
    let life: InsuranceBatchLife
    let previews: PreviewStore
    package var batches: InsuranceBatchStore { life.batches }
    package var policies: PolicyStore { life.policies }

    /// How far a run is.
    package enum Phase: String, Sendable { case looking, drawing, writing }

    /// Told how much of a phase is done, and of how much; may throw to end the work.
    package typealias Progress = @Sendable (Phase, Int, Int) async throws -> Void

    /// A draw that is computed and not written.
    package struct Computed: Sendable {
        let batch: InsuranceBatch
        let product: InsuranceProduct
        package let draw: RegisterDraw
        let inputsHash: [UInt8]
    }

    package func compute(_ id: ID<InsuranceBatch>, progress: Progress = { _, _, _ in }) async throws -> Computed {
        guard let batch = try await batches.find(id), let product = try await life.products.product(batch.productID) else {
            throw Problem(InsuranceProblem.batchUnknown)
        }
        guard batch.state == .announced, batch.facts.kind == .gift else { throw Problem(InsuranceProblem.wrongState) }
        let facts = batch.facts
        try await progress(.looking, 0, Int(facts.size))
        let rules = Self.rules(of: batch, product)
        let candidates = try await batches.database.inTransaction { transaction in
            let covered = try await policies.covered(
                product.facts.family, from: facts.coverFrom, until: facts.coverUntil, in: transaction)
            return try await previews.candidates(rules, without: covered, in: transaction)
        }
        return try await drawn(batch, product, candidates, progress)
    }

    private func drawn(
        _ batch: InsuranceBatch, _ product: InsuranceProduct, _ candidates: RegisterCandidates, _ progress: Progress,
        in querying: (any Querying)? = nil
    ) async throws -> Computed {
        guard let sealed = try await batches.sealedSecret(of: batch.id, in: querying) else { throw Problem(InsuranceProblem.wrongState) }
        guard candidates.count > 0 else { throw Problem(InsuranceProblem.nobodyEligible) }
        try await progress(.drawing, 0, candidates.count)
        let secret = try life.sealer.open(sealed, in: InsuranceBatchLife.secretColumn, row: batch.id.rawValue)
        let rules = Self.rules(of: batch, product)
        let (draw, hash) = try await onThread(name: "insurance.run") {
            (
                RegisterDraw(
                    candidates, rules: rules, quota: Int(batch.facts.size), secret: secret, name: InsuranceBatch.lotteryName(batch.id)),
                SHA256.hash(candidates.bytes)
            )
        }.get()
        return Computed(batch: batch, product: product, draw: draw, inputsHash: hash)
    }

    /// The same, or drawn among those who are left, where somebody who was looked at has been covered by another batch since. The family is
    /// held, so it stays so.
    private func current(_ computed: Computed, _ progress: Progress, in transaction: Transaction) async throws -> Computed {
        let facts = computed.batch.facts
        let covered = try await policies.covered(
            computed.product.facts.family, from: facts.coverFrom, until: facts.coverUntil, in: transaction)
        let left = computed.draw.candidates.without(covered)
        if left.count == computed.draw.candidates.count { return computed }
        return try await drawn(computed.batch, computed.product, left, progress, in: transaction)
    }

    /// Writes it, if the batch is what it was when it was looked at.
    ///
    /// Who was covered by another batch meanwhile is left out, and what was drawn for them goes on: nobody has two, and no run fails.
    package func write(
        _ computed: Computed, by actor: ProgramLife.Actor, in transaction: Transaction, progress: Progress = { _, _, _ in }
    ) async throws {
        let id = computed.batch.id
        let (batch, product) = try await life.hold(id, in: [.announced], in: transaction)
        guard batch.version == computed.batch.version else { throw Problem(InsuranceProblem.changed) }
        try await policies.hold(family: product.facts.family, in: transaction)
        let computed = try await current(computed, progress, in: transaction)
        let draw = computed.draw
        let count = draw.given.count
        try await progress(.writing, 0, count)
        try await policies.reserve(draw, of: batch, product, by: actor.subject, in: transaction) { done in
            try await progress(.writing, done, count)
        }
        try await policies.note(draw, of: id, inputsHash: computed.inputsHash, by: actor.subject, in: transaction)
        _ = try await life.told(
            "run", batch, details: ["eligible": "\(draw.candidates.count)", "reserved": "\(count)"], by: actor, in: transaction)
    }

    /// Computes and writes.
    /// - Returns: who got something.
    @discardableResult
    package func make(
        _ id: ID<InsuranceBatch>, by actor: ProgramLife.Actor, progress: Progress = { _, _, _ in }
    ) async throws -> RegisterDraw {
        let computed = try await compute(id, progress: progress)
        try await batches.database.inTransaction { transaction in
            try await write(computed, by: actor, in: transaction, progress: progress)
        }
        return computed.draw
    }

    /// The batch's rules with what the insurer asks, and within the batch's organization.
    static func rules(of batch: InsuranceBatch, _ product: InsuranceProduct) -> ProgramRules {
        var rules = batch.facts.rules
        rules.eligibility =
            [.organization([batch.organizationID])] + product.facts.conditions(from: batch.facts.coverFrom) + rules.eligibility
        return rules
    }
}
