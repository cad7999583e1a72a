import Postgres
import Registry
import Runtime

/// What an answer to "why" is made of.
struct EnrolmentFacts: Sendable {
    /// What was drawn, of who took part in a draw.
    struct Draw: Sendable {
        let id: ID<SchoolDraw>
        let ticket: Int64
        let closesAt: Timestamp
        /// In the order of the lottery, of so many; nil before it was drawn.
        let place: Int32?
        let applicants: Int32?
        /// Drawn after the others, for absences without excuse in an earlier term.
        let isLowered: Bool
    }

    /// How it stands with one class wished for.
    struct Wish: Sendable {
        let classID: ID<SchoolClass>
        let label: String
        let isOver: Bool
        let capacity: Int32
        let applied: Int32
        let waiting: Int32
        /// In its queue; nil: in none.
        let place: Int32?
        /// In the draw: whose place got the last seat; nil: seats were left, or none was drawn.
        let closing: Int32?
        /// Why the draw passed it over, with the lesson in the way.
        let passed: EnrolmentReason?
        let passedLesson: ClashingLesson?
        /// What keeps the person from having it now, with the lesson in the way.
        let obstacle: EnrolmentReason?
        let obstacleLesson: ClashingLesson?
    }

    let draw: Draw?
    let wishes: [Wish]
    let odds: EnrolmentOdds?
}
