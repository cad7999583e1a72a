import FoundationEssentials
import Postgres
import Registry
import Runtime

/// What attendance keeps of a person: marks, codes shown at rooms, seats of evenings, standings, certificates, feedback.
struct AttendancePersonStore: Sendable {
    let standings: StandingStore
    let certificates: CertificateStore
    let feedback: FeedbackStore

    private struct Mark: Encodable, Sendable {
        let classId: ID<SchoolClass>
        let lesson: Int32
        let state: String
        let isGuest: Bool
        let source: String
        let occurredAt: Timestamp
        let recordedAt: Timestamp
    }

    private struct Scan: Encodable, Sendable {
        let classId: ID<SchoolClass>
        let lesson: Int32
        let outcome: String
        let reasons: [String]
        let credentialKind: String
        let occurredAt: Timestamp
    }

    private struct Seat: Encodable, Sendable {
        let classId: ID<SchoolClass>
        let lesson: Int32
        /// lent, or offered.
        let role: String
        let outcome: String
        let at: Timestamp
    }

    private struct Kept: Encodable, Sendable {
        let marks: [Mark]
        let scans: [Scan]
        let seats: [Seat]
        let standings: [Standing]
        let certificates: [CompletionCertificate]
        let feedback: [OwnFeedback]
    }

    var section: PersonalDataSection {
        PersonalDataSection("lessons") { ids, querying in
            Kept(
                marks: try await Self.marks(of: ids, in: querying), scans: try await Self.scans(of: ids, in: querying),
                seats: try await Self.seats(of: ids, in: querying), standings: try await standings.list(of: ids, in: querying),
                certificates: try await certificates.list(of: ids, in: querying),
                feedback: try await feedback.list(of: ids, in: querying))
        } erase: { ids, querying in
            try await feedback.forget(ids, in: querying)
        } merge: { ended, survivor, querying in
            _ = try await querying.query("select night_school_carry_marks(\(ended), \(survivor))")
        }
    }

    private static func marks(of members: [ID<Member>], in querying: any Querying) async throws(PostgresError) -> [Mark] {
        var marks: [Mark] = []
        for row in try await querying.query(
            """
            select class_id, number, state, is_guest, source, occurred_at, recorded_at
            from lesson_attendance
            where member_id = any(\(members))
            order by recorded_at, class_id, number
            """)
        {
            marks.append(
                Mark(
                    classId: try row.decode(0), lesson: Int32(try row.decode(1, as: Int16.self)), state: try row.decode(2),
                    isGuest: try row.decode(3), source: try row.decode(4), occurredAt: try row.decode(5), recordedAt: try row.decode(6)))
        }
        return marks
    }

    private static func scans(of members: [ID<Member>], in querying: any Querying) async throws(PostgresError) -> [Scan] {
        var scans: [Scan] = []
        for row in try await querying.query(
            """
            select class_id, number, outcome, reasons, credential_kind, occurred_at
            from lesson_scan
            where member_id = any(\(members))
            order by recorded_at, request_id
            """)
        {
            scans.append(
                Scan(
                    classId: try row.decode(0), lesson: Int32(try row.decode(1, as: Int16.self)), outcome: try row.decode(2),
                    reasons: try row.decode(3), credentialKind: try row.decode(4), occurredAt: try row.decode(5)))
        }
        return scans
    }

    private static func seats(of members: [ID<Member>], in querying: any Querying) async throws(PostgresError) -> [Seat] {
        var seats: [Seat] = []
        for row in try await querying.query(
            """
            select class_id, number, 'lent' as role, state as outcome, lent_at as happened_at
            from lesson_seat where member_id = any(\(members))
            union all
            select class_id, number, 'offered', outcome, offered_at
            from lesson_seat_offer where guest_member_id = any(\(members))
            order by happened_at, class_id, number, role
            """)
        {
            seats.append(
                Seat(
                    classId: try row.decode(0), lesson: Int32(try row.decode(1, as: Int16.self)), role: try row.decode(2),
                    outcome: try row.decode(3), at: try row.decode(4)))
        }
        return seats
    }
}
