import HTTP
import Postgres
import Programs
import Registry
import Runtime

/// Takes files of results: read as a whole first, then applied by one statement in one transaction.
struct ResultDesk: Sendable {
    let life: InsuranceBatchLife
    let results: ResultStore

    struct Taken: Sendable {
        let result: InsuranceResult
        /// Whether this call took it; not of a file that was taken before.
        let isNew: Bool
    }

    /// Ends the transaction of a dry run, and carries what would have become of the file.
    private struct DryRun: Error {
        let taken: Taken
    }

    /// The batch and how its file is read.
    func frame(
        _ id: ID<InsuranceBatch>, within scope: Scope
    ) async throws -> ResultFileReader.Frame {
        guard let batch = try await life.batches.find(id, within: scope), let product = try await life.products.product(batch.productID),
            let insurer = try await life.products.insurer(product.insurerID)
        else { throw Problem(InsuranceProblem.batchUnknown) }
        guard batch.state == .confirmed || batch.state == .closed else { throw Problem(InsuranceProblem.wrongState) }
        return ResultFileReader.Frame(
            form: insurer.facts.form, batchID: id, coverFrom: batch.facts.coverFrom, coverUntil: batch.facts.coverUntil)
    }

    /// - Throws: `insurance.results_exceed_sent`.
    func take(
        _ file: ResultFile, of id: ID<InsuranceBatch>, within scope: Scope = .everything, isDryRun: Bool, by actor: ProgramLife.Actor
    ) async throws -> Taken {
        do {
            return try await results.database.inTransaction { transaction in
                let taken = try await take(file, of: id, within: scope, by: actor, in: transaction)
                if isDryRun { throw DryRun(taken: taken) }
                return taken
            }
        } catch let dryRun as DryRun {
            return dryRun.taken
        }
    }

    private func take(
        _ file: ResultFile, of id: ID<InsuranceBatch>, within scope: Scope, by actor: ProgramLife.Actor, in transaction: Transaction
    ) async throws -> Taken {
        let (batch, product) = try await life.hold(id, in: [.confirmed, .closed], within: scope, in: transaction)
        if let earlier = try await results.result(of: id, contentHash: file.contentHash, in: transaction) {
            return Taken(result: earlier, isNew: false)
        }
        guard file.moves.count <= Int(try await results.sent(of: id, in: transaction)) else {
            throw Problem(InsuranceFileProblem.beyondSent)
        }
        let verdicts = try await life.policies.move(
            file.moves, of: id, acceptDays: product.facts.acceptDays, by: actor.subject, in: transaction)
        var (issued, rejected, unchanged) = (0, 0, 0)
        var faults: [ResultFault] = []
        for index in verdicts.indices {
            let (verdict, move) = (verdicts[index], file.moves[index])
            switch verdict.verdict {
            case .moved where move.state == .issued: issued += 1
            case .moved: rejected += 1
            case .unchanged: unchanged += 1
            default: break
            }
            if let fault = ResultFault(verdict, move, line: file.lines[index], batch: id) { faults.append(fault) }
        }
        let result = try await results.create(
            of: id, contentHash: file.contentHash, issued: issued, rejected: rejected, unchanged: unchanged, faults: faults,
            by: actor.subject, in: transaction)
        try await life.told(
            "results_taken", batch,
            details: [
                "result": "\(result.number)", "issued": "\(issued)", "rejected": "\(rejected)", "unchanged": "\(unchanged)",
                "faulty": "\(faults.count)",
            ], by: actor, in: transaction)
        return Taken(result: result, isNew: true)
    }
}
