import Crypto
package import Postgres
package import Registry
package import Runtime

/// Cards, numbers and day codes: every statement that writes them. Which of them open, `stations_admit` decides.
package struct CredentialStore: Sendable {
    let database: Database
    private let digests: CredentialDigests
    private let clockOffsetMicroseconds: Int64

    /// - Parameter clock: its offset is added to the database's clock, as doors do.
    package init(_ database: Database, digests: CredentialDigests, clock: Clock) {
        self.database = database
        self.digests = digests
        clockOffsetMicroseconds = clock.offsetMicroseconds
    }

    /// A credential with what its card shows.
    package struct Found: Sendable {
        package let credential: AccessCredential
        /// Whose auditors hear of it: the member's.
        package let memberOrganizationID: ID<Organization>
        /// The first day, in China.
        package let issuedOn: CalendarDate
        /// Days it is good, the first one included; nil: until it is revoked.
        package let validDays: Int32?
    }

    package enum IssueOutcome: Sendable {
        case issued(Found, code: DayCode?)
        case memberUnknown
        /// Suspended or left.
        case memberGone
        case organizationUnknown
        case numberBound
        /// Every day code drawn was in force already.
        case noCodeLeft
    }

    /// Makes one for the member.
    /// - Parameters:
    ///   - number: of a draft of that kind.
    ///   - scope: where the caller may: the member's organization lies in it, or the one a day code is bound to.
    package func issue(
        _ draft: CredentialDraft, number: CardNumber?, pin: PIN?, to member: ID<Member>, within scope: Scope, by subject: String,
        in querying: any Querying
    ) async throws(PostgresError) -> IssueOutcome {
        let boundInside = try await isInside(draft.organizationId, scope, in: querying)
        if draft.organizationId != nil, !boundInside { return .organizationUnknown }
        let rows = try await querying.query(
            """
            select status in ('active', 'provisional') from member
            where member_id = \(member) and (\(boundInside) or \(fragment: scope.condition("member.organization_id")))
            for key share
            """)
        guard let row = rows.first else { return .memberUnknown }
        guard try row.decode(0) else { return .memberGone }
        let drawn = try await querying.query("select nextval(pg_get_serial_sequence('access_credential', 'credential_id'))")
        let id: ID<AccessCredential> = try drawn.single.decode(0)
        // Ten million day codes: twenty draws all in force are no accident.
        for _ in 0..<20 {
            let code = draft.kind == .dayCode ? DayCode.random() : nil
            let digest = number.map(digests.number) ?? code.map { digests.dayCode($0.digits) } ?? digests.card(id.rawValue)
            let made = try await insert(id, digest, draft, label: number?.masked, pin: pin, of: member, by: subject, in: querying)
            if made, let found = try await find(id, in: querying) { return .issued(found, code: code) }
            if draft.kind != .dayCode { break }
        }
        return draft.kind == .number ? .numberBound : .noCodeLeft
    }

    private func isInside(_ id: ID<Organization>?, _ scope: Scope, in querying: any Querying) async throws(PostgresError) -> Bool {
        guard let id else { return false }
        return
            !(try await querying.query(
                """
                select from organization
                where organization_id = \(id) and \(fragment: scope.condition("organization.organization_id"))
                """)).isEmpty
    }

    /// - Returns: false when its digest stands for another that is in force.
    private func insert(
        _ id: ID<AccessCredential>, _ digest: [UInt8], _ draft: CredentialDraft, label: String?, pin: PIN?, of member: ID<Member>,
        by subject: String, in querying: any Querying
    ) async throws(PostgresError) -> Bool {
        // A number or day code that is over is free again; its row stays, under a digest that nothing has.
        _ = try await querying.query(
            """
            update access_credential set credential_digest = \(SecureRandom.bytes(32))
            where credential_digest = \(digest)
                and (revoked_at is not null or valid_until <= clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond')
            """)
        let result = try await querying.query(
            """
            insert into access_credential (
                credential_id, credential_digest, kind, member_id, organization_id, pin_digest, label, created_by, created_at, valid_from,
                valid_until)
            overriding system value
            select \(id), \(digest), \(draft.kind.rawValue), \(member), \(draft.organizationId),
                \(pin.map { digests.pin($0.digits, of: digest) }), \(label), \(subject), instant, instant,
                ((instant at time zone 'Asia/Shanghai')::date + \(draft.days)::integer)::timestamp at time zone 'Asia/Shanghai'
            from (select clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond' as instant) now
            on conflict on constraint access_credential_digest_is_unique do nothing
            """)
        return result.affectedRows == 1
    }

    /// One of them; nil too when neither its member nor the organization it is bound to lies in `scope`.
    package func find(
        _ id: ID<AccessCredential>, within scope: Scope = .everything, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> Found? {
        let result = try await (querying ?? database).query(
            """
            select \(raw: Self.columns) from \(raw: Self.tables)
            where credential_id = \(id)
                and (\(fragment: scope.condition("member.organization_id"))
                    or \(fragment: scope.condition("access_credential.organization_id")))
            """)
        return try result.first.map { row throws(PostgresError) in try Self.found(row) }
    }

    /// A member's, in order of their numbers, from the one after `cursor`; those that are over among them.
    package func list(
        of member: ID<Member>, after cursor: ID<AccessCredential>?, limit: Int
    ) async throws(PostgresError) -> [AccessCredential] {
        let result = try await database.query(
            """
            select \(raw: Self.columns) from \(raw: Self.tables)
            where access_credential.member_id = \(member) and credential_id > \(cursor ?? ID(0))
            order by credential_id
            limit \(limit)
            """)
        var credentials: [AccessCredential] = []
        for row in result { credentials.append(try Self.found(row).credential) }
        return credentials
    }

    /// Whether the member's organization lies in `scope`.
    package func isMemberInside(_ member: ID<Member>, _ scope: Scope) async throws(PostgresError) -> Bool {
        !(try await database.query(
            "select from member where member_id = \(member) and \(fragment: scope.condition("member.organization_id"))")).isEmpty
    }

    /// Ends it for good; the first reason stays.
    /// - Returns: whether it was in force until now.
    package func revoke(
        _ id: ID<AccessCredential>, _ reason: RevocationReason, by subject: String, in querying: any Querying
    ) async throws(PostgresError) -> Bool {
        try await querying.query(
            """
            update access_credential
            set revoked_at = clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond', revoked_by = \(subject),
                revoked_reason = \(reason.rawValue)
            where credential_id = \(id) and revoked_at is null
            """
        ).affectedRows == 1
    }

    /// Everything that opens doors to `ended` opens them to `survivor` from now on, who is the same person: revoked ones go along, as what
    /// they were.
    func pass(from ended: ID<Member>, to survivor: ID<Member>, in querying: any Querying) async throws(PostgresError) {
        _ = try await querying.query("update access_credential set member_id = \(survivor) where member_id = \(ended)")
    }

    /// Ends everything that opens doors to these members, and forgets the numbers of their cards.
    func forget(_ members: [ID<Member>], in querying: any Querying) async throws(PostgresError) {
        _ = try await querying.query(
            """
            update access_credential
            set
                revoked_at = coalesce(revoked_at, clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond'),
                revoked_by = coalesce(revoked_by, 'registry'),
                revoked_reason = coalesce(revoked_reason, 'other'),
                label = null,
                pin_digest = null,
                credential_digest = case kind
                    when 'number' then sha256(uuid_send(gen_random_uuid()))
                    else credential_digest
                end
            where member_id = any(\(members))
            """)
    }

    /// Sets or takes away the PIN, and unlocks it.
    /// - Returns: false when it is revoked, or a day code.
    package func setPIN(_ pin: PIN?, of id: ID<AccessCredential>, in querying: any Querying) async throws(PostgresError) -> Bool {
        let rows = try await querying.query(
            """
            select credential_digest from access_credential
            where credential_id = \(id) and revoked_at is null and kind <> 'day_code'
            for no key update
            """)
        guard let row = rows.first else { return false }
        let credentialDigest: [UInt8] = try row.decode(0)
        let digest = pin.map { digests.pin($0.digits, of: credentialDigest) }
        _ = try await querying.query(
            "update access_credential set pin_digest = \(digest), pin_failures = 0 where credential_id = \(id)")
        return true
    }

    /// Lets PINs be tried again.
    package func unlock(_ id: ID<AccessCredential>, in querying: any Querying) async throws(PostgresError) {
        _ = try await querying.query("update access_credential set pin_failures = 0 where credential_id = \(id)")
    }

    private static let tables = "access_credential join member on member.member_id = access_credential.member_id"

    private static let columns = """
        credential_id, kind, access_credential.member_id, access_credential.organization_id, label, pin_digest is not null,
        pin_failures >= 5, valid_from, valid_until, revoked_at, revoked_reason, access_credential.created_at, created_by,
        member.organization_id, (valid_from at time zone 'Asia/Shanghai')::date,
        (valid_until at time zone 'Asia/Shanghai')::date - (valid_from at time zone 'Asia/Shanghai')::date
        """

    private static func found(_ row: Row) throws(PostgresError) -> Found {
        let credential = AccessCredential(
            id: try row.decode(0), kind: try row.decodeOption(1), memberId: try row.decode(2), organizationId: try row.decode(3),
            label: try row.decode(4), hasPIN: try row.decode(5), isPINLocked: try row.decode(6),
            validFrom: try row.decode(7, as: Timestamp.self).description,
            validUntil: try row.decode(8, as: Timestamp?.self)?.description,
            revokedAt: try row.decode(9, as: Timestamp?.self)?.description,
            revokedReason: try row.decode(10), createdAt: try row.decode(11, as: Timestamp.self).description,
            createdBy: try row.decode(12))
        return Found(
            credential: credential, memberOrganizationID: try row.decode(13), issuedOn: try row.decode(14), validDays: try row.decode(15))
    }
}
