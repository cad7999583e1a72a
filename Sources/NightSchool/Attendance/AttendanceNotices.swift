import HTTP
import Postgres
import Registry
import Runtime
import Scheduler

/// Tells people of seats for an evening, of warnings and of what became of their appeals, each once: an event, and a message to the phone.
struct AttendanceNotices: Sendable {
    let database: Database
    let lent: LentSeatStore
    let standings: StandingStore
    let members: MemberStore
    let outbox: OutboxStore

    private static let atOnce = 100
    /// After so long nobody wants the message any more.
    private static let validSeconds: Int64 = 86_400

    /// - Returns: whether somebody may be left.
    func tellOffers(_ fence: JobFence) async throws -> Bool {
        try await database.inTransaction { transaction in
            try await fence.hold(in: transaction)
            let due = try await lent.takeUntold(limit: Self.atOnce, in: transaction)
            for offer in due {
                try await outbox.emit(
                    "lesson_seat.offered", subject: "member:\(offer.memberID)", organization: offer.organizationID,
                    data: OfferTold(classId: offer.classID, lesson: Int32(offer.number), memberId: offer.memberID, until: offer.until),
                    in: transaction)
                let (lesson, until) = (Self.time(offer.startsAt), Self.time(offer.until))
                let notice = MemberNotice(
                    "lesson_seat_offered",
                    Localized(
                        zh: "您候补的班 \(lesson) 有一个空座，请在 \(until) 前登录确认，逾期顺延，不影响候补名次。",
                        en: "A seat is free for one evening in a class you wait for, \(lesson): sign in and take it by \(until), or it "
                            + "goes to the next. Your place in the queue stays."),
                    subject: "class:\(offer.classID)", parameters: ["lesson": lesson, "until": until])
                try await send(notice, to: offer.memberID, validSeconds: Self.seconds(until: offer.until, offer.startsAt), in: transaction)
            }
            return due.count == Self.atOnce
        }
    }

    /// - Returns: whether somebody may be left.
    func tellStandings(_ fence: JobFence) async throws -> Bool {
        try await database.inTransaction { transaction in
            try await fence.hold(in: transaction)
            let due = try await standings.takeUntold(limit: Self.atOnce, in: transaction)
            for notice in due {
                try await outbox.emit(
                    "enrolment_standing.\(notice.step.rawValue)", subject: "member:\(notice.memberID)",
                    organization: notice.organizationID,
                    data: StandingTold(standingId: notice.standingID, memberId: notice.memberID, kind: notice.kind), in: transaction)
                try await send(notice.notice, to: notice.memberID, validSeconds: Self.validSeconds, in: transaction)
            }
            return due.count == Self.atOnce
        }
    }

    private func send(
        _ notice: MemberNotice, to member: ID<Member>, validSeconds: Int64, in querying: any Querying
    ) async throws(PostgresError) {
        let phone = try await members.member(member, in: querying)?.person?.phone
        try await outbox.tell(notice, to: member, phone: phone, validSeconds: validSeconds, in: querying)
    }

    /// A message is worth nothing once the offer is over; a minute at least, for the gateway.
    private static func seconds(until: Timestamp, _ start: Timestamp) -> Int64 {
        max(60, min(validSeconds, (start.microseconds - until.microseconds) / 1_000_000 + 3_600))
    }

    /// `2026-12-08 19:00`.
    private static func time(_ time: Timestamp) -> String { "\(CalendarDate.inChina(time)) \(ClockTime(time))" }

    private struct OfferTold: Encodable, Sendable {
        let classId: ID<SchoolClass>
        let lesson: Int32
        let memberId: ID<Member>
        let until: Timestamp
    }

    private struct StandingTold: Encodable, Sendable {
        let standingId: ID<Standing>
        let memberId: ID<Member>
        let kind: Standing.Kind
    }
}
