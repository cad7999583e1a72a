package import FoundationEssentials
package import Postgres
package import Programs
package import Registry
package import Runtime

/// Who waits at a van for a place.
package struct WalkInStore: Sendable {
    let database: Database
    let programs: ProgramStore
    let clockOffsetMicroseconds: Int64

    /// - Parameter clock: its offset is added to the database's clock in what is decided here.
    package init(_ database: Database, programs: ProgramStore, clock: Clock) {
        self.database = database
        self.programs = programs
        clockOffsetMicroseconds = clock.offsetMicroseconds
    }

    /// Lets whoever shows a code wait, or says why not.
    package func wait(_ scan: VanScan, at visit: VanVisit) async throws -> VanDecision {
        try await database.transaction { (transaction) async throws(PostgresError) in
            try await decide(scan, at: visit, in: transaction)
        }
    }

    private func decide(_ scan: VanScan, at visit: VanVisit, in querying: any Querying) async throws(PostgresError) -> VanDecision {
        // The program before credentials, as check-ins have it.
        guard let program = try await programs.hold(visit.campaignId, in: querying) else { return .visitUnknown }
        let known = try await querying.query(
            "select from checkup_check_in where visit_id = \(visit.id) and request_id = \(scan.requestID)")
        var member = scan.code.memberID
        var reason = scan.code.reason?.rawValue
        if known.isEmpty, let digest = scan.code.digest {
            let found = try await querying.query(
                """
                select member_id, reason
                from registry_credentials_find(
                    \([scan.code.kind]), \([digest]), \([scan.code.pinDigest]),
                    clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond')
                """)
            member = try found.single.decode(0)
            reason = try found.single.decode(1, as: String?.self).map { "checkup.\($0)" }
        }
        let standing = try await standing(of: member, in: program.facts.rules, querying)
        let rows = try await querying.query(
            """
            select outcome, reasons, member_id, ahead, decided_at
            from checkups_walk_in(
                \(scan.requestID), \(visit.id), \(standing?.member), \(reason), \(scan.code.kind), \(scan.occurredAt), \(scan.fingerprint),
                \(scan.doneBy), \(standing?.mayApply ?? false), \(standing?.groups ?? 0)::smallint, \(clockOffsetMicroseconds))
            """)
        let row = try rows.single
        return try CheckInStore.decision(try row.decode(0)) { outcome throws(PostgresError) in
            VanDecision.Decided(
                outcome: outcome, reasons: try CheckInStore.reasons(row, 1), memberID: try row.decode(2), number: nil,
                ahead: try row.decode(3), decidedAt: try row.decode(4))
        }
    }

    /// Whether the rules admit the member now, and the groups they put the member into. Of a merged member the one who goes on.
    private func standing(
        of member: ID<Member>?, in rules: ProgramRules, _ querying: any Querying
    ) async throws(PostgresError) -> (member: ID<Member>, mayApply: Bool, groups: Int32)? {
        guard let member else { return nil }
        let groups = rules.groups.enumerated().reduce(SQL("0")) { sum, group -> SQL in
            let (holds, bit) = (Condition.all(group.element.conditions).sql, Int32(1) << Int32(group.offset))
            return "\(fragment: sum) + case when \(fragment: holds) then \(bit) else 0 end"
        }
        let rows = try await querying.query(
            """
            select member.member_id, \(fragment: Condition.all(rules.eligibility).sql), (\(fragment: groups))::integer
            from member shown
            join member on member.member_id = coalesce(shown.merged_into, shown.member_id)
            where shown.member_id = \(member)
            """)
        guard let row = rows.first else { return nil }
        return (try row.decode(0), try row.decode(1), try row.decode(2))
    }

    /// Who was called.
    package struct Called: Sendable {
        package let memberID: ID<Member>
        package let number: Int32
        /// Whether it is the place of somebody who did not come.
        package let isOfMissing: Bool
    }

    /// Gives places to the next who wait; under the same id the same ones again.
    package func callNext(
        _ callID: UUID, count: Int32, at visit: ID<VanVisit>, by subject: String, in querying: any Querying
    ) async throws(PostgresError) -> [Called] {
        let rows = try await querying.query(
            """
            select member_id, number, replaces_member_id is not null
            from checkups_call_next(\(visit), \(callID), \(count), \(subject), \(clockOffsetMicroseconds))
            """)
        var called: [Called] = []
        for row in rows {
            called.append(Called(memberID: try row.decode(0), number: try row.decode(1), isOfMissing: try row.decode(2)))
        }
        return called
    }

    /// How many wait today.
    package func waiting(at visit: ID<VanVisit>, in querying: any Querying) async throws(PostgresError) -> Int64 {
        try await querying.query(
            """
            select count(*)
            from checkup_walk_in
            join checkup_visit using (visit_id)
            join program using (program_id)
            where visit_id = \(visit)
                and checkup_walk_in.state = 'waiting'
                and arrived_on = ((clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond') at time zone time_zone)::date
            """
        ).single.decode(0)
    }
}
