package import FoundationEssentials
package import Postgres
import Programs
package import Registry
package import Runtime

/// A code shown at a van, its check done, on its way to the decision.
package struct VanScan: Sendable {
    /// Made by the device; unique within the visit.
    package let requestID: UUID
    package let visitID: ID<VanVisit>
    package let code: VanCode
    package let occurredAt: Timestamp
    let fingerprint: [UInt8]
    /// `device:3`, `account:1`.
    package let doneBy: String
}

/// What was decided at a van.
package enum VanDecision: Sendable {
    case decided(Decided, isRepeat: Bool)
    /// The request id was used for something else.
    case conflict
    case visitUnknown

    package enum Outcome: String, Codable, CaseIterable, Sendable {
        case checkedIn = "checked_in"
        /// Waits for a place.
        case waiting
        case refused
    }

    package struct Decided: Sendable {
        package let outcome: Outcome
        package let reasons: [CheckupReason]
        package let memberID: ID<Member>?
        /// The session of this visit that the person has a place in.
        package let number: Int32?
        /// Of whoever waits: how many stand before.
        package let ahead: Int32?
        package let decidedAt: Timestamp
    }
}
