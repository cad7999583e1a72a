package import Postgres
package import Registry
package import Runtime

/// A policy of a batch that a person was given (保单).
package struct Policy: Sendable {
    package let id: ID<Policy>
    package let memberID: ID<Member>
    package let batchID: ID<InsuranceBatch>
    package let state: PolicyState
    package let source: Source
    /// The first day that is covered, and the first that no longer is.
    package let coverFrom: CalendarDate
    package let coverUntil: CalendarDate
    /// The insurer's; before it is issued the one that the insurer gave beforehand, if it did.
    package let number: String?
    /// In the common order of the run.
    package let place: Int32?
    /// Why it was rejected, refused, returned or cancelled.
    package let reason: String?
    package let acceptUntil: Timestamp?
    package let contributionPaidAt: Timestamp?
    package let version: Int32
    package let changedAt: Timestamp

    /// What gave it.
    package enum Source: String, Codable, CaseIterable, Sendable {
        case run
        /// A place that came free.
        case waitlist
        /// The member's own joining of mutual aid.
        case joined
    }

    /// By which the insurer's files name it.
    package var reference: PolicyReference { PolicyReference(batchID: batchID, policyID: id) }
}

/// Ours: the batch, the policy, and two check digits, so that a slip of a finger or of a spreadsheet names no other policy:
/// `12-345678-07`.
///
/// The check digits are those of ISO 7064 MOD 97-10 over the digits of batch and policy.
package struct PolicyReference: Hashable, Sendable, CustomStringConvertible {
    package let batchID: ID<InsuranceBatch>
    package let policyID: ID<Policy>

    package init(batchID: ID<InsuranceBatch>, policyID: ID<Policy>) {
        self.batchID = batchID
        self.policyID = policyID
    }

    private var check: Int {
        var rest = 0
        for digit in "\(batchID)\(policyID)00".utf8 { rest = (rest * 10 + Int(digit & 15)) % 97 }
        return 98 - rest
    }

    package var description: String { "\(batchID)-\(policyID)-\(check < 10 ? "0" : "")\(check)" }

    /// Nil for what is not such a reference, or has a digit wrong.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[2].utf8.count == 2,
            parts.allSatisfy({ (1...19).contains($0.utf8.count) && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
            let batch = Int64(parts[0]), let policy = Int64(parts[1]), batch > 0, policy > 0
        else { return nil }
        self.init(batchID: ID(batch), policyID: ID(policy))
        guard description == text else { return nil }
    }
}
