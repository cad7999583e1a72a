import Crypto
import HTTP
package import Postgres
package import Programs
package import Registry
package import Runtime

/// The steps of a batch's life: judged, written, told, within one transaction that holds the batch.
package struct InsuranceBatchLife: Sendable {
    package let batches: InsuranceBatchStore
    package let policies: PolicyStore
    package let products: InsuranceProductStore
    let audit: AuditStore
    let outbox: OutboxStore
    let sealer: Sealer

    /// What a lottery's sealed secret is bound to.
    static let secretColumn = SealedColumn(table: "insurance_batch", column: "lottery_secret_sealed")

    /// The batch held, in one of these states, with its product; of a draft the product, too, which changes until one is announced.
    /// - Parameter version: as the caller read it; nil takes any.
    /// - Throws: `insurance.batch_unknown`, for what lies outside and what does not exist alike; `insurance.changed`,
    ///   `insurance.wrong_state`.
    package func hold(
        _ id: ID<InsuranceBatch>, in states: Set<InsuranceBatch.State>, within scope: Scope = .everything, version: Int32? = nil,
        in querying: any Querying
    ) async throws -> (batch: InsuranceBatch, product: InsuranceProduct) {
        guard let batch = try await batches.find(id, within: scope, isHeld: true, in: querying),
            let product = try await products.product(batch.productID, isHeld: batch.state == .draft, in: querying)
        else { throw Problem(InsuranceProblem.batchUnknown) }
        if let version, version != batch.version { throw Problem(InsuranceProblem.changed) }
        guard states.contains(batch.state) else { throw Problem(InsuranceProblem.wrongState) }
        return (batch, product)
    }

    /// Freezes what a draft says, publishes its hash and the commitment to the lottery. Mutual aid is open from now on: nothing is drawn.
    package func announce(
        _ id: ID<InsuranceBatch>, within scope: Scope = .everything, version: Int32? = nil, by actor: ProgramLife.Actor,
        in querying: any Querying
    ) async throws -> InsuranceBatch {
        let (batch, product) = try await hold(id, in: [.draft], within: scope, version: version, in: querying)
        var faults = batch.facts.faults()
        if try await batches.today(in: querying) >= batch.facts.coverUntil {
            faults.append(Violation("insurance.days_over", pointer: "/coverTo", zh: "保险期间已过", en: "Its days are over"))
        }
        guard faults.isEmpty else { throw InsuranceProblem.invalid(faults) }
        let secret = CommittedShuffle.drawSecret()
        let commitment = CommittedShuffle.commitment(to: secret)
        let hash = SHA256.hash(try JSON.encode(BatchAnnouncement(batch, product, commitment: commitment)))
        try await batches.announce(
            id, as: batch.facts.kind == .gift ? .announced : .confirmed, rulesHash: hash,
            secretSealed: sealer.seal(secret, in: Self.secretColumn, row: id.rawValue), commitment: commitment, in: querying)
        return try await told("announced", batch, by: actor, in: querying)
    }

    /// A second organizer looked at the run: confirms it, or gives everything back for another one.
    package func review(
        _ id: ID<InsuranceBatch>, isConfirmed: Bool, reason: String?, within scope: Scope = .everything, version: Int32? = nil,
        by actor: ProgramLife.Actor, in querying: any Querying
    ) async throws -> InsuranceBatch {
        let (batch, product) = try await hold(id, in: [.run], within: scope, version: version, in: querying)
        guard batch.runBy != actor.subject else { throw Problem(InsuranceProblem.ownRun) }
        var details: [String: String] = [:]
        if isConfirmed {
            if let sealed = try await batches.sealedSecret(of: id, in: querying) {
                details["secret"] = Hex.encode(try sealer.open(sealed, in: Self.secretColumn, row: id.rawValue))
            }
        } else {
            try await policies.giveBack(batch, product, in: querying)
        }
        try await batches.review(id, isConfirmed: isConfirmed, by: actor.subject, in: querying)
        return try await told(isConfirmed ? "confirmed" : "rejected", batch, details: details, reason: reason, by: actor, in: querying)
    }

    /// Nothing is given out of it any more.
    package func close(
        _ id: ID<InsuranceBatch>, within scope: Scope = .everything, version: Int32? = nil, by actor: ProgramLife.Actor,
        in querying: any Querying
    ) async throws -> InsuranceBatch {
        let (batch, _) = try await hold(id, in: [.confirmed], within: scope, version: version, in: querying)
        try await batches.end(id, as: .closed, reason: nil, in: querying)
        return try await told("closed", batch, by: actor, in: querying)
    }

    /// Ends a batch out of which nobody has anything yet.
    package func cancel(
        _ id: ID<InsuranceBatch>, reason: String, within scope: Scope = .everything, version: Int32? = nil, by actor: ProgramLife.Actor,
        in querying: any Querying
    ) async throws -> InsuranceBatch {
        let (batch, _) = try await hold(id, in: [.draft, .announced, .confirmed], within: scope, version: version, in: querying)
        guard batch.places.free == batch.facts.size else { throw Problem(InsuranceProblem.wrongState) }
        try await batches.end(id, as: .cancelled, reason: reason, in: querying)
        return try await told("cancelled", batch, reason: reason, by: actor, in: querying)
    }

    /// Writes the step down, in the batch's own history, the audit and the outbox.
    /// - Returns: the batch as it is now.
    @discardableResult
    package func told(
        _ step: String, _ before: InsuranceBatch, details: [String: String] = [:], reason: String? = nil, by actor: ProgramLife.Actor,
        in querying: any Querying
    ) async throws -> InsuranceBatch {
        guard let after = try await batches.find(before.id, in: querying) else { throw Problem(InsuranceProblem.batchUnknown) }
        let subject = "insurance_batch:\(before.id)"
        try await batches.note(step, on: before.id, details: details, reason: reason, by: actor.subject, in: querying)
        try await audit.record(
            "insurance_batch.\(step)", subject: subject, organization: before.organizationID, details: details, actor: actor.subject,
            requestID: actor.requestID, in: querying)
        try await outbox.emit(
            "insurance_batch.\(step)", subject: subject, organization: before.organizationID,
            data: BatchTold(batchId: before.id, state: after.state), in: querying)
        return after
    }
}

/// What receivers of webhooks get of a step.
private struct BatchTold: Codable, Sendable {
    let batchId: ID<InsuranceBatch>
    let state: InsuranceBatch.State
}

/// What is frozen when a batch is announced: the SHA-256 of its JSON is the batch's `rulesHash`.
private struct BatchAnnouncement: Encodable {
    let batchId: ID<InsuranceBatch>
    let organizationId: ID<Organization>
    let productId: ID<InsuranceProduct>
    let productVersion: Int32
    let kind: InsuranceBatchFacts.Kind
    let family: String
    let size: Int32
    let coverFrom: String
    let coverUntil: String
    let contributionFen: Int32
    let rules: ProgramRules
    let commitment: String

    init(_ batch: InsuranceBatch, _ product: InsuranceProduct, commitment: [UInt8]) {
        let facts = batch.facts
        batchId = batch.id
        organizationId = batch.organizationID
        productId = product.id
        productVersion = product.version
        kind = facts.kind
        family = product.facts.family
        size = facts.size
        coverFrom = facts.coverFrom.description
        coverUntil = facts.coverUntil.description
        contributionFen = facts.contributionFen
        rules = facts.rules
        self.commitment = Hex.encode(commitment)
    }
}
