import Crypto
package import Postgres
package import Runtime

/// Members: every statement about them but the imports' own bookkeeping.
package struct MemberStore: Sendable {
    let database: Database
    let vault: PersonalDataVault
    /// What is added to the database's clock in what is decided here.
    var clockOffsetMicroseconds: Int64 = 0

    /// What a list shows.
    package struct Filter: Sendable {
        var status: MemberStatus?
        var organizationID: ID<Organization>?
        var scope: Scope

        package init(status: MemberStatus? = nil, organizationID: ID<Organization>? = nil, scope: Scope = .everything) {
            self.status = status
            self.organizationID = organizationID
            self.scope = scope
        }
    }

    private static let columns = """
        m.member_id, m.organization_id, m.status, m.worker_kind, m.employment_form, m.sex, m.birth_on, m.hardship_post,
        m.employer_checkup, m.version, m.created_at, m.updated_at, m.merged_into, m.erased_at, k.wrapped_key, p.name_sealed,
        p.national_id_sealed, p.phone_sealed
        """

    private static let tables = """
        member m
        left join member_data_key k on k.member_id = m.member_id
        left join member_personal_data p on p.member_id = m.member_id
        """

    package func member(_ id: ID<Member>, in querying: (any Querying)? = nil) async throws(PostgresError) -> Member? {
        let result = try await (querying ?? database).query(
            "select \(raw: Self.columns) from \(raw: Self.tables) where m.member_id = \(id)")
        return try result.first.map { row throws(PostgresError) in try member(row) }
    }

    /// The members for whom `condition` holds, in the order of their numbers.
    func found(_ condition: SQL, limit: Int = 10_000, in querying: (any Querying)? = nil) async throws(PostgresError) -> [Member] {
        let result = try await (querying ?? database).query(
            """
            select \(raw: Self.columns) from \(raw: Self.tables)
            where \(fragment: condition)
            order by m.member_id limit \(limit)
            """)
        var members: [Member] = []
        for row in result { members.append(try member(row)) }
        return members
    }

    /// The status alone, without unsealing anything; nil too for a member outside of `scope`.
    package func status(
        of id: ID<Member>, within scope: Scope = .everything, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> MemberStatus? {
        let result = try await (querying ?? database).query(
            """
            select status from member
            where member_id = \(id) and \(fragment: scope.condition("member.organization_id"))
            """)
        guard let row = result.first else { return nil }
        guard let status = MemberStatus(rawValue: try row.decode(0)) else { throw .decoding("an unknown status") }
        return status
    }

    /// The member with this national id.
    package func member(_ nationalID: NationalID) async throws(PostgresError) -> Member? {
        let result = try await database.query(
            """
            select \(raw: Self.columns)
            from national_id_directory d
            join \(raw: Self.tables) on m.member_id = d.member_id
            where d.national_id_index = \(vault.index(of: nationalID))
            """)
        return try result.first.map { row throws(PostgresError) in try member(row) }
    }

    /// Members by id, from the one after `after` on, at most `limit`.
    package func list(_ filter: Filter, after: ID<Member>?, limit: Int) async throws(PostgresError) -> [Member] {
        // In the text, for the index of those not active serves only a status that the planner sees.
        let status = filter.status.map { "and m.status = '\($0.rawValue)'" } ?? ""
        let start = after?.rawValue ?? 0
        let result: QueryResult
        if let organizationID = filter.organizationID {
            result = try await database.query(
                """
                select \(raw: Self.columns) from \(raw: Self.tables)
                where m.organization_id = \(organizationID) and m.member_id > \(start) \(raw: status)
                    and \(fragment: filter.scope.condition("m.organization_id"))
                order by m.member_id limit \(limit)
                """)
        } else {
            result = try await database.query(
                """
                select \(raw: Self.columns) from \(raw: Self.tables)
                where m.member_id > \(start) \(raw: status) and \(fragment: filter.scope.condition("m.organization_id"))
                order by m.member_id limit \(limit)
                """)
        }
        var members: [Member] = []
        for row in result { members.append(try member(row)) }
        return members
    }

    package enum CreateOutcome: Sendable {
        case created(Member)
        /// Somebody has the national id: the member who is this person.
        case exists(ID<Member>)
        case organizationUnknown
    }

    /// One new member: an import of one row, except that a known person is not changed.
    /// - Parameter status: provisional for who has to be approved.
    package func create(
        _ draft: MemberDraft, status: MemberStatus = .active, in querying: any Querying
    ) async throws(PostgresError) -> CreateOutcome {
        let entry = MemberEntry(draft: draft, vault: vault)
        let organization = try await querying.query(
            "select 1 from organization where organization_id = \(draft.organizationID) and state = 'open' for key share")
        guard !organization.isEmpty else { return .organizationUnknown }
        // A second round only when another request enters the same person in between.
        for _ in 0..<3 {
            let answers = try await lookUp([entry], drawsIDs: true, in: querying)
            guard let answer = answers.first, let memberID = answer.memberID else { break }
            guard answer.verdict == .new else { return .exists(ID(memberID)) }
            let (batch, _) = try Self.seal([entry], answers, vault, status: { _ in status })
            if try await apply(batch, in: querying).first == .inserted, let member = try await member(ID(memberID), in: querying) {
                return .created(member)
            }
        }
        throw .decoding("a person that is neither new nor known")
    }

    package enum StatusOutcome: Sendable {
        case changed(Member)
        case notFound
        /// Somebody changed the member since that version was read.
        case otherVersion
        case notAllowed(from: MemberStatus)
        /// Who had left belonged to an organization that takes nobody any more.
        case organizationClosed
    }

    /// Sets the status, if the present one allows it and the version is still `version` (when given). Setting what is there changes
    /// nothing.
    package func setStatus(
        _ status: MemberStatus, of id: ID<Member>, ifVersion version: Int?, by subject: String, in querying: any Querying
    ) async throws(PostgresError) -> StatusOutcome {
        // The row lock orders those who change one member; the reading under it is the deciding one.
        let locked = try await querying.query(
            """
            select status, version, merged_into is null and erased_at is null, organization_id from member
            where member_id = \(id)
            for no key update
            """)
        guard let row = locked.first else { return .notFound }
        guard let present = MemberStatus(rawValue: try row.decode("status")) else { throw .decoding("an unknown status") }
        if let version, try row.decode("version", as: Int.self) != version { return .otherVersion }
        if present != status {
            // Whoever was merged or forgotten has left for good.
            guard present.mayBecome(status), try row.decode(2) else { return .notAllowed(from: present) }
            if present == .left, try await !takesMembers(try row.decode(3), in: querying) { return .organizationClosed }
            try await write(status, of: id, by: subject, in: querying)
        }
        guard let member = try await member(id, in: querying) else { return .notFound }
        return .changed(member)
    }

    private func member(_ row: Row) throws(PostgresError) -> Member {
        let id: Int64 = try row.decode("member_id")
        guard let status = MemberStatus(rawValue: try row.decode("status")),
            let workerKind = WorkerKind(rawValue: try row.decode("worker_kind")),
            let employmentForm = EmploymentForm(rawValue: try row.decode("employment_form")),
            let sex = Sex(rawValue: try row.decode("sex"))
        else { throw .decoding("a member of an unknown kind") }
        return Member(
            id: ID(id), organizationID: try row.decode("organization_id"), status: status, workerKind: workerKind,
            employmentForm: employmentForm, sex: sex, birthOn: try row.decode("birth_on"),
            hardshipPost: try row.decode("hardship_post"), employerCheckup: try row.decode("employer_checkup"),
            version: try row.decode("version"), createdAt: try row.decode("created_at"), updatedAt: try row.decode("updated_at"),
            mergedInto: try row.decode("merged_into"), erasedAt: try row.decode("erased_at"), person: try person(row, memberID: id))
    }

    private func person(_ row: Row, memberID: Int64) throws(PostgresError) -> PersonalData? {
        guard let wrappedKey = try row.decode("wrapped_key", as: [UInt8]?.self),
            let name = try row.decode("name_sealed", as: [UInt8]?.self),
            let nationalID = try row.decode("national_id_sealed", as: [UInt8]?.self)
        else { return nil }
        let phone: [UInt8]? = try row.decode("phone_sealed")
        do throws(CryptoError) {
            return try vault.open(wrappedKey: wrappedKey, name: name, nationalID: nationalID, phone: phone, memberID: memberID)
        } catch {
            throw .decoding("personal data that does not open with this key file")
        }
    }
}
