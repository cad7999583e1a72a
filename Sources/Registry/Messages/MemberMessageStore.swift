import HTTP
import Postgres
import Runtime

/// Something a member was told.
struct MemberMessage: Sendable {
    let id: ID<MemberMessage>
    let kind: String
    let text: Localized
    let subject: String?
    let toldAt: Timestamp
    let readAt: Timestamp?
}

/// What members were told: every statement about it.
struct MemberMessageStore: Sendable {
    let database: Database

    /// How long messages are kept: 400 days.
    static let keptDays: Int32 = 400

    static func keep(_ notice: MemberNotice, for member: ID<Member>, in querying: any Querying) async throws(PostgresError) {
        _ = try await querying.query(
            """
            insert into member_message (member_id, kind, text_zh, text_en, subject)
            values (\(member), \(notice.kind), \(notice.text.zh), \(notice.text.en), \(notice.subject))
            """)
    }

    /// Of the person under these numbers, the newest first, from the one before `before`.
    func list(
        of numbers: [ID<Member>], before: ID<MemberMessage>?, limit: Int, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> [MemberMessage] {
        let rows = try await (querying ?? database).query(
            """
            select message_id, kind, text_zh, text_en, subject, told_at, read_at
            from member_message
            where member_id = any (\(numbers)) and message_id < \(before?.rawValue ?? Int64.max)
            order by message_id desc
            limit \(limit)
            """)
        var messages: [MemberMessage] = []
        for row in rows {
            messages.append(
                MemberMessage(
                    id: try row.decode(0), kind: try row.decode(1), text: Localized(zh: try row.decode(2), en: try row.decode(3)),
                    subject: try row.decode(4), toldAt: try row.decode(5), readAt: try row.decode(6)))
        }
        return messages
    }

    func unread(of numbers: [ID<Member>]) async throws(PostgresError) -> Int64 {
        try await database.query("select count(*) from member_message where member_id = any (\(numbers)) and read_at is null")
            .single.decode(0)
    }

    /// Marks all up to and with `upTo` as read; those that were stay as they are.
    func markRead(of numbers: [ID<Member>], upTo: ID<MemberMessage>) async throws(PostgresError) {
        _ = try await database.query(
            """
            update member_message
            set read_at = clock_timestamp()
            where member_id = any (\(numbers)) and message_id <= \(upTo) and read_at is null
            """)
    }

    func erase(_ numbers: [ID<Member>], in querying: any Querying) async throws(PostgresError) {
        _ = try await querying.query("delete from member_message where member_id = any (\(numbers))")
    }

    /// Forgets what is older than `keptDays`.
    /// - Returns: how many; `limit` at most.
    func purge(limit: Int) async throws(PostgresError) -> Int {
        try await database.query(
            """
            delete from member_message
            where (member_id, message_id) in (
                select member_id, message_id from member_message
                where told_at < clock_timestamp() - \(Self.keptDays) * interval '1 day'
                limit \(limit))
            """
        ).affectedRows
    }
}
