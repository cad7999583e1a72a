import Postgres
import Registry
import Runtime

/// Whom to remind of a policy: every statement about it.
struct PolicyReminderStore: Sendable {
    let database: Database
    let clockOffsetMicroseconds: Int64

    /// Before the last moment to accept.
    static let acceptDays = 3
    /// Before the cover ends.
    static let endDays = 14

    /// The service's time in SQL: the database's clock, moved by `--clock-offset`.
    private var instant: SQL { "(clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond')" }

    struct Reminder: Sendable {
        enum Kind: String, CaseIterable, Sendable {
            case acceptDue = "accept_due"
            case coverEnds = "cover_ends"
        }

        let kind: Kind
        let policyID: ID<Policy>
        let batchID: ID<InsuranceBatch>
        /// Who goes on for the one who was given it.
        let memberID: ID<Member>
        let organizationID: ID<Organization>
        /// The last day to accept, or the last that is covered.
        let dueOn: CalendarDate
    }

    /// Batches of which something ripens within the days of a reminder and that were not looked at for an hour. What ripens first is a
    /// batch's `ripe_at`, so one whose first policy ends in half a year costs nothing until then.
    func due(limit: Int) async throws(PostgresError) -> [ID<InsuranceBatch>] {
        var ids: [ID<InsuranceBatch>] = []
        for row in try await database.query(
            """
            select batch_id from insurance_batch
            where state in ('confirmed', 'closed')
                and (
                    ripe_at <= \(fragment: instant) + \(raw: String(Self.endDays)) * interval '1 day'
                    -- Of which a claim was paid, no step of the clock is left.
                    or (claimed > 0 and cover_until::timestamp at time zone 'Asia/Shanghai'
                        between \(fragment: instant) and \(fragment: instant) + \(raw: String(Self.endDays)) * interval '1 day'))
                and (reminded_at is null or reminded_at < \(fragment: instant) - interval '1 hour' or reminded_at > \(fragment: instant))
            order by ripe_at, batch_id
            limit \(limit)
            """)
        { ids.append(try row.decode(0)) }
        return ids
    }

    /// Who is to be told now and was not yet, noted as told in the caller's transaction, at most `limit`. Two servers that look at once
    /// tell each thing once.
    func take(_ batch: ID<InsuranceBatch>, limit: Int, in querying: any Querying) async throws(PostgresError) -> [Reminder] {
        var reminders: [Reminder] = []
        for row in try await querying.query(
            """
            with present as materialized (
                select now.instant, (now.instant at time zone 'Asia/Shanghai')::date as today
                from (select \(fragment: instant) as instant) now
            ),
            due as (
                select
                    'accept_due' as kind, policy.member_id, policy.policy_id,
                    (policy.accept_until at time zone 'Asia/Shanghai')::date as due_on
                from policy
                cross join present
                where policy.batch_id = \(batch) and policy.state = 'issued' and policy.accept_until > present.instant
                    and policy.accept_until <= present.instant + \(raw: String(Self.acceptDays)) * interval '1 day'
                union all
                select 'cover_ends', policy.member_id, policy.policy_id, upper(policy.cover) - 1
                from policy
                cross join present
                where policy.batch_id = \(batch) and policy.state in ('active', 'claimed') and upper(policy.cover) > present.today
                    and upper(policy.cover) <= present.today + \(raw: String(Self.endDays))
            ),
            noted as (
                insert into policy_message (member_id, policy_id, kind, due_on, requested_at)
                select due.member_id, due.policy_id, due.kind, due.due_on, present.instant
                from due
                cross join present
                where not exists (
                    select from policy_message
                    where policy_message.member_id = due.member_id
                        and policy_message.policy_id = due.policy_id
                        and policy_message.kind = due.kind
                        and policy_message.due_on = due.due_on)
                order by due.member_id, due.policy_id, due.kind
                limit \(limit)
                on conflict on constraint policy_message_pkey do nothing
                returning member_id, policy_id, kind, due_on
            )
            select noted.kind, noted.policy_id, coalesce(member.merged_into, member.member_id), batch.organization_id, noted.due_on
            from noted
            join member using (member_id)
            join insurance_batch batch on batch.batch_id = \(batch)
            order by noted.member_id, noted.policy_id
            """)
        {
            reminders.append(
                Reminder(
                    kind: try row.decodeOption(0), policyID: try row.decode(1), batchID: batch, memberID: try row.decode(2),
                    organizationID: try row.decode(3), dueOn: try row.decode(4)))
        }
        return reminders
    }

    /// Nobody is left to be told now.
    func reminded(_ batch: ID<InsuranceBatch>, in querying: any Querying) async throws(PostgresError) {
        _ = try await querying.query("update insurance_batch set reminded_at = \(fragment: instant) where batch_id = \(batch)")
    }
}
