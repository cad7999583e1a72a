import HTTP
import Postgres
import Registry
import Runtime
import Scheduler

/// What is done by the clock about attendance: seats of an evening go to the next, who was not seen is absent, absences are weighed.
struct AttendanceJobs: Sendable {
    let database: Database
    let rolls: LessonRollStore
    let lent: LentSeatStore
    let notices: AttendanceNotices

    private static let lessonsAtOnce: Int32 = 20
    private static let changesAtOnce: Int32 = 500
    private static let classesAtOnce: Int32 = 20
    private static let seatsAtOnce = 50

    var all: [Job] {
        [
            Job("schools.attendance", every: .seconds(60)) { fence in try await byTheClock(fence) ? .more : .idle },
            Job("schools.lent_seats", every: .seconds(10)) { fence in
                try await passOn(fence)
                return try await notices.tellOffers(fence) ? .more : .idle
            },
        ]
    }

    private func passOn(_ fence: JobFence) async throws {
        for lesson in try await lent.due(limit: Self.seatsAtOnce) {
            try await database.inTransaction { transaction in
                try await fence.hold(in: transaction)
                try await lent.passOn(lesson.id, lesson.number, in: transaction)
            }
        }
    }

    private func byTheClock(_ fence: JobFence) async throws -> Bool {
        var isMore = false
        for (step, wanted) in [
            (LessonRollStore.Step.closeRolls, Self.lessonsAtOnce), (.weighAbsences, Self.changesAtOnce), (.certify, Self.classesAtOnce),
        ] {
            let done = try await database.inTransaction { transaction in
                try await fence.hold(in: transaction)
                return try await rolls.run(step, wanted, in: transaction)
            }
            if done >= wanted { isMore = true }
        }
        if try await notices.tellStandings(fence) { isMore = true }
        return isMore
    }
}
