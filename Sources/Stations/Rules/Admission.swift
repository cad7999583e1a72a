package import Postgres
package import Registry
package import Runtime

/// What came of a scan.
package enum Admission: Sendable {
    /// Decided now; or decided before, when the same request came again.
    case decided(AccessDecision, isRepeat: Bool)
    /// The request id was used for another scan of that station. Nothing was written.
    case conflict
    /// The device does not serve that access point, or there is none. Nothing was written.
    case foreign
}

/// The answer to a scan: everything that is rendered of it is kept with its event, so that a repeat is answered alike for ever.
package struct AccessDecision: Hashable, Sendable {
    package let isOpen: Bool
    /// How long to hold the relay; 0 when the door stays shut.
    package let relayMilliseconds: Int32
    /// Every failing condition; none exactly when open.
    package let reasons: [AccessReason]
    /// People inside the station after this scan, as far as known when it was decided.
    package let peopleInside: Int32
    /// By the database's clock.
    package let decidedAt: Timestamp
    /// Whose credential it was; nil when it was nobody's.
    package let memberID: ID<Member>?
}
