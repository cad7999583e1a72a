import Postgres
import Registry
import Runtime

/// Gives links of lessons and counts the looks: those of one moment in one statement, a row a lesson and day.
struct LessonViewCounter: Sendable {
    enum Outcome: Sendable {
        case link(String)
        /// It is in a room, or cancelled.
        case offline
        /// Who looks has no seat in the class.
        case notSeated
        case unknown
    }

    struct Look: Sendable {
        let classID: ID<SchoolClass>
        let number: Int16
        let memberID: ID<Member>
    }

    private let lanes: PerLoop<Coalescer<Look, Outcome>>

    init(_ database: Database, clock: Clock) {
        let figures = CoalescerFigures("lesson_views")
        let offset = clock.offsetMicroseconds
        lanes = PerLoop(database.loops) { loop in
            Coalescer(figures, loop: loop, batchMax: 256, inFlight: 1) { (looks) async throws(PostgresError) in
                var outcomes = [Outcome](repeating: .unknown, count: looks.count)
                for row in try await database.query(Self.statement(looks, offset)) {
                    let place = Int(try row.decode(0, as: Int32.self)) - 1
                    guard outcomes.indices.contains(place) else { throw .decoding("an answer to no request") }
                    let isSeated: Bool = try row.decode(2)
                    outcomes[place] = try row.decode(1, as: String?.self).map { .link($0) } ?? (isSeated ? .offline : .notSeated)
                }
                return outcomes
            }
        }
    }

    func view(_ id: ID<SchoolClass>, _ number: Int16, by member: ID<Member>) async throws(PostgresError) -> Outcome {
        try await lanes.current.submit(Look(classID: id, number: number, memberID: member))
    }

    static func statement(_ looks: [Look], _ clockOffsetMicroseconds: Int64) -> SQL {
        """
        select ordinal, link, is_seated
        from night_school_view_lessons(
            \(looks.map(\.classID)), \(looks.map(\.number)), \(looks.map(\.memberID)), \(clockOffsetMicroseconds))
        """
    }
}
