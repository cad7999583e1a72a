package import Postgres
package import Runtime

/// What is kept of one person, gathered, and its end: the statements that belong to no other store.
package struct PersonalDataStore: Sendable {
    let database: Database
    let members: MemberStore

    package enum EraseOutcome: String, Sendable {
        case erased, unknown, merged, already
    }

    /// Forgets the person, under all numbers.
    /// - Parameter people: the member and those merged into it, as they stand.
    package func erase(
        _ id: ID<Member>, _ people: [Member], reason: ErasureReason, by subject: String, in querying: any Querying
    ) async throws(PostgresError) -> EraseOutcome {
        let indexes = people.compactMap { $0.person.map { members.vault.index(of: $0.nationalID) } }
        let result = try await querying.query(
            """
            select member_erase(\(id), \(indexes), \(reason.rawValue), \(subject)), pg_notify(\(DeviceStore.accessChannel), '')
            """)
        guard let row = result.first, let outcome = EraseOutcome(rawValue: try row.decode(0)) else {
            throw .decoding("an unknown outcome of an erasure")
        }
        return outcome
    }

    struct StatusChange: Encodable, Sendable {
        let memberId: ID<Member>
        let before: String
        let after: String
        let changedBy: String
        let changedAt: String
    }

    func statusChanges(of ids: [ID<Member>], in querying: any Querying) async throws(PostgresError) -> [StatusChange] {
        let result = try await querying.query(
            """
            select member_id, status_before, status_after, changed_by, changed_at
            from member_status_change
            where member_id = any(\(ids))
            order by changed_at, member_id, version
            """)
        var changes: [StatusChange] = []
        for row in result {
            changes.append(
                StatusChange(
                    memberId: try row.decode(0), before: try row.decode(1), after: try row.decode(2), changedBy: try row.decode(3),
                    changedAt: try row.decode(4, as: Timestamp.self).description))
        }
        return changes
    }

    struct Session: Encodable, Sendable {
        let id: ID<MemberSession>
        let deviceName: String?
        let createdAt: String
        let seenAt: String
        let expiresAt: String
        let endedAt: String?
    }

    func sessions(of ids: [ID<Member>], in querying: any Querying) async throws(PostgresError) -> [Session] {
        let result = try await querying.query(
            """
            select session_id, device_name, created_at, seen_at, expires_at, ended_at
            from member_session
            where member_id = any(\(ids))
            order by session_id
            """)
        var sessions: [Session] = []
        for row in result {
            sessions.append(
                Session(
                    id: try row.decode(0), deviceName: try row.decode(1), createdAt: try row.decode(2, as: Timestamp.self).description,
                    seenAt: try row.decode(3, as: Timestamp.self).description,
                    expiresAt: try row.decode(4, as: Timestamp.self).description,
                    endedAt: try row.decode(5, as: Timestamp?.self)?.description))
        }
        return sessions
    }

    struct Access: Encodable, Sendable {
        let actor: String
        let action: String
        let at: String
    }

    /// Who changed or read what of the person, as the audit has it.
    func accesses(to ids: [ID<Member>], in querying: any Querying) async throws(PostgresError) -> [Access] {
        let result = try await querying.query(
            """
            select actor, action, occurred_at from audit_entry
            where subject = any(\(ids.map { "member:\($0)" }))
            order by entry_id
            """)
        var accesses: [Access] = []
        for row in result {
            accesses.append(
                Access(actor: try row.decode(0), action: try row.decode(1), at: try row.decode(2, as: Timestamp.self).description))
        }
        return accesses
    }
}

/// Why a person was forgotten.
package enum ErasureReason: String, Codable, CaseIterable, Sendable {
    case askedByThePerson = "asked_by_the_person"
    case enteredByMistake = "entered_by_mistake"
    case requiredByLaw = "required_by_law"
}
