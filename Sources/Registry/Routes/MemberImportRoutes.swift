import HTTP
import Postgres
import Runtime

/// Imports of members, over HTTP.
struct MemberImportRoutes: Sendable {
    let imports: MemberImportStore
    let importer: MemberImporter

    /// A file of ten million members.
    private static let fileBytesMax = 1 << 30
    private static let id = Parameter.path("id", .id, "The import")

    var all: [Route] { [create, list, read, rejections] }

    private var create: Route {
        Route(
            .post, "/v1/member-imports",
            summary: "Brings a CSV file of members in; known persons are updated, so the same file can be sent again", tag: "Imports",
            access: .permission(RegistryPermission.membersImport),
            parameters: [
                .query("dryRun", .boolean, "Check and report only"),
                .query("organizationId", .id, "Where rows go that name no organization"),
            ],
            body: .stream(["text/csv", "text/tab-separated-values"], limitBytes: Self.fileBytesMax),
            responses: [.json(201, MemberImportAnswer.self, "What became of the rows")],
            problems: [
                RegistryProblem.importEmpty, RegistryProblem.importBinary, RegistryProblem.importSpreadsheet, RegistryProblem.importUTF16,
                RegistryProblem.importEncodingUnavailable, RegistryProblem.importColumns, RegistryProblem.importCut,
                RegistryProblem.importFailed, RegistryProblem.organizationUnknown, RegistryProblem.databaseUnavailable,
            ]
        ) { request in
            let options = MemberImportOptions(
                organizationID: request.optionalParameter("organizationId"),
                isDryRun: request.optionalParameter("dryRun", as: Bool.self) ?? false,
                scope: request.scope(of: RegistryPermission.membersImport),
                bytesTotal: request.headers["Content-Length"].flatMap { Int64($0) })
            let stream = request.stream
            let done = try await importer.run(
                next: { try await stream.next() }, options: options, requestedBy: request.principal?.subject ?? "anyone")
            return Response.json(MemberImportAnswer(done), status: 201).with("Location", "/v1/member-imports/\(done.id)")
        }
    }

    private var list: Route {
        Route(
            .get, "/v1/member-imports", summary: "Lists imports, the newest first", tag: "Imports",
            access: .permission(RegistryPermission.membersImport), parameters: PageCursor.parameters,
            responses: [.json(200, MemberImportList.self, "A page")], problems: [RegistryProblem.databaseUnavailable]
        ) { request in
            let (before, limit) = PageCursor.read(request, of: MemberImport.self)
            let scope = request.scope(of: RegistryPermission.membersImport)
            let found = try await imports.list(within: scope, before: before, limit: limit + 1)
            let (items, next) = PageCursor.page(found, limit: limit, id: \.id)
            return .json(MemberImportList(items: items.map(MemberImportAnswer.init), next: next))
        }
    }

    private var read: Route {
        Route(
            .get, "/v1/member-imports/{id}", summary: "How far an import is, or what came of it", tag: "Imports",
            access: .permission(RegistryPermission.membersImport), parameters: [Self.id],
            responses: [.json(200, MemberImportAnswer.self, "The import")],
            problems: [RegistryProblem.importNotFound, RegistryProblem.databaseUnavailable]
        ) { request in
            .json(MemberImportAnswer(try await found(request)))
        }
    }

    private var rejections: Route {
        Route(
            .get, "/v1/member-imports/{id}/rejections", summary: "Every refused field with its line, as CSV", tag: "Imports",
            access: .permission(RegistryPermission.membersImport), parameters: [Self.id],
            responses: [.bytes(200, ["text/csv"], "The result file, in UTF-8 with a byte order mark")],
            problems: [RegistryProblem.importNotFound, RegistryProblem.databaseUnavailable]
        ) { request in
            let id = try await found(request).id
            return .stream(contentType: RejectionFile.contentType) { writer in
                try await writer.write(RejectionFile.header)
                var last: MemberImportRejection?
                while true {
                    let page = try await imports.rejections(of: id, after: last, limit: 1_000)
                    guard !page.isEmpty else { return }
                    try await writer.write(page.map(RejectionFile.line).joined())
                    last = page.last
                }
            }
        }
    }

    private func found(_ request: Request) async throws -> MemberImport {
        let scope = request.scope(of: RegistryPermission.membersImport)
        guard let found = try await imports.memberImport(request.parameter("id", as: ID<MemberImport>.self), within: scope) else {
            throw Problem(RegistryProblem.importNotFound)
        }
        return found
    }
}

struct MemberImportAnswer: Codable, Sendable, APIType {
    let id: ID<MemberImport>
    let state: String
    let failureCode: String?
    let dryRun: Bool
    let organizationId: ID<Organization>?
    let rows: Int
    let inserted: Int
    let updated: Int
    let unchanged: Int
    let refused: Int
    let bytesRead: Int64
    let bytesTotal: Int64?
    let startedAt: String
    let progressAt: String
    let finishedAt: String?

    init(_ done: MemberImport) {
        id = done.id
        state = done.state.rawValue
        failureCode = done.failureCode
        dryRun = done.isDryRun
        organizationId = done.organizationID
        rows = done.tally.read
        inserted = done.tally.inserted
        updated = done.tally.updated
        unchanged = done.tally.unchanged
        refused = done.tally.refused
        bytesRead = done.bytesRead
        bytesTotal = done.bytesTotal
        startedAt = done.startedAt.description
        progressAt = done.progressAt.description
        finishedAt = done.finishedAt?.description
    }

    private static let count = Schema.integer(0...Int64.max)

    static let schema = Schema.object(
        "MemberImport", "An import and what became of the rows",
        [
            .required("id", .id), .required("state", .oneOf(MemberImport.State.allCases.map(\.rawValue))),
            .optional("failureCode", .string(1...100), "Of a failed one"), .required("dryRun", .boolean, "Nothing was written"),
            .optional("organizationId", .id), .required("rows", count, "The four below together"),
            .required("inserted", count, "New members"), .required("updated", count, "Known persons whose row told something new"),
            .required("unchanged", count), .required("refused", count, "See the rejections"), .required("bytesRead", count),
            .optional("bytesTotal", count), .required("startedAt", .dateTime),
            .required("progressAt", .dateTime, "Old while running: the server is gone, import the file again"),
            .optional("finishedAt", .dateTime),
        ])
}

struct MemberImportList: Codable, Sendable, APIType {
    let items: [MemberImportAnswer]
    let next: String?

    static let schema = Schema.object(
        "MemberImportList", "A page of imports, the newest first",
        [.required("items", .array(of: MemberImportAnswer.schema, 0...200)), PageCursor.next])
}
