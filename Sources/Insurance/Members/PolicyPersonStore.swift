import Postgres
import Registry
import Runtime

/// What insurance keeps of a person besides the policies themselves: the statements that belong to no other store.
struct PolicyPersonStore: Sendable {
    let database: Database

    struct Event: Encodable, Sendable {
        let policyId: ID<Policy>
        let before: PolicyState?
        let after: PolicyState
        let reason: String?
        let at: String
    }

    /// What became of a person's policies, in the order of time; of batches that are confirmed or closed.
    func events(of ids: [ID<Member>], in querying: any Querying) async throws(PostgresError) -> [Event] {
        var events: [Event] = []
        for row in try await querying.query(
            """
            select event.policy_id, event.state_before, event.state_after, event.reason, event.occurred_at
            from policy_event event
            join policy using (member_id, policy_id)
            join insurance_batch batch on batch.batch_id = policy.batch_id
            where event.member_id = any(\(ids)) and batch.state in ('confirmed', 'closed')
            order by event.event_id
            limit 10000
            """)
        {
            events.append(
                Event(
                    policyId: try row.decode(0), before: try row.decode(1, as: String?.self).flatMap(PolicyState.init(rawValue:)),
                    after: try row.decodeOption(2), reason: try row.decode(3), at: try row.decode(4, as: Timestamp.self).description))
        }
        return events
    }

    struct Message: Encodable, Sendable {
        let policyId: ID<Policy>
        let kind: String
        let dueOn: String
        let at: String
    }

    func messages(to ids: [ID<Member>], in querying: any Querying) async throws(PostgresError) -> [Message] {
        var messages: [Message] = []
        for row in try await querying.query(
            """
            select policy_id, kind, due_on, requested_at from policy_message
            where member_id = any(\(ids))
            order by requested_at, policy_id
            limit 10000
            """)
        {
            messages.append(
                Message(
                    policyId: try row.decode(0), kind: try row.decode(1), dueOn: try row.decode(2, as: CalendarDate.self).description,
                    at: try row.decode(3, as: Timestamp.self).description))
        }
        return messages
    }

    /// Policies, days and amounts stay, as figures; beneficiaries and messages go, and words of insurers and organizers, which may name
    /// people. Our own codes stay.
    func forget(_ ids: [ID<Member>], in querying: any Querying) async throws(PostgresError) {
        _ = try await querying.query("delete from policy_beneficiary where member_id = any(\(ids))")
        _ = try await querying.query("delete from policy_message where member_id = any(\(ids))")
        _ = try await querying.query("update policy_claim set reason = '-' where member_id = any(\(ids)) and reason is not null")
        _ = try await querying.query("update policy set reason = '-' where member_id = any(\(ids)) and reason !~ '^[a-z_]+$'")
        _ = try await querying.query("update policy_event set reason = '-' where member_id = any(\(ids)) and reason !~ '^[a-z_]+$'")
    }
}
