package import Postgres
package import Registry
package import Runtime

/// The members' own way through the doors.
package struct PassageStore: Sendable {
    private let database: Database

    package init(_ database: Database) {
        self.database = database
    }

    /// A visit and where a list goes on after it.
    package typealias Visit = (visit: MemberVisit, cursor: TimeCursor)

    /// The visits of a person, under all numbers that are the person's, the newest first, from the one before `cursor`.
    ///
    /// A visit begins with an entry and ends with the next exit from that station; an entry by somebody who is inside is part of it.
    package func visits(of members: [ID<Member>], before cursor: TimeCursor?, limit: Int) async throws(PostgresError) -> [Visit] {
        var visits: [Visit] = []
        for row in try await database.query(Self.statement(of: members, before: cursor, limit: limit)) {
            let visit = MemberVisit(
                stationId: try row.decode(0), stationNameZh: try row.decode(1), stationNameEn: try row.decode(2),
                enteredAt: try row.decode(3, as: Timestamp.self).description, leftAt: try row.decode(5, as: Timestamp?.self)?.description,
                isAutomatic: try row.decode(6))
            visits.append((visit, TimeCursor(at: try row.decode(3), requestID: try row.decode(4))))
        }
        return visits
    }

    /// The organization that a member belongs to; nil for an unknown member.
    package func organization(of member: ID<Member>) async throws(PostgresError) -> ID<Organization>? {
        try await database.query("select organization_id from member where member_id = \(member)").first?.decode(0)
    }

    /// Removes passages older than `months` months, at most `limit`.
    /// - Returns: how many it removed.
    package func purge(olderThanMonths months: Int32, limit: Int32, clockOffsetMicroseconds: Int64) async throws(PostgresError) -> Int {
        try await database.query(
            """
            delete from member_passage
            where ctid = any (array(
                select ctid from member_passage
                where occurred_at < date_trunc('month', (clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond')
                    at time zone 'UTC') at time zone 'UTC' - \(months) * interval '1 month'
                limit \(limit)))
            """
        ).affectedRows
    }

    static func statement(of members: [ID<Member>], before cursor: TimeCursor?, limit: Int) -> SQL {
        let earlier: SQL =
            if let cursor { "(entry.occurred_at, entry.request_id) < (\(cursor.at), \(cursor.requestID))" } else { "true" }
        return """
            select
                entry.station_id, coalesce(station.name_zh, '-'), station.name_en, entry.occurred_at, entry.request_id,
                exit.occurred_at, coalesce(exit.is_automatic, false)
            from member_passage entry
            left join station on station.station_id = entry.station_id
            left join lateral (
                select later.occurred_at, later.is_automatic
                from member_passage later
                where later.member_id = entry.member_id
                    and later.station_id = entry.station_id
                    and later.direction = 'out'
                    and later.occurred_at >= entry.occurred_at
                    and (later.occurred_at, later.request_id) > (entry.occurred_at, entry.request_id)
                order by later.occurred_at, later.request_id
                limit 1
            ) exit on true
            where entry.member_id = any (\(members))
                and entry.direction = 'in'
                and \(fragment: earlier)
                and coalesce((
                    select before.direction
                    from member_passage before
                    where before.member_id = entry.member_id
                        and before.station_id = entry.station_id
                        and before.occurred_at <= entry.occurred_at
                        and (before.occurred_at, before.request_id) < (entry.occurred_at, entry.request_id)
                    order by before.occurred_at desc, before.request_id desc
                    limit 1
                ), 'out') = 'out'
            order by entry.occurred_at desc, entry.request_id desc
            limit \(limit)
            """
    }
}
