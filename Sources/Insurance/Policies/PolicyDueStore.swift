package import Postgres
package import Programs
import Registry
package import Runtime

/// What is due of policies by the clock or by what became of their members: every statement of the jobs.
package struct PolicyDueStore: Sendable {
    let database: Database
    let clockOffsetMicroseconds: Int64

    private var instant: SQL { "(clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond')" }
    private var today: SQL { "((\(fragment: instant)) at time zone 'Asia/Shanghai')::date" }

    // MARK: The waitlist

    /// Batches of gifts with places that are free and were not looked at for a minute, those that waited longest first.
    package func withPlaces(limit: Int) async throws(PostgresError) -> [ID<InsuranceBatch>] {
        var ids: [ID<InsuranceBatch>] = []
        for row in try await database.query(
            """
            select batch_id from insurance_batch
            where state = 'confirmed' and free > 0 and kind = 'gift' and cover_until > \(fragment: today)
                and (
                    ticked_at is null or ticked_at < \(fragment: instant) - interval '1 minute'
                    or ticked_at > \(fragment: instant) + interval '1 hour')
            order by ticked_at nulls first, batch_id
            limit \(limit)
            """)
        { ids.append(try row.decode(0)) }
        return ids
    }

    /// - Parameter isIdle: nobody waits for what is free; it is looked at again in a quarter of an hour, for each look takes the batch.
    package func ticked(_ batch: ID<InsuranceBatch>, isIdle: Bool, in querying: any Querying) async throws(PostgresError) {
        _ = try await querying.query(
            """
            update insurance_batch set ticked_at = \(fragment: instant) + \(Int32(isIdle ? 14 : 0)) * interval '1 minute'
            where batch_id = \(batch)
            """)
    }

    /// How each of these members, by rising number, stands with a batch.
    package func standings(
        of batch: InsuranceBatch, _ product: InsuranceProduct, _ members: [Int64], in querying: any Querying
    ) async throws(PostgresError) -> [RegisterDraw.Standing] {
        var standings = [RegisterDraw.Standing](repeating: .waiting, count: members.count)
        func mark(_ ids: [Int64], _ standing: RegisterDraw.Standing) {
            // Both rise, so one pass finds all.
            var row = 0
            for id in ids.sorted() {
                while row < members.count, members[row] < id { row += 1 }
                if row < members.count, members[row] == id { standings[row] = standing }
            }
        }
        let facts = batch.facts
        let covered = try await PolicyStore.coveredMembers(
            product.facts.family, from: facts.coverFrom, until: facts.coverUntil, in: querying)
        mark(covered, .gone)
        let away: [Int64] = try await querying.query(
            "select coalesce(array_agg(member_id), '{}') from member where status <> 'active'"
        ).single.decode(0)
        mark(away, .gone)
        let had: [Int64] = try await querying.query(
            """
            select coalesce(array_agg(member_id), '{}')
            from (
                select member_id from policy where batch_id = \(batch.id)
                union all
                select merged_into from member join policy using (member_id) where batch_id = \(batch.id) and merged_into is not null
            ) had
            """
        ).single.decode(0)
        mark(had, .gone)
        if product.facts.onTransfer == .ends {
            let elsewhere: [Int64] = try await querying.query(
                """
                select coalesce(array_agg(member_id), '{}') from member
                where not exists (
                    select from organization_ancestor
                    where organization_ancestor.organization_id = member.organization_id and ancestor_id = \(batch.organizationID))
                """
            ).single.decode(0)
            mark(elsewhere, .gone)
        }
        let holds: [Int64] = try await querying.query(
            """
            select coalesce(array_agg(member_id), '{}') from policy
            where batch_id = \(batch.id) and state not in ('refused', 'returned', 'cancelled', 'expired')
            """
        ).single.decode(0)
        mark(holds, .holds)
        return standings
    }

    // MARK: The clock

    /// Batches some of whose policies may begin, end or lapse.
    package func ripe(limit: Int) async throws(PostgresError) -> [ID<InsuranceBatch>] {
        var ids: [ID<InsuranceBatch>] = []
        for row in try await database.query(
            "select batch_id from insurance_batch where ripe_at <= \(fragment: instant) order by ripe_at, batch_id limit \(limit)")
        { ids.append(try row.decode(0)) }
        return ids
    }

    /// What is to be moved of a batch that is held, by rising number, at most `limit` from the one after `after`: what begins, what ends,
    /// what was not accepted or not paid for in time.
    package func moves(
        of batch: ID<InsuranceBatch>, _ product: InsuranceProduct, after: ID<Policy>?, limit: Int, in querying: any Querying
    ) async throws(PostgresError) -> [PolicyMove] {
        let begins: SQL =
            product.facts.acceptDays == nil
            ? "state = 'issued' and lower(cover) <= day.today" : "state = 'accepted' and lower(cover) <= day.today"
        var moves: [PolicyMove] = []
        for row in try await querying.query(
            """
            select
                policy_id,
                case
                    when state = 'active' then 'expired'
                    when state = 'reserved' or (state = 'issued' and accept_until is not null) then 'returned'
                    else 'active'
                end,
                case when state = 'reserved' then \(MutualAid.unpaidReason) when state = 'issued' then 'not_accepted' end
            from policy
            cross join (select \(fragment: today) as today) day
            where batch_id = \(batch) and policy_id > \(after?.rawValue ?? 0)
                and (
                    (\(fragment: begins))
                    or (state = 'active' and upper(cover) <= day.today)
                    or (state = 'issued' and accept_until <= \(fragment: instant))
                    or (\(fragment: MutualAid.isUnpaid) and \(fragment: MutualAid.unpaidUntil) <= \(fragment: instant)))
            order by policy_id
            limit \(limit)
            """)
        {
            let state: PolicyState = try row.decodeOption(1)
            moves.append(PolicyMove(try row.decode(0), to: state, reason: state == .returned ? try row.decode(2) : nil))
        }
        return moves
    }

    /// Says when the next of a batch's policies is due; the batch is held.
    package func setRipe(_ batch: ID<InsuranceBatch>, _ product: InsuranceProduct, in querying: any Querying) async throws(PostgresError) {
        let waits: SQL = product.facts.acceptDays == nil ? "state in ('issued', 'accepted')" : "state = 'accepted'"
        _ = try await querying.query(
            """
            update insurance_batch
            set ripe_at = (
                select min(case
                    when \(fragment: waits) then lower(cover)::timestamp at time zone 'Asia/Shanghai'
                    when state = 'active' then upper(cover)::timestamp at time zone 'Asia/Shanghai'
                    when state = 'issued' then accept_until
                    when \(fragment: MutualAid.isUnpaid) then \(fragment: MutualAid.unpaidUntil)
                end)
                from policy
                where policy.batch_id = \(batch))
            where batch_id = \(batch)
            """)
    }

    // MARK: Members who go

    /// Batches with policies that end with a membership, or with a move to another organization.
    package func withLeavers(limit: Int, after: ID<InsuranceBatch>?) async throws(PostgresError) -> [ID<InsuranceBatch>] {
        var ids: [ID<InsuranceBatch>] = []
        for row in try await database.query(
            """
            select batch_id
            from insurance_batch
            where batch_id > \(after?.rawValue ?? 0) and state in ('confirmed', 'closed')
                and reserved + rejected + issued + accepted + active > 0
            order by batch_id
            limit \(limit)
            """)
        { ids.append(try row.decode(0)) }
        return ids
    }

    /// What is to be moved of a batch that is held because of who left or moved away, by rising number, at most `limit` from the one after
    /// `after`: nobody is insured anew who left, and whose cover ends by the product's rule is not covered any more. Of who was merged it
    /// is the one who goes on that counts.
    package func leavers(
        of batch: InsuranceBatch, _ product: InsuranceProduct, after: ID<Policy>?, limit: Int, in querying: any Querying
    ) async throws(PostgresError) -> [PolicyMove] {
        let endsWithMembership = product.facts.onLeaving == .ends
        let endsWithMove = product.facts.onTransfer == .ends
        var moves: [PolicyMove] = []
        for row in try await querying.query(
            """
            select policy_id, state, why
            from (
                select
                    policy.policy_id, policy.state,
                    case
                        when coalesce(person.status, member.status) = 'left'
                            and (policy.state in ('reserved', 'rejected') or \(endsWithMembership))
                            then 'left'
                        when \(endsWithMove) and coalesce(person.status, member.status) <> 'left'
                            and not exists (
                                select from organization_ancestor
                                where organization_ancestor.organization_id = coalesce(person.organization_id, member.organization_id)
                                    and ancestor_id = \(batch.organizationID))
                            then 'moved_away'
                    end as why
                from policy
                join member using (member_id)
                left join member person on person.member_id = member.merged_into
                where policy.batch_id = \(batch.id) and policy.policy_id > \(after?.rawValue ?? 0)
                    and policy.state in ('reserved', 'rejected', 'issued', 'accepted', 'active')
            ) judged
            where why is not null
            order by policy_id
            limit \(limit)
            """)
        {
            let state: PolicyState = try row.decodeOption(1)
            moves.append(
                PolicyMove(
                    try row.decode(0), to: state == .reserved || state == .rejected ? .returned : .cancelled, reason: try row.decode(2)))
        }
        return moves
    }

    /// What is to be moved of a batch that is held because two members turned out to be one, who has two policies of a family over days to
    /// come: the one that covers stays, or is nearer to it, of two alike the earlier. What does not cover yet goes to who waits.
    package func doubles(
        of batch: ID<InsuranceBatch>, after: ID<Policy>?, limit: Int, in querying: any Querying
    ) async throws(PostgresError) -> [PolicyMove] {
        var moves: [PolicyMove] = []
        for row in try await querying.query(
            """
            with number as materialized (
                select member_id, merged_into as person_id from member where merged_into is not null
                union
                select merged_into, merged_into from member where merged_into is not null
            )
            select policy.policy_id, policy.state
            from number
            join policy on policy.member_id = number.member_id and policy.batch_id = \(batch)
            where policy.policy_id > \(after?.rawValue ?? 0) and policy.state in ('reserved', 'rejected', 'issued', 'accepted', 'active')
                and exists (
                    select
                    from number other_number
                    join policy other on other.member_id = other_number.member_id
                    where other_number.person_id = number.person_id
                        and other.family = policy.family
                        and other.state not in ('refused', 'returned', 'cancelled', 'expired')
                        and upper(other.cover * policy.cover) > \(fragment: today)
                        and (\(raw: Self.distance("other")), other.policy_id) < (\(raw: Self.distance("policy")), policy.policy_id))
            order by policy.policy_id
            limit \(limit)
            """)
        {
            let state: PolicyState = try row.decodeOption(1)
            moves.append(PolicyMove(try row.decode(0), to: state == .active ? .cancelled : .returned, reason: Self.doubleReason))
        }
        return moves
    }

    /// Why one of two goes; members are told it in words.
    static let doubleReason = "merged"

    /// How far a policy is from covering: the insurer's word first, then what it was asked for.
    private static func distance(_ policy: String) -> String {
        "array_position(array['claimed', 'active', 'accepted', 'issued', 'sent', 'reserved', 'rejected'], \(policy).state)"
    }
}
