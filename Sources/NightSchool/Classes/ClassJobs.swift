import HTTP
import Postgres
import Programs
import Registry
import Runtime
import Scheduler

/// What is done by the clock: classes below their minimum are cancelled, others start and end, lessons were held.
struct ClassJobs: Sendable {
    let life: ClassLife

    private static let atOnce = 50
    private static let actor = ProgramLife.Actor(subject: "job:schools")

    var all: [Job] {
        [
            Job("schools.clock", every: .seconds(10)) { fence in try await byTheClock(fence) ? .more : .idle },
            Job("schools.offers", every: .seconds(10)) { fence in try await offers(fence) ? .more : .idle },
            Job("schools.follow_members", every: .seconds(60)) { fence in try await follow(fence) ? .more : .idle },
        ]
    }

    /// Lets offers lapse whose time is over, and offers what is free to who could not have it before.
    private func offers(_ fence: JobFence) async throws -> Bool {
        let (database, enrolments) = (life.classes.database, life.enrolments)
        let lapsed = try await database.inTransaction { transaction in
            try await fence.hold(in: transaction)
            return try await enrolments.lapseOffers(limit: Self.atOnce, by: Self.actor.subject, in: transaction)
        }
        for id in try await enrolments.idle() {
            try await database.inTransaction { transaction in
                try await fence.hold(in: transaction)
                try await enrolments.giveSeats(of: [id], by: Self.actor.subject, in: transaction)
            }
        }
        return lapsed == Self.atOnce
    }

    /// Seats of who has left the union go on to who waits; of who was merged or erased mostly with that.
    private func follow(_ fence: JobFence) async throws -> Bool {
        let leavers = try await life.enrolments.leavers(limit: Self.atOnce)
        for leaver in leavers {
            try await life.classes.database.inTransaction { transaction in
                try await fence.hold(in: transaction)
                try await life.enrolments.follow(
                    [leaver.member], because: leaver.reason, by: Self.actor.subject, in: transaction)
            }
        }
        return leavers.count == Self.atOnce
    }

    private func byTheClock(_ fence: JobFence) async throws -> Bool {
        var isMore = false
        // Before their classes end.
        try await life.classes.database.inTransaction { transaction in
            try await fence.hold(in: transaction)
            _ = try await life.lessons.markHeld(in: transaction)
        }
        for due in [ClassStore.Due.toDecide, .toStart, .toEnd] {
            let ids = try await life.classes.due(due, limit: Self.atOnce)
            for id in ids {
                try await life.classes.database.inTransaction { transaction in
                    try await fence.hold(in: transaction)
                    try await step(id, due, in: transaction)
                }
            }
            if ids.count == Self.atOnce { isMore = true }
        }
        return isMore
    }

    /// Each looks again at what it has come to hold.
    private func step(_ id: ID<SchoolClass>, _ due: ClassStore.Due, in querying: any Querying) async throws {
        guard let found = try await life.list.find(id, isHeld: true, in: querying) else { return }
        let now = try await life.classes.now(in: querying)
        switch due {
        case .toDecide:
            guard found.state == .published, let minimum = found.minimum, let day = found.decideOn, day <= CalendarDate.inChina(now) else {
                return
            }
            let seated = try await life.classes.seated(id, in: querying)
            try await life.classes.setDecided(id, in: querying)
            guard seated < minimum else {
                try await life.told(
                    "decided", id, details: ["seated": "\(seated)", "minimum": "\(minimum)"], by: Self.actor, in: querying)
                return
            }
            _ = try await life.cancel(
                id,
                SchoolReasonBody(
                    reason: "报名 \(seated) 人，未达到开班人数 \(minimum) 人", reasonEn: "\(seated) enrolled; it takes \(minimum) to start"),
                details: ["seated": "\(seated)", "minimum": "\(minimum)"], by: Self.actor, in: querying)
        case .toStart:
            guard found.state == .published, found.firstAt <= now else { return }
            try await life.classes.start(id, in: querying)
            try await life.told("started", id, by: Self.actor, in: querying)
        case .toEnd:
            guard found.state == .running, found.lastUntil <= now else { return }
            try await life.classes.end(id, as: .ended, nil, in: querying)
            try await life.enrolments.end(id, isCancelled: false, reason: nil, by: Self.actor.subject, in: querying)
            try await life.told("ended", id, by: Self.actor, in: querying)
        }
    }
}
