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
                try await send(offer.memberID, validSeconds: Self.seconds(until: offer.until, offer.startsAt), in: transaction) { phone in
                    OutgoingMessage(
                        phone: phone, template: "lesson_seat_offered", language: Language.zh.rawValue,
                        parameters: ["lesson": Self.time(offer.startsAt), "until": Self.time(offer.until)],
                        text: "【驿站】您候补的班 \(Self.time(offer.startsAt)) 有一个空座，请在 \(Self.time(offer.until)) 前登录确认，逾期顺延，不影响候补名次。")
                }
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
                try await send(notice.memberID, validSeconds: Self.validSeconds, in: transaction) { notice.message(to: $0) }
            }
            return due.count == Self.atOnce
        }
    }

    private func send(
        _ member: ID<Member>, validSeconds: Int64, in querying: any Querying, _ message: (PhoneNumber) -> OutgoingMessage
    ) async throws(PostgresError) {
        guard let phone = try await members.member(member, in: querying)?.person?.phone else { return }
        try await outbox.emitSealed(
            "message.requested", subject: "member:\(member)", organization: nil, data: message(phone), validSeconds: validSeconds,
            in: querying)
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
