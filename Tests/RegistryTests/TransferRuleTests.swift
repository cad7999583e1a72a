import Testing

@testable import Registry

/// The rules of applications, memberships and transfers as tables: every state, every event.
@Suite struct TransferRuleTests {
    private typealias T = MemberTransfer

    private static func circumstances(
        past: Bool = false, closed: Bool = false, active: Bool = true, inPlace: Bool = true
    ) -> T.Circumstances {
        var result = T.Circumstances()
        result.isPastDeadline = past
        result.isTargetClosed = closed
        result.isMemberActive = active
        result.isMemberInPlace = inPlace
        return result
    }

    @Test func `an open transfer: what each event makes of it`() {
        let (releasing, receiving): (Set<T.Side>, Set<T.Side>) = ([.releasing], [.receiving])
        let both = releasing.union(receiving)
        let now = Self.circumstances()
        let past = Self.circumstances(past: true)
        let table: [(T.Event, Set<T.Side>, T.Circumstances, T.Action)] = [
            (.agree(releasing), [], now, .note(releasing)),
            (.agree(receiving), [], now, .note(receiving)),
            (.agree(releasing), releasing, now, .nothing),
            (.agree(receiving), releasing, now, .complete(.bothAgreed, consents: receiving)),
            (.agree(both), [], now, .complete(.bothAgreed, consents: both)),
            (.agree([]), [], now, .refuse(.notASide)),
            (.refuse([]), [], now, .refuse(.notASide)),
            (.refuse(releasing), [], now, .end(.refused, .releasingRefused)),
            (.refuse(receiving), releasing, now, .end(.refused, .receivingRefused)),
            (.cancel, [], now, .end(.cancelled, .askerCancelled)),
            (.settle, [], now, .refuse(.notDue)),
            (.settle, [], past, .complete(.silence, consents: [])),
            (.settle, releasing, past, .complete(.silence, consents: [])),
            (.refuse(releasing), [], past, .refuse(.deadlinePassed)),
            (.cancel, [], past, .refuse(.deadlinePassed)),
            (.agree(receiving), [], past, .complete(.silence, consents: receiving)),
            (.agree(receiving), releasing, past, .complete(.bothAgreed, consents: receiving)),
        ]
        for (event, consents, circumstances, expected) in table {
            #expect(T.after(event, state: .open, consents: consents, circumstances) == expected, "\(event) \(consents)")
        }
    }

    @Test func `what the world made void ends, whatever is said`() {
        for event: T.Event in [.agree([.releasing, .receiving]), .refuse([.receiving]), .settle] {
            for past in [false, true] {
                let gone = Self.circumstances(past: past, closed: true, active: false, inPlace: false)
                #expect(T.after(event, state: .open, consents: [], gone) == .end(.cancelled, .memberMoved))
                let left = Self.circumstances(past: past, closed: true, active: false)
                #expect(T.after(event, state: .open, consents: [], left) == .end(.cancelled, .memberNotActive))
                let closed = Self.circumstances(past: past, closed: true)
                #expect(T.after(event, state: .open, consents: [], closed) == .end(.refused, .organizationClosed))
            }
        }
    }

    @Test func `what has ended stays ended`() {
        for state in T.State.allCases where state != .open {
            for event: T.Event in [.agree([.releasing]), .refuse([.releasing]), .cancel, .settle] {
                for past in [false, true] {
                    #expect(T.after(event, state: state, consents: [], Self.circumstances(past: past)) == .refuse(.ended))
                }
            }
        }
    }

    @Test func `a membership: what each event makes of each status`() {
        let table: [MemberStatus: [MemberStatus.Event: MemberStatus]] = [
            .provisional: [.approve: .active, .reject: .left, .leave: .left],
            .active: [.leave: .left, .suspend: .suspended],
            .suspended: [.leave: .left, .rejoin: .active],
            .left: [.rejoin: .active, .reapply: .provisional],
        ]
        for status in MemberStatus.allCases {
            for event in MemberStatus.Event.allCases {
                #expect(status.after(event) == table[status]?[event], "\(status) \(event)")
                if let next = status.after(event) { #expect(status.mayBecome(next)) }
            }
        }
    }

    @Test func `an application: what each event makes of each state`() {
        for state in ApplicationState.allCases {
            for event in ApplicationState.Event.allCases {
                let next = state.after(event)?.state
                switch (state, event) {
                case (.pending, .approve): #expect(next == .approved)
                case (.pending, .reject): #expect(next == .rejected)
                case (.pending, .withdraw): #expect(next == .withdrawn)
                case (.rejected, .resubmit): #expect(next == .pending)
                default: #expect(next == nil, "\(state) \(event)")
                }
            }
        }
    }
}
