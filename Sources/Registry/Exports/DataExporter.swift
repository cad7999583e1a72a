import HTTP
import Postgres
import Runtime

/// Writes files of members and organizations, a page at a time: memory holds one page, and the client's reading sets the pace.
///
/// Each page is read by itself, so that a slow client keeps no snapshot open; who enters or goes meanwhile may be in the file or not.
struct DataExporter: Sendable {
    let database: Database
    let members: MemberStore
    let organizations: OrganizationStore
    let profiles: OrganizationProfileStore
    let exports: DataExportStore
    let audit: AuditStore
    /// Rows in one page.
    var pageRows = 1_000

    /// Begins an export, and gives its file. That it began is written down before the first byte leaves; how it ended, afterwards.
    func file(_ draft: DataExport.Draft, within scope: Scope, for request: Request) async throws -> Response {
        let subject = request.principal?.subject ?? "anyone"
        let id = try await written { (transaction) async throws(PostgresError) in
            let id = try await exports.begin(draft, by: subject, in: transaction)
            try await note("export.began", id, draft, nil, request, transaction)
            return id
        }
        return .stream(contentType: draft.encoding.contentType) { writer in
            let lines = try ExportWriter(writer, draft.encoding)
            do {
                switch draft.kind {
                case .members: try await writeMembers(draft, scope, id, lines)
                case .organizations: try await writeOrganizations(scope, id, lines)
                }
            } catch {
                try await end(id, draft, .broken, lines.rows, request)
                throw error
            }
            try await end(id, draft, .finished, lines.rows, request)
        }.with("Content-Disposition", "attachment; filename=\"\(draft.kind.rawValue)-\(id).csv\"").with("Cache-Control", "no-store")
    }

    private func writeMembers(_ draft: DataExport.Draft, _ scope: Scope, _ id: ID<DataExport>, _ lines: ExportWriter) async throws {
        let file = MemberFile(isMasked: draft.isMasked, organizations: try await organizations.all())
        try await lines.write(file.header, rows: 0)
        // In the text, for the index of those not active serves only a status that the planner sees.
        let status = draft.status.map { "and m.status = '\($0.rawValue)'" } ?? ""
        var last: Int64 = 0
        while true {
            let page = try await members.found(
                """
                m.member_id > \(last) and m.merged_into is null and m.erased_at is null \(raw: status)
                and \(fragment: scope.condition("m.organization_id"))
                """, limit: pageRows)
            guard let end = page.last else { return }
            last = end.id.rawValue
            try await exports.note(id, rows: lines.rows)
            try await lines.write(page.map(file.line).joined(), rows: page.count)
        }
    }

    private func writeOrganizations(_ scope: Scope, _ id: ID<DataExport>, _ lines: ExportWriter) async throws {
        try await lines.write(OrganizationFile.header, rows: 0)
        var filter = OrganizationProfileStore.Filter()
        filter.scope = scope
        var last: ID<Organization>?
        while true {
            let page = try await profiles.list(filter, after: last, limit: pageRows)
            guard let end = page.last else { return }
            last = end.organization.id
            try await exports.note(id, rows: lines.rows)
            try await lines.write(page.map(OrganizationFile.line).joined(), rows: page.count)
        }
    }

    private func end(
        _ id: ID<DataExport>, _ draft: DataExport.Draft, _ state: DataExport.State, _ rows: Int, _ request: Request
    ) async throws {
        try await written { (transaction) async throws(PostgresError) in
            try await exports.end(id, state, rows: rows, in: transaction)
            try await note("export.\(state.rawValue)", id, draft, rows, request, transaction)
        }
    }

    private func note(
        _ action: String, _ id: ID<DataExport>, _ draft: DataExport.Draft, _ rows: Int?, _ request: Request, _ transaction: any Querying
    ) async throws(PostgresError) {
        var details = ["kind": draft.kind.rawValue, "masked": String(draft.isMasked), "encoding": draft.encoding.rawValue]
        details["status"] = draft.status?.rawValue
        details["organization"] = draft.organizationID?.description
        details["rows"] = rows.map(String.init)
        try await audit.record(
            action, subject: "export:\(id)", organization: draft.organizationID, details: details, request, in: transaction)
    }

    private func written<Value: Sendable>(_ body: (any Querying) async throws(PostgresError) -> Value) async throws -> Value {
        try await database.transaction { (transaction) async throws(PostgresError) in try await body(transaction) }
    }
}

/// Lines on their way out, in the encoding asked for.
private final class ExportWriter {
    private let writer: ResponseWriter
    private let encoding: DataExport.Encoding
    private var converter: TextConverter?
    /// Rows that have left.
    private(set) var rows = 0
    private var isFirst = true

    init(_ writer: ResponseWriter, _ encoding: DataExport.Encoding) throws(SystemError) {
        self.writer = writer
        self.encoding = encoding
        if encoding == .gb18030 { converter = try TextConverter(from: "UTF-8", to: "GB18030") }
    }

    func write(_ text: String, rows count: Int) async throws(ResponseStreamError) {
        let start = isFirst && encoding == .utf8 ? "\u{FEFF}" : ""
        isFirst = false
        let bytes = Array((start + text).utf8)
        try await writer.write(converter?.convert(bytes) ?? bytes)
        rows += count
    }
}
