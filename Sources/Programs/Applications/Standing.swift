package import Allocation
package import HTTP
package import Postgres
import Registry
package import Runtime

/// How it stands with one person in one program, as rows tell it: all that words are made of.
package struct Standing: Sendable {
    /// A time on the program's own clock.
    package struct LocalTime: Hashable, Sendable {
        /// `2026-11-27 18:00`.
        package let text: String
        /// 1 is Monday.
        package let weekday: Int

        package init(text: String, weekday: Int) {
            self.text = text
            self.weekday = weekday
        }
    }

    /// What a published run gave the person.
    package struct Result: Hashable, Sendable {
        /// In the common order, 1 for the first; nil for who was excluded.
        package var place: Int?
        /// Those in the common order.
        package var of: Int
        /// The number of the call; nil: not called.
        package var position: Int?
        package var phase: Phase
        /// The session given; nil: none.
        package var number: Int32?
        /// On the run's waitlist, 1 for who is next.
        package var waiting: Int?
        /// Those who waited when the run was made.
        package var waitingOf: Int
        /// Of those before on the waitlist, and of all of it, who got a place since.
        package var placedBefore = 0
        package var placedSince = 0
        package var exclusion: String?
    }

    package struct Award: Hashable, Sendable {
        package var number: Int32
        package var state: AwardState
        package var offeredUntil: LocalTime?
        /// The same, for clocks that count down; nil unless offered.
        package var offerEndsAt: Timestamp?
    }

    /// A session as far as words need it.
    package struct Session: Hashable, Sendable {
        package var number: Int32
        package var title: String
        package var startsAt: LocalTime?
        /// The call that took the last seat; nil: seats were left, or no run.
        package var closing: Int?
    }

    package var programID: ID<UnionProgram>
    package var title: String
    package var state: ProgramState
    package var isOpen: Bool
    /// By the clock or by its state.
    package var hasClosed: Bool
    package var opensAt: LocalTime?
    package var closesAt: LocalTime?
    package var resultsAt: LocalTime?
    package var isPublished: Bool
    package var appeal: String?
    package var cancelReason: String?
    package var applicants: Int
    package var application: ProgramApplication?
    package var result: Result?
    package var award: Award?
    /// Those wished for and those given, by number.
    package var sessions: [Int32: Session]
    package var rules: ProgramRules
    /// Why the person may not apply; empty for who may, and where it is not asked.
    package var ineligibility: [Violation]

    /// Sessions liked better than what the person has, the dearest first.
    var refused: [Session] {
        guard let application, let result, result.place != nil else { return [] }
        return application.wishes.prefix { $0 != result.number }.compactMap { sessions[$0] }
    }

    /// On the waitlist as it is now; nil for who does not wait.
    package var waitingNow: (place: Int, of: Int)? {
        guard award == nil, let result, let waiting = result.waiting else { return nil }
        return (max(1, waiting - result.placedBefore), max(1, result.waitingOf - result.placedSince))
    }
}
