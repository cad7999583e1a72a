package import Postgres
package import Programs
import Registry
package import Runtime

/// Figures of campaigns, counted when they are asked for: a campaign has some ten thousand people.
package struct CheckupFigureStore: Sendable {
    let database: Database

    package init(_ database: Database) {
        self.database = database
    }

    /// One person once, with all that figures are counted by.
    private static func people(of campaign: ID<UnionProgram>) -> SQL {
        """
        with application as materialized (
            select member_id, priority, groups, organization_id, wishes
            from program_application
            where program_id = \(campaign) and state = 'applied'
        ),
        award as materialized (
            select member_id, number, state
            from program_award
            where program_id = \(campaign)
        ),
        person as materialized (
            select
                member_id, application.priority, application.wishes, award.number, award.state,
                coalesce(application.organization_id, member.organization_id) as organization_id,
                coalesce(application.groups, waited.groups, 0)::integer as groups,
                application.member_id is not null as applied,
                award.member_id is not null as placed,
                coalesce(award.state in ('confirmed', 'attended', 'used', 'no_show', 'excused'), false) as confirmed,
                coalesce(award.state in ('attended', 'used'), false) as attended,
                coalesce(award.state = 'no_show', false) as no_show
            from application
            full join award using (member_id)
            left join member using (member_id)
            left join lateral (
                select checkup_walk_in.groups
                from checkup_walk_in
                join checkup_visit using (visit_id)
                where checkup_walk_in.member_id = award.member_id
                    and checkup_visit.program_id = \(campaign)
                    and application.member_id is null
                order by checkup_walk_in.arrived_at desc
                limit 1
            ) waited on true
        ),
        program_rules as (
            select rules from program where program_id = \(campaign)
        )
        """
    }

    private static let counts = """
        count(*) filter (where applied), count(*) filter (where placed), count(*) filter (where confirmed),
        count(*) filter (where attended), count(*) filter (where no_show)
        """

    package func total(of campaign: ID<UnionProgram>) async throws(PostgresError) -> CheckupFigures {
        try Self.figures(
            await database.query("\(fragment: Self.people(of: campaign)) select '', '', \(raw: Self.counts) from person").single)
    }

    package func lines(of campaign: ID<UnionProgram>, by grouping: CheckupGrouping) async throws(PostgresError) -> [CheckupFigures] {
        let lines: SQL =
            switch grouping {
            case .campaignClass:
                """
                select
                    coalesce(priority::text, 'walk_in'),
                    case when priority is null then '现场候补' else coalesce(rules -> 'classes' -> (priority - 1) ->> 'name', '其他') end,
                    \(raw: Self.counts)
                from person
                cross join program_rules
                group by priority, rules
                order by priority
                """
            case .floor:
                """
                select
                    coalesce(party.ordinality::text, 'none'), coalesce(party.value ->> 'name', '其他'), \(raw: Self.counts)
                from person
                cross join program_rules
                left join lateral jsonb_array_elements(rules -> 'groups') with ordinality as party (value, ordinality)
                    on (checkups_floor_bits(rules) & person.groups & (1 << (party.ordinality - 1)::integer)) <> 0
                group by party.ordinality, party.value ->> 'name'
                order by party.ordinality
                """
            case .organization:
                """
                select organization_id::text, organization.name, \(raw: Self.counts)
                from person
                join organization using (organization_id)
                group by organization_id, organization.name
                order by organization_id
                """
            case .session:
                """
                select
                    session.number::text, session.title, coalesce(wished.people, 0), coalesce(seated.placed, 0),
                    coalesce(seated.confirmed, 0), coalesce(seated.attended, 0), coalesce(seated.no_show, 0)
                from program_session session
                left join (
                    select wish.number, count(*) as people
                    from person
                    cross join lateral unnest(person.wishes) as wish (number)
                    group by wish.number
                ) wished using (number)
                left join (
                    select
                        number, count(*) as placed, count(*) filter (where confirmed) as confirmed,
                        count(*) filter (where attended) as attended, count(*) filter (where no_show) as no_show
                    from person
                    where placed
                    group by number
                ) seated using (number)
                where session.program_id = \(campaign)
                order by session.number
                """
            }
        var found: [CheckupFigures] = []
        for row in try await database.query("\(fragment: Self.people(of: campaign)) \(fragment: lines)") {
            found.append(try Self.figures(row))
        }
        return found
    }

    private static func figures(_ row: Row) throws(PostgresError) -> CheckupFigures {
        CheckupFigures(
            key: try row.decode(0), name: try row.decode(1), applied: try row.decode(2), placed: try row.decode(3),
            confirmed: try row.decode(4), attended: try row.decode(5), noShow: try row.decode(6))
    }
}
