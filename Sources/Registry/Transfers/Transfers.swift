import Postgres
import Runtime
import Scheduler

/// What is done to transfers, whoever does it: the rule judges, the store writes, audit and outbox are told in the same transaction.
struct Transfers: Sendable {
    let store: TransferStore
    let organizations: OrganizationStore
    let audit: AuditStore
    let outbox: OutboxStore

    /// Transfers settled in one run of the job.
    static let settledMax = 100

    /// Who acts, for the rows that tell.
    struct Actor: Sendable {
        let subject: String
        var requestID: String?
    }

    enum Outcome: Sendable {
        case done(MemberTransfer)
        case notFound
        case refused(MemberTransfer.Refusal)
    }

    /// For which sides somebody with this scope speaks.
    func sides(
        of from: ID<Organization>, _ to: ID<Organization>, _ scope: Scope, in querying: any Querying
    ) async throws(PostgresError) -> Set<MemberTransfer.Side> {
        var sides: Set<MemberTransfer.Side> = []
        if try await organizations.isInside(from, scope, in: querying) { sides.insert(.releasing) }
        if try await organizations.isInside(to, scope, in: querying) { sides.insert(.receiving) }
        return sides
    }

    /// Tells of a new transfer, and completes one that nobody else has a say in.
    func opened(_ transfer: MemberTransfer, by actor: Actor, in querying: any Querying) async throws(PostgresError) -> MemberTransfer {
        try await note("transfer.asked", transfer, by: actor, in: querying)
        guard transfer.consents.count == MemberTransfer.Side.allCases.count else { return transfer }
        guard case .done(let done) = try await happen(.agree(transfer.consents), to: transfer, by: actor, in: querying) else {
            return transfer
        }
        return done
    }

    /// One event, judged and written.
    /// - Parameter reason: of a refusal.
    func happen(
        _ event: MemberTransfer.Event, to found: MemberTransfer, reason: String? = nil, by actor: Actor, in querying: any Querying
    ) async throws(PostgresError) -> Outcome {
        guard let held = try await store.hold(found, in: querying) else { return .notFound }
        let transfer = held.transfer
        switch transfer.after(event, held.circumstances) {
        case .refuse(let refusal): return .refused(refusal)
        case .nothing: return .done(transfer)
        case .note(let sides):
            try await store.note(sides, on: transfer.id, by: actor.subject, in: querying)
            try await note("transfer.agreed", transfer, by: actor, in: querying)
        case .end(let state, let cause):
            let isRefusal = cause == .releasingRefused || cause == .receivingRefused
            try await store.end(transfer.id, state, cause, reason: isRefusal ? reason ?? "" : nil, by: actor.subject, in: querying)
            try await note("transfer.\(state.rawValue)", transfer, cause, by: actor, in: querying)
        case .complete(let cause, let consents):
            if !consents.isEmpty { try await store.note(consents, on: transfer.id, by: actor.subject, in: querying) }
            guard try await store.complete(transfer, cause, by: actor.subject, in: querying) else {
                throw .decoding("a member that is held and yet elsewhere")
            }
            try await note("transfer.completed", transfer, cause, by: actor, in: querying)
            try await MemberEvent.transferred.emit(
                MemberEvent.Payload(
                    memberId: transfer.memberID, organizationId: transfer.to, transferId: transfer.id, fromOrganizationId: transfer.from),
                to: outbox, in: querying)
        }
        guard let after = try await store.transfer(transfer.id, .everything, in: querying) else { return .notFound }
        return .done(after)
    }

    private func note(
        _ action: String, _ transfer: MemberTransfer, _ cause: MemberTransfer.EndCause? = nil, by actor: Actor, in querying: any Querying
    ) async throws(PostgresError) {
        var details = ["member": "member:\(transfer.memberID)", "from": "\(transfer.from)", "to": "\(transfer.to)"]
        details["cause"] = cause?.rawValue
        try await audit.record(
            action, subject: "transfer:\(transfer.id)", organization: transfer.to, details: details, actor: actor.subject,
            requestID: actor.requestID, in: querying)
    }

    /// Completes what nobody objected to in time: consent by silence.
    var job: Job {
        Job("transfers.settle", every: .seconds(60)) { () async throws -> JobResult in
            let due = try await store.due(limit: Self.settledMax)
            for id in due {
                // Each in a transaction of its own: one that cannot be settled keeps none of the others waiting.
                _ = try await store.database.inTransaction { (transaction) async throws(PostgresError) in
                    guard let found = try await store.transfer(id, .everything, in: transaction) else { return Outcome.notFound }
                    return try await happen(.settle, to: found, by: Actor(subject: "job:transfers.settle"), in: transaction)
                }
            }
            return due.count == Self.settledMax ? .more : .idle
        }
    }
}
