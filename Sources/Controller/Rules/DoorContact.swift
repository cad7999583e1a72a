package import Runtime

/// What the door leaf itself does, as a contact tells it, and what that means.
package struct DoorContact: Hashable, Sendable {
    package enum State: String, Codable, Sendable {
        case closed, open
        /// It was opened without a decision.
        case forced
        /// It stands open longer than it may.
        case held
    }

    package private(set) var state = State.closed
    private var openedAt: MonotonicTime?
    private var grantedUntil: MonotonicTime?
    private let heldAfter: Duration

    /// After the relay lets go the leaf may still be in somebody's hand.
    private static let grace = Duration.seconds(5)

    /// - Parameter heldAfter: how long it may stand open.
    package init(heldAfter: Duration) {
        self.heldAfter = heldAfter
    }

    /// A decision opened it.
    package mutating func grant(_ relay: Duration, at now: MonotonicTime) {
        let end = now + relay + Self.grace
        grantedUntil = max(grantedUntil ?? end, end)
    }

    /// The contact spoke.
    /// - Returns: the new state where it is another than before.
    package mutating func heard(isOpen: Bool, at now: MonotonicTime) -> State? {
        guard isOpen else {
            openedAt = nil
            return become(.closed)
        }
        if openedAt != nil { return nil }
        openedAt = now
        return become(grantedUntil.map { now <= $0 } ?? false ? .open : .forced)
    }

    /// Time passed.
    /// - Returns: the new state where it is another than before.
    package mutating func tick(at now: MonotonicTime) -> State? {
        guard state == .open, let openedAt, now >= openedAt + heldAfter else { return nil }
        return become(.held)
    }

    /// When `tick` is next of use.
    package var nextTick: MonotonicTime? { state == .open ? openedAt.map { $0 + heldAfter } : nil }

    private mutating func become(_ next: State) -> State? {
        guard next != state else { return nil }
        state = next
        return next
    }
}
