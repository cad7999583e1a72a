import HTTP
import Postgres
import Runtime

/// Files of members and organizations, over HTTP.
struct ExportRoutes: Sendable {
    let organizations: OrganizationStore
    let exporter: DataExporter

    var all: [Route] { [members, organizationFile, list] }

    private static let tag = "Exports"
    private static let file = ResponseDeclaration.bytes(200, ["text/csv"], "The file, streamed")

    private var members: Route {
        Route(
            .post, "/v1/member-exports",
            summary: "A CSV file of members: masked, or in clear with a reason, which an import reads again unchanged", tag: Self.tag,
            access: .permission(RegistryPermission.exportsCreate), body: .json(MemberExportBody.self, limitBytes: 4_096),
            responses: [Self.file],
            problems: [
                RegistryProblem.organizationNotFound, PersonProblem.reasonNeeded, PersonProblem.unmaskedExportNotPermitted,
                RegistryProblem.databaseUnavailable,
            ]
        ) { request in
            let body = try request.json(MemberExportBody.self)
            let scope = try await reach(body.organizationId, request)
            let isMasked = body.masked ?? true
            if !isMasked {
                guard let reason = body.reason, (5...200).contains(reason.unicodeScalars.count) else {
                    throw Problem(PersonProblem.reasonNeeded)
                }
                guard try await covers(request.scope(of: RegistryPermission.membersUnmask), scope) else {
                    throw Problem(PersonProblem.unmaskedExportNotPermitted)
                }
            }
            let draft = DataExport.Draft(
                kind: .members, organizationID: body.organizationId, status: body.status, isMasked: isMasked, reason: body.reason,
                encoding: body.encoding ?? .utf8)
            return try await exporter.file(draft, within: scope, for: request)
        }
    }

    private var organizationFile: Route {
        Route(
            .post, "/v1/organization-exports", summary: "A CSV file of organizations and their yearly fields", tag: Self.tag,
            access: .permission(RegistryPermission.exportsCreate), body: .json(OrganizationExportBody.self, limitBytes: 4_096),
            responses: [Self.file], problems: [RegistryProblem.organizationNotFound, RegistryProblem.databaseUnavailable]
        ) { request in
            let body = try request.json(OrganizationExportBody.self)
            let draft = DataExport.Draft(
                kind: .organizations, organizationID: body.organizationId, status: nil, isMasked: true, reason: nil,
                encoding: body.encoding ?? .utf8)
            return try await exporter.file(draft, within: try await reach(body.organizationId, request), for: request)
        }
    }

    private var list: Route {
        Route(
            .get, "/v1/exports", summary: "Files that you took out, the newest first; whoever holds the whole union sees everybody's",
            tag: Self.tag, access: .permission(RegistryPermission.exportsCreate), parameters: PageCursor.parameters,
            responses: [.json(200, ExportList.self, "A page")], problems: [RegistryProblem.databaseUnavailable]
        ) { request in
            let (before, limit) = PageCursor.read(request, of: DataExport.self)
            let isWhole = request.scope(of: RegistryPermission.exportsCreate) == .everything
            let found = try await exporter.exports.list(
                by: isWhole ? nil : request.principal?.subject ?? "anyone", before: before, limit: limit + 1)
            let (items, next) = PageCursor.page(found, limit: limit, id: \.id)
            return .json(ExportList(items: items.map(ExportAnswer.init), next: next))
        }
    }

    /// What the caller may take out: all, or what lies below one organization of it.
    private func reach(_ id: ID<Organization>?, _ request: Request) async throws -> Scope {
        let scope = request.scope(of: RegistryPermission.exportsCreate)
        guard let id else { return scope }
        try await organizations.require(id, scope)
        return Scope(subtrees: [id])
    }

    private func covers(_ outer: Scope, _ inner: Scope) async throws(PostgresError) -> Bool {
        guard let roots = inner.roots else { return outer.roots == nil }
        for root in roots {
            guard try await organizations.isInside(root, outer) else { return false }
        }
        return true
    }
}

struct MemberExportBody: Codable, Sendable, APIType {
    let organizationId: ID<Organization>?
    let status: MemberStatus?
    let masked: Bool?
    let reason: String?
    let encoding: DataExport.Encoding?

    static let schema = Schema.object(
        "MemberExportBody", "Which members, and how",
        [
            .optional("organizationId", .id, "Only members of it and of what lies below"),
            .optional("status", .oneOf(MemberStatus.allCases.map(\.rawValue)), "Only these"),
            .optional("masked", .boolean, "true by default; false needs the right to unmask, and a reason"),
            .optional("reason", .string(1...200), "Of an unmasked file: 5 to 200 characters, kept"),
            .optional("encoding", .oneOf(DataExport.Encoding.allCases.map(\.rawValue)), "utf-8 by default, with a byte order mark"),
        ])
}

struct OrganizationExportBody: Codable, Sendable, APIType {
    let organizationId: ID<Organization>?
    let encoding: DataExport.Encoding?

    static let schema = Schema.object(
        "OrganizationExportBody", "Which organizations, and how",
        [
            .optional("organizationId", .id, "It and what lies below"),
            .optional("encoding", .oneOf(DataExport.Encoding.allCases.map(\.rawValue)), "utf-8 by default, with a byte order mark"),
        ])
}

struct ExportAnswer: Codable, Sendable, APIType {
    let id: ID<DataExport>
    let kind: DataExport.Kind
    let requestedBy: String
    let organizationId: ID<Organization>?
    let status: MemberStatus?
    let masked: Bool
    let reason: String?
    let state: DataExport.State
    let rows: Int
    let startedAt: String
    let finishedAt: String?

    init(_ export: DataExport) {
        id = export.id
        kind = export.draft.kind
        requestedBy = export.requestedBy
        organizationId = export.draft.organizationID
        status = export.draft.status
        masked = export.draft.isMasked
        reason = export.draft.reason
        state = export.state
        rows = export.rows
        startedAt = export.startedAt.description
        finishedAt = export.finishedAt?.description
    }

    static let schema = Schema.object(
        "Export", "A file that left the house",
        [
            .required("id", .id), .required("kind", .oneOf(DataExport.Kind.allCases.map(\.rawValue))),
            .required("requestedBy", .string(1...100)), .optional("organizationId", .id),
            .optional("status", .oneOf(MemberStatus.allCases.map(\.rawValue))), .required("masked", .boolean),
            .optional("reason", .string(1...200)),
            .required("state", .oneOf(DataExport.State.allCases.map(\.rawValue)), "running for long: the server that wrote it is gone"),
            .required("rows", .integer(0...Int64.max), "That have left"), .required("startedAt", .dateTime),
            .optional("finishedAt", .dateTime),
        ])
}

struct ExportList: Codable, Sendable, APIType {
    let items: [ExportAnswer]
    let next: String?

    static let schema = Schema.object(
        "ExportList", "A page of exports", [.required("items", .array(of: ExportAnswer.schema, 0...200)), PageCursor.next])
}
