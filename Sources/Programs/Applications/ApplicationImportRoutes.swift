import Crypto
import HTTP
import Postgres
import Registry
import Runtime

/// Applications in bulk.
struct ApplicationImportRoutes: Sendable {
    let applications: ProgramApplicationStore
    let programs: ProgramStore
    let importer: ApplicationImporter

    /// A file of a million lines.
    private static let fileBytesMax = 1 << 26

    var all: [Route] { [create] }

    private var create: Route {
        Route(
            .post, "/v1/programs/{id}/applications/import",
            summary: "Applies on behalf of many: a CSV file with a member's number or national id and the wishes in each line",
            tag: "Programs",
            access: .permission(RegistryPermission.programApplicationsWrite),
            parameters: [.path("id", .id, "The program"), .query("dryRun", .boolean, "Check and report only")],
            body: .stream(["text/csv", "text/tab-separated-values"], limitBytes: Self.fileBytesMax),
            responses: [.json(200, ApplicationImportAnswer.self, "What became of the lines")],
            problems: [
                ProgramProblem.notFound, RegistryProblem.importEmpty, RegistryProblem.importBinary, RegistryProblem.importSpreadsheet,
                RegistryProblem.importUTF16, RegistryProblem.importEncodingUnavailable, RegistryProblem.importColumns,
                RegistryProblem.importCut, RegistryProblem.databaseUnavailable,
            ]
        ) { request in
            let id: ID<UnionProgram> = request.parameter("id")
            guard let program = try await programs.find(id), try await applications.rules(of: id) != nil else {
                throw Problem(ProgramProblem.notFound)
            }
            let isDryRun = request.optionalParameter("dryRun", as: Bool.self) ?? false
            let stream = request.stream
            let tally = try await importer.run(
                ApplicationImporter.Order(
                    program: id, organization: program.organizationID,
                    scope: request.scope(of: RegistryPermission.programApplicationsWrite),
                    isDryRun: isDryRun, subject: request.principal?.subject ?? "anyone", requestID: request.requestID)
            ) { try await stream.next() }
            return .json(ApplicationImportAnswer(tally, isDryRun: isDryRun, request.language))
        }
    }
}

/// What became of a file's lines.
struct ApplicationImportAnswer: Codable, Sendable, APIType {
    struct Refusal: Codable, Sendable {
        let line: Int
        let column: String
        let code: String
        let reason: String
    }

    let dryRun: Bool
    let rows: Int
    let applied: Int
    let refused: Int
    let refusals: [Refusal]

    init(_ tally: ApplicationImporter.Tally, isDryRun: Bool, _ language: Language) {
        dryRun = isDryRun
        rows = tally.rows
        applied = tally.applied
        refused = tally.refused
        refusals = tally.refusals.sorted { $0.line < $1.line }.map {
            Refusal(line: $0.line, column: $0.column, code: $0.reason.code, reason: $0.reason.detail[language])
        }
    }

    private static let count = Schema.integer(0...Int64.max)
    private static let refusal = Schema.object(
        "ApplicationImportRefusal", "Why a line was not taken; one of several, maybe",
        [
            .required("line", count, "Counted from 1, the header among them"),
            .required("column", .oneOf(["row", "memberId", "nationalId", "wishes"])), .required("code", .string(1...100), "Stable"),
            .required("reason", .string(1...2_000), "In the language asked for"),
        ])

    static let schema = Schema.object(
        "ApplicationImport", "What became of a file's lines",
        [
            .required("dryRun", .boolean, "Nothing was written"), .required("rows", count, "The two below together"),
            .required("applied", count, "Those that were taken, or would be"), .required("refused", count),
            .required("refusals", .array(of: refusal, 0...ApplicationImporter.refusalsMax), "The first ones"),
        ])
}
