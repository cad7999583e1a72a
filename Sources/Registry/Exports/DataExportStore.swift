import Postgres
import Runtime

/// The bookkeeping of exports: who took what out.
struct DataExportStore: Sendable {
    let database: Database

    func begin(_ draft: DataExport.Draft, by subject: String, in querying: any Querying) async throws(PostgresError) -> ID<DataExport> {
        let result = try await querying.query(
            """
            insert into data_export (kind, requested_by, organization_id, status, is_masked, reason, encoding)
            values (
                \(draft.kind.rawValue), \(subject), \(draft.organizationID), \(draft.status?.rawValue), \(draft.isMasked), \(draft.reason),
                \(draft.encoding.rawValue))
            returning export_id
            """)
        guard let row = result.first else { throw .decoding("the new export was expected") }
        return try row.decode(0)
    }

    /// Notes how many rows have left, before the next ones do.
    func note(_ id: ID<DataExport>, rows: Int) async throws(PostgresError) {
        _ = try await database.query("update data_export set rows_written = \(rows) where export_id = \(id) and state = 'running'")
    }

    func end(_ id: ID<DataExport>, _ state: DataExport.State, rows: Int, in querying: any Querying) async throws(PostgresError) {
        _ = try await querying.query(
            """
            update data_export
            set state = \(state.rawValue), rows_written = \(rows), finished_at = now()
            where export_id = \(id) and state = 'running'
            """)
    }

    /// The newest first, from the one before `before` on, at most `limit`.
    func list(by subject: String?, before: ID<DataExport>?, limit: Int) async throws(PostgresError) -> [DataExport] {
        let result = try await database.query(
            """
            select
                export_id, kind, requested_by, organization_id, status, is_masked, reason, encoding, state, rows_written, started_at,
                finished_at
            from data_export
            where export_id < \(before?.rawValue ?? .max) and (\(subject)::text is null or requested_by = \(subject))
            order by export_id desc
            limit \(limit)
            """)
        var exports: [DataExport] = []
        for row in result {
            guard let kind = DataExport.Kind(rawValue: try row.decode("kind")),
                let encoding = DataExport.Encoding(rawValue: try row.decode("encoding")),
                let state = DataExport.State(rawValue: try row.decode("state"))
            else { throw .decoding("an export of an unknown kind") }
            let draft = DataExport.Draft(
                kind: kind, organizationID: try row.decode("organization_id"),
                status: try row.decode("status", as: String?.self).flatMap(MemberStatus.init(rawValue:)),
                isMasked: try row.decode("is_masked"), reason: try row.decode("reason"), encoding: encoding)
            exports.append(
                DataExport(
                    id: try row.decode("export_id"), draft: draft, state: state, requestedBy: try row.decode("requested_by"),
                    rows: try row.decode("rows_written"), startedAt: try row.decode("started_at"),
                    finishedAt: try row.decode("finished_at")))
        }
        return exports
    }
}
