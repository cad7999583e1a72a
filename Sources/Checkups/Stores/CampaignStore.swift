package import Postgres
package import Programs
package import Registry
package import Runtime

/// Campaigns and their packages: every statement about them.
package struct CampaignStore: Sendable {
    let database: Database

    package init(_ database: Database) {
        self.database = database
    }

    private static let columns = """
        checkup_campaign.program_id, program.organization_id, program.title, program.state, checkup_campaign.grace_minutes,
        checkup_campaign.early_minutes, program.time_zone
        """

    package enum CreateOutcome: Sendable {
        case created(CheckupCampaign)
        case exists
        case programUnknown
    }

    /// Makes the program one of checkups.
    package func create(
        _ body: CheckupCampaignBody, within scope: Scope, by subject: String, in querying: any Querying
    ) async throws(PostgresError) -> CreateOutcome {
        let found = try await querying.query(
            """
            select from program
            where program_id = \(body.programId) and \(fragment: scope.condition("program.organization_id"))
            for no key update
            """)
        guard !found.isEmpty else { return .programUnknown }
        let made = try await querying.query(
            """
            insert into checkup_campaign (program_id, grace_minutes, early_minutes, created_by)
            values (\(body.programId), \(body.graceMinutes ?? 15), \(body.earlyMinutes ?? 60), \(subject))
            on conflict on constraint checkup_campaign_pkey do nothing
            """)
        guard made.affectedRows == 1 else { return .exists }
        guard let campaign = try await find(body.programId, within: scope, in: querying) else { return .programUnknown }
        return .created(campaign)
    }

    /// Nil too outside of `scope`.
    package func find(
        _ id: ID<UnionProgram>, within scope: Scope, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> CheckupCampaign? {
        let rows = try await (querying ?? database).query(
            """
            select \(raw: Self.columns)
            from checkup_campaign
            join program using (program_id)
            where program_id = \(id) and \(fragment: scope.condition("program.organization_id"))
            """)
        return try rows.first.map { row throws(PostgresError) in try Self.campaign(row) }
    }

    /// In order of their ids, from the one after `after`.
    package func list(
        within scope: Scope, after: ID<UnionProgram>?, limit: Int
    ) async throws(PostgresError) -> [CheckupCampaign] {
        let rows = try await database.query(
            """
            select \(raw: Self.columns)
            from checkup_campaign
            join program using (program_id)
            where program_id > \(after?.rawValue ?? 0) and \(fragment: scope.condition("program.organization_id"))
            order by program_id
            limit \(limit)
            """)
        var campaigns: [CheckupCampaign] = []
        for row in rows { campaigns.append(try Self.campaign(row)) }
        return campaigns
    }

    private static func campaign(_ row: Row) throws(PostgresError) -> CheckupCampaign {
        guard let state = ProgramState(rawValue: try row.decode(3)) else { throw .decoding("an unknown state of a program") }
        return CheckupCampaign(
            id: try row.decode(0), organizationId: try row.decode(1), title: try row.decode(2), state: state,
            graceMinutes: try row.decode(4), earlyMinutes: try row.decode(5), timeZone: try row.decode(6))
    }

    // MARK: Packages

    /// Nil when the campaign has one of this name.
    package func createPackage(
        _ body: CheckupPackageBody, of campaign: ID<UnionProgram>, in querying: any Querying
    ) async throws(PostgresError) -> CheckupPackage? {
        let made = try await querying.query(
            """
            insert into checkup_package (program_id, name, items, value_fen)
            values (\(campaign), \(body.name), \(body.items), \(body.valueFen))
            on conflict on constraint checkup_package_name_is_its_own do nothing
            returning package_id
            """)
        guard let row = made.first else { return nil }
        let id: ID<CheckupPackage> = try row.decode(0)
        let addOns = body.addOns ?? []
        for addOn in addOns {
            _ = try await querying.query(
                "insert into checkup_add_on (package_id, worker_kind, items) values (\(id), \(addOn.workerKind.rawValue), \(addOn.items))")
        }
        return CheckupPackage(id: id, name: body.name, items: body.items, valueFen: body.valueFen, addOns: addOns)
    }

    /// In order of their ids.
    package func packages(of campaign: ID<UnionProgram>) async throws(PostgresError) -> [CheckupPackage] {
        let rows = try await database.query(
            "select package_id, name, items, value_fen from checkup_package where program_id = \(campaign) order by package_id")
        let extras = try await database.query(
            """
            select package_id, worker_kind, checkup_add_on.items
            from checkup_add_on
            join checkup_package using (package_id)
            where program_id = \(campaign)
            order by package_id, worker_kind
            """)
        var addOns: [ID<CheckupPackage>: [CheckupPackage.AddOn]] = [:]
        for row in extras {
            guard let kind = WorkerKind(rawValue: try row.decode(1)) else { throw .decoding("an unknown kind of worker") }
            addOns[try row.decode(0), default: []].append(CheckupPackage.AddOn(workerKind: kind, items: try row.decode(2)))
        }
        var packages: [CheckupPackage] = []
        for row in rows {
            let id: ID<CheckupPackage> = try row.decode(0)
            packages.append(
                CheckupPackage(
                    id: id, name: try row.decode(1), items: try row.decode(2), valueFen: try row.decode(3), addOns: addOns[id] ?? []))
        }
        return packages
    }
}
