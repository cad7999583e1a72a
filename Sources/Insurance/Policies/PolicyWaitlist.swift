package import Postgres
import Programs
import Registry
package import Runtime

/// Gives policies that came free to those who wait: first whoever mends a floor that is short, then the next in the run's order. Who was
/// given one and gave it back, has left or is covered otherwise is passed over.
package struct PolicyWaitlist: Sendable {
    let life: InsuranceBatchLife
    let due: PolicyDueStore

    static let subject = "job:insurance.waitlist"

    /// One batch: looks, and gives while the batch is held.
    /// - Returns: how many got one.
    package func give(_ id: ID<InsuranceBatch>, in transaction: Transaction) async throws -> Int {
        guard let batch = try await life.batches.find(id, isHeld: true, in: transaction), batch.state == .confirmed,
            batch.facts.kind == .gift, batch.places.free > 0,
            let product = try await life.products.product(batch.productID, in: transaction)
        else { return 0 }
        let (candidates, places) = try await life.policies.candidates(of: id, in: transaction)
        let standings = try await due.standings(of: batch, product, candidates.members, in: transaction)
        let rules = batch.facts.rules
        // Policies that were spent on somebody who is covered no longer are nobody's to give.
        let quota = Int(batch.places.free) + standings.count { $0 == .holds }
        let next = try await onThread(name: "insurance.waitlist") {
            RegisterDraw.next(candidates, places: places, standings: standings, rules: rules, quota: quota)
        }.get()
        let requests = next.map { row, way in
            PolicyRequest(
                ID(candidates.members[row]), place: places[row], priority: Int16(candidates.classes[row]),
                groups: Int16(candidates.groups[row]), way: way)
        }
        var given = 0
        for start in stride(from: 0, to: requests.count, by: Self.pieceRows) {
            let piece = Array(requests[start..<min(start + Self.pieceRows, requests.count)])
            given += try await life.policies.assign(piece, of: id, source: .waitlist, by: Self.subject, in: transaction)
                .count { $0.verdict == .assigned }
        }
        try await due.ticked(id, isIdle: given == 0, in: transaction)
        return given
    }

    /// `insurance_assign` joins by nested loops.
    private static let pieceRows = 256
}
