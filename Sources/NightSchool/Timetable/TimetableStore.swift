import Crypto
import FoundationEssentials
import Postgres
import Registry
import Runtime

/// Members' lessons, and the addresses at which calendars ask for them.
struct TimetableStore: Sendable {
    let database: Database
    let clockOffsetMicroseconds: Int64

    /// The lessons of seats that these numbers of one person have or had to the end, and of evenings lent to them, as they come.
    static func statement(_ members: [ID<Member>], from: Timestamp, until: Timestamp) -> SQL {
        """
        select
            class_id, school, title, title_en, label, is_guest, number, state, starts_at, ends_at, room_id, site, room, address, teacher_id,
            teacher, is_online, sequence, reason, reason_en, changed_at
        from night_school_timetable(\(members), \(from), \(until))
        """
    }

    func lessons(of members: [ID<Member>], from: Timestamp, until: Timestamp) async throws(PostgresError) -> [TimetableLesson] {
        var lessons: [TimetableLesson] = []
        for row in try await database.query(Self.statement(members, from: from, until: until)) { lessons.append(try Self.lesson(row)) }
        return lessons
    }

    private static func lesson(_ row: Row) throws(PostgresError) -> TimetableLesson {
        var room: Lesson.Place?
        if let id = try row.decode("room_id", as: ID<Classroom>?.self) {
            room = Lesson.Place(id: id, site: try row.decode("site"), name: try row.decode("room"), address: try row.decode("address"))
        }
        var teacher: Lesson.Person?
        if let id = try row.decode("teacher_id", as: ID<Teacher>?.self) {
            teacher = Lesson.Person(id: id, name: try row.decode("teacher"))
        }
        return TimetableLesson(
            classId: try row.decode("class_id"), school: try row.decode("school"), title: try row.decode("title"),
            titleEn: try row.decode("title_en"), label: try row.decode("label"), isGuest: try row.decode("is_guest"),
            lesson: Lesson(
                number: Int32(try row.decode("number", as: Int16.self)), state: try row.decodeOption("state"),
                startsAt: try row.decode("starts_at"), endsAt: try row.decode("ends_at"), room: room, teacher: teacher,
                isOnline: try row.decode("is_online"), link: nil, sequence: try row.decode("sequence"), reason: try row.decode("reason"),
                reasonEn: try row.decode("reason_en"), changedAt: try row.decode("changed_at"), views: 0))
    }

    // MARK: Addresses

    /// The member's new address; the one before ends.
    /// - Returns: its token, which is kept nowhere.
    func makeAddress(of member: ID<Member>) async throws(PostgresError) -> String {
        let token = "wsl_" + Base64URL.encode(SecureRandom.bytes(32))
        _ = try await database.query(
            """
            insert into calendar_address (member_id, token_sha256, made_at)
            values (\(member), \(Self.digest(token)), clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond')
            on conflict (member_id) do update set token_sha256 = excluded.token_sha256, made_at = excluded.made_at
            """)
        return token
    }

    func endAddress(of members: [ID<Member>], in querying: (any Querying)? = nil) async throws(PostgresError) {
        _ = try await (querying ?? database).query("delete from calendar_address where member_id = any (\(members))")
    }

    /// Whose lessons an address shows: of who was merged into another, the other's; of who is no member any more nobody's.
    func member(at token: String) async throws(PostgresError) -> ID<Member>? {
        try await database.query(
            """
            select heir.member_id
            from calendar_address
            join member own on own.member_id = calendar_address.member_id
            join member heir on heir.member_id = coalesce(own.merged_into, own.member_id) and heir.status <> 'left'
            where calendar_address.token_sha256 = \(Self.digest(token))
            """
        ).first.map { row throws(PostgresError) in try row.decode(0) }
    }

    private static func digest(_ token: String) -> [UInt8] { SHA256.hash(Array(token.utf8)) }
}
