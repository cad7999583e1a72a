package import Postgres
package import Runtime

/// The bookkeeping of imports: their counts and what they refused.
package struct MemberImportStore: Sendable {
    let database: Database
    var audit: AuditStore { AuditStore() }

    func begin(_ options: MemberImportOptions, by subject: String) async throws(PostgresError) -> ID<MemberImport>? {
        do throws(TransactionError<PostgresError>) {
            return try await database.transaction { (transaction) async throws(PostgresError) in
                try await begin(options, by: subject, in: transaction)
            }
        } catch {
            let cause: PostgresError
            switch error {
            case .aborted(let error), .database(let error): cause = error
            }
            if cause.isConstraint("member_import_organization_exists") { return nil }
            throw cause
        }
    }

    private func begin(
        _ options: MemberImportOptions, by subject: String, in querying: any Querying
    ) async throws(PostgresError) -> ID<MemberImport> {
        let result = try await querying.query(
            """
            insert into member_import (requested_by, is_dry_run, organization_id, scope_organization_ids, bytes_total)
            values (
                \(subject), \(options.isDryRun), \(options.organizationID), \(options.scope.roots?.map(\.rawValue)),
                \(options.bytesTotal))
            returning import_id
            """)
        guard let row = result.first else { throw .decoding("the new import was expected") }
        let id: ID<MemberImport> = try row.decode(0)
        try await audit.record(
            "member_import.started", subject: "member_import:\(id)", organization: options.organizationID,
            details: ["dryRun": "\(options.isDryRun)"], actor: subject, in: querying)
        return id
    }

    /// Adds what became of a chunk, in the chunk's own transaction.
    func record(
        _ id: ID<MemberImport>, _ tally: MemberImportTally, _ rejections: [MemberImportRejection], bytesRead: Int64,
        in querying: any Querying
    ) async throws(PostgresError) {
        _ = try await querying.query(
            """
            update member_import
            set
                rows_read = rows_read + \(tally.read),
                rows_inserted = rows_inserted + \(tally.inserted),
                rows_updated = rows_updated + \(tally.updated),
                rows_unchanged = rows_unchanged + \(tally.unchanged),
                rows_refused = rows_refused + \(tally.refused),
                bytes_read = greatest(bytes_read, \(bytesRead)),
                progress_at = now()
            where import_id = \(id)
            """)
        if rejections.isEmpty { return }
        _ = try await querying.query(
            """
            insert into member_import_rejection (import_id, line_number, ordinal, field, code, first_line_number, shown)
            select \(id), line_number, ordinal, field, code, first_line_number, shown
            from unnest(
                \(rejections.map(\.lineNumber)), \(rejections.map(\.ordinal)), \(rejections.map(\.field)), \(rejections.map(\.code)),
                \(rejections.map(\.firstLineNumber)), \(rejections.map(\.shown))
            ) as rejection (line_number, ordinal, field, code, first_line_number, shown)
            """)
    }

    /// Ends an import; `failureCode` is nil for one that went through.
    func end(_ id: ID<MemberImport>, failureCode: String?) async throws(PostgresError) {
        let state: MemberImport.State = failureCode == nil ? .finished : .failed
        _ = try await database.query(
            """
            update member_import
            set state = \(state.rawValue), failure_code = \(failureCode), finished_at = now(), progress_at = now()
            where import_id = \(id) and state = 'running'
            """)
    }

    /// Nil too for an import that reached beyond `scope`: what it refused may be of others.
    package func memberImport(_ id: ID<MemberImport>, within scope: Scope = .everything) async throws(PostgresError) -> MemberImport? {
        let result = try await database.query(
            """
            select \(raw: Self.columns)
            from member_import
            where import_id = \(id) and \(fragment: Self.isWithin(scope))
            """)
        return try result.first.map { row throws(PostgresError) in try Self.memberImport(row) }
    }

    /// Those that reached no farther than `scope`, the newest first, from the one before `before`, at most `limit`.
    package func list(
        within scope: Scope, before: ID<MemberImport>?, limit: Int
    ) async throws(PostgresError) -> [MemberImport] {
        let result = try await database.query(
            """
            select \(raw: Self.columns)
            from member_import
            where import_id < \(before?.rawValue ?? Int64.max) and \(fragment: Self.isWithin(scope))
            order by import_id desc
            limit \(limit)
            """)
        var imports: [MemberImport] = []
        for row in result { imports.append(try Self.memberImport(row)) }
        return imports
    }

    private static let columns = """
        import_id, is_dry_run, organization_id, state, failure_code, rows_inserted, rows_updated, rows_unchanged, rows_refused, bytes_read,
        bytes_total, started_at, progress_at, finished_at
        """

    private static func memberImport(_ row: Row) throws(PostgresError) -> MemberImport {
        guard let state = MemberImport.State(rawValue: try row.decode("state")) else { throw .decoding("an unknown state of an import") }
        return MemberImport(
            id: try row.decode("import_id"), isDryRun: try row.decode("is_dry_run"), organizationID: try row.decode("organization_id"),
            state: state, failureCode: try row.decode("failure_code"),
            tally: MemberImportTally(
                inserted: try row.decode("rows_inserted"), updated: try row.decode("rows_updated"),
                unchanged: try row.decode("rows_unchanged"), refused: try row.decode("rows_refused")),
            bytesRead: try row.decode("bytes_read"), bytesTotal: try row.decode("bytes_total"), startedAt: try row.decode("started_at"),
            progressAt: try row.decode("progress_at"), finishedAt: try row.decode("finished_at"))
    }

    static func isWithin(_ scope: Scope) -> SQL {
        if scope == .everything { return "true" }
        return """
            scope_organization_ids is not null and not exists (
                select from unnest(scope_organization_ids) as root (organization_id)
                where not \(fragment: scope.condition("root.organization_id"))
            )
            """
    }

    /// What was refused, in the order of the file, from the one after `after` on, at most `limit`.
    package func rejections(
        of id: ID<MemberImport>, after: MemberImportRejection?, limit: Int
    ) async throws(PostgresError) -> [MemberImportRejection] {
        let result = try await database.query(
            """
            select line_number, ordinal, field, code, first_line_number, shown
            from member_import_rejection
            where import_id = \(id) and (line_number, ordinal) > (\(after?.lineNumber ?? 0), \(after?.ordinal ?? 0))
            order by line_number, ordinal limit \(limit)
            """)
        var rejections: [MemberImportRejection] = []
        for row in result {
            rejections.append(
                MemberImportRejection(
                    lineNumber: try row.decode(0), ordinal: try row.decode(1), field: try row.decode(2), code: try row.decode(3),
                    firstLineNumber: try row.decode(4), shown: try row.decode(5)))
        }
        return rejections
    }
}
