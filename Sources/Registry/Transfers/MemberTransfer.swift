package import Postgres
package import Runtime

/// The move of a membership from one organization to another, which both have a say in (会籍转接).
///
/// Pure: what each event makes of it. The store holds the row while it asks, so that of two events one comes first.
package struct MemberTransfer: Sendable {
    package enum Side: String, Codable, CaseIterable, Sendable {
        /// The organization that the member leaves.
        case releasing
        /// The organization that the member comes to.
        case receiving
    }

    package enum State: String, Codable, CaseIterable, Sendable {
        case open, completed, refused, cancelled
    }

    /// Why it ended.
    package enum EndCause: String, Codable, CaseIterable, Sendable {
        case bothAgreed = "both_agreed"
        /// Nobody objected until the deadline.
        case silence
        case releasingRefused = "releasing_refused"
        case receivingRefused = "receiving_refused"
        case askerCancelled = "asker_cancelled"
        /// The organization to go to was closed meanwhile.
        case organizationClosed = "organization_closed"
        /// The member belongs elsewhere by now.
        case memberMoved = "member_moved"
        case memberNotActive = "member_not_active"
    }

    /// What happens to a transfer.
    package enum Event: Hashable, Sendable {
        case agree(Set<Side>)
        case refuse(Set<Side>)
        case cancel
        /// The deadline has passed.
        case settle
    }

    /// What the world looks like while the event is judged.
    package struct Circumstances: Hashable, Sendable {
        package var isPastDeadline = false
        package var isTargetClosed = false
        package var isMemberActive = true
        /// The member is still where the transfer would take it from.
        package var isMemberInPlace = true

        package init() {}
    }

    package enum Action: Hashable, Sendable {
        /// The consent is noted; the other side is still waited for.
        case note(Set<Side>)
        /// The one update that moves the member.
        case complete(EndCause, consents: Set<Side>)
        case end(State, EndCause)
        /// Nothing is to be done: the same has been said before.
        case nothing
        case refuse(Refusal)
    }

    package enum Refusal: String, CaseIterable, Sendable {
        /// It has ended.
        case ended
        /// Silence has consented already.
        case deadlinePassed
        /// The caller is neither side.
        case notASide
        /// There is time left.
        case notDue
    }

    package let id: ID<MemberTransfer>
    package let memberID: ID<Member>
    package let from: ID<Organization>
    package let to: ID<Organization>
    package let fromNames: Organization.Names
    package let toNames: Organization.Names
    package let state: State
    package let consents: Set<Side>
    package let askedBy: String
    package let askedAt: Timestamp
    package let deadlineAt: Timestamp
    package let endedAt: Timestamp?
    package let endCause: EndCause?
    package let refuseReason: String?

    /// Days that either side has to object in.
    package static let deadlineDays = 7

    /// What `event` makes of the transfer.
    package func after(_ event: Event, _ circumstances: Circumstances) -> Action {
        Self.after(event, state: state, consents: consents, circumstances)
    }

    static func after(_ event: Event, state: State, consents: Set<Side>, _ circumstances: Circumstances) -> Action {
        guard state == .open else { return .refuse(.ended) }
        // Whatever is said, the world may have made it void.
        if event != .cancel, let cause = void(circumstances) { return .end(cause == .organizationClosed ? .refused : .cancelled, cause) }
        switch event {
        case .agree(let sides):
            guard !sides.isEmpty else { return .refuse(.notASide) }
            let all = consents.union(sides)
            if circumstances.isPastDeadline { return .complete(all.count == Side.allCases.count ? .bothAgreed : .silence, consents: sides) }
            if all.count == Side.allCases.count { return .complete(.bothAgreed, consents: sides) }
            return all == consents ? .nothing : .note(sides)
        case .refuse(let sides):
            guard !sides.isEmpty else { return .refuse(.notASide) }
            if circumstances.isPastDeadline { return .refuse(.deadlinePassed) }
            return .end(.refused, sides.contains(.releasing) ? .releasingRefused : .receivingRefused)
        case .cancel:
            return circumstances.isPastDeadline ? .refuse(.deadlinePassed) : .end(.cancelled, .askerCancelled)
        case .settle:
            return circumstances.isPastDeadline ? .complete(.silence, consents: []) : .refuse(.notDue)
        }
    }

    private static func void(_ circumstances: Circumstances) -> EndCause? {
        if !circumstances.isMemberInPlace { return .memberMoved }
        if !circumstances.isMemberActive { return .memberNotActive }
        return circumstances.isTargetClosed ? .organizationClosed : nil
    }
}
