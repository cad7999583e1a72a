import HTTP
import Postgres
import Programs
import Registry
import Runtime

/// Files of results: taken, listed, and their lines that changed nothing.
struct ResultRoutes: Sendable {
    let desk: ResultDesk

    private static let path = "/v1/insurance-batches/{id}/results"
    static let fileBytesMax = 64 << 20
    private typealias P = RegistryPermission

    var all: [Route] { [take, list, faults] }

    private var take: Route {
        Route(
            .post, Self.path,
            summary: "Takes a file of the insurer's results, as a whole or not at all; the same file again gets the first answer",
            tag: ProductRoutes.tag, access: .permission(P.insuranceFiles),
            parameters: [BatchRoutes.id, .query("dryRun", .boolean, "Check and report only")],
            body: .stream(["text/csv"], limitBytes: Self.fileBytesMax),
            responses: [
                .json(201, ResultAnswer.self, "Taken: what it changed"),
                .json(200, ResultAnswer.self, "It was taken before, with this answer; or what it would change, of a dry run"),
            ],
            problems: [
                InsuranceProblem.batchUnknown, InsuranceProblem.wrongState, InsuranceFileProblem.otherBatch,
                InsuranceFileProblem.beyondSent,
                RegistryProblem.databaseUnavailable,
            ] + InsuranceFileProblem.ofFiles
        ) { request in
            let id: ID<InsuranceBatch> = request.parameter("id")
            let scope = request.scope(of: P.insuranceFiles)
            var reader = try ResultFileReader(try await desk.frame(id, within: scope))
            let stream = request.stream
            while let piece = try await stream.next() { try reader.read(piece) }
            let isDryRun = request.optionalParameter("dryRun", as: Bool.self) ?? false
            let taken = try await desk.take(
                try reader.finish(), of: id, within: scope, isDryRun: isDryRun, by: ProgramLife.Actor(request))
            let answer = ResultAnswer(taken.result, isDryRun: isDryRun)
            guard taken.isNew, !isDryRun else { return .json(answer) }
            return Response.json(answer, status: 201)
                .with("Location", "/v1/insurance-batches/\(id)/results/\(taken.result.number)/faults")
        }
    }

    private var list: Route {
        Route(
            .get, Self.path, summary: "Files of results that were taken, in their order", tag: ProductRoutes.tag,
            access: .permission(P.insuranceFiles), parameters: [BatchRoutes.id] + PageCursor.parameters,
            responses: [.json(200, ResultList.self, "A page")],
            problems: [InsuranceProblem.batchUnknown, RegistryProblem.databaseUnavailable]
        ) { request in
            let batch = try await found(request)
            let (after, limit) = PageCursor.read(request, of: InsuranceResult.self)
            let found = try await desk.results.list(of: batch.id, after: Int32(clamping: after?.rawValue ?? 0), limit: limit + 1)
            let (items, next) = PageCursor.page(found, limit: limit) { ID<InsuranceResult>(Int64($0.number)) }
            return .json(ResultList(items: items.map { ResultAnswer($0) }, next: next))
        }
    }

    private var faults: Route {
        Route(
            .get, "\(Self.path)/{number}/faults", summary: "Lines of a file of results that changed nothing, and why",
            tag: ProductRoutes.tag, access: .permission(P.insuranceFiles),
            parameters: [BatchRoutes.id, .path("number", .integer(1...Int64(Int32.max)), "The file's number within the batch")]
                + PageCursor.parameters,
            responses: [.json(200, ResultFaultList.self, "A page, by line")],
            problems: [InsuranceProblem.batchUnknown, InsuranceFileProblem.resultUnknown, RegistryProblem.databaseUnavailable]
        ) { request in
            let batch = try await found(request)
            let number = Int32(clamping: request.parameter("number", as: Int64.self))
            guard try await desk.results.result(number, of: batch.id) != nil else { throw Problem(InsuranceFileProblem.resultUnknown) }
            let (after, limit) = PageCursor.read(request, of: ResultFault.self)
            let found = try await desk.results.faults(
                of: batch.id, number, after: Int32(clamping: after?.rawValue ?? 0), limit: limit + 1)
            let (items, next) = PageCursor.page(found, limit: limit) { ID<ResultFault>(Int64($0.line)) }
            return .json(ResultFaultList(items: items.map { ResultFaultAnswer($0, request.language) }, next: next))
        }
    }

    private func found(_ request: Request) async throws -> InsuranceBatch {
        guard let batch = try await desk.life.batches.find(request.parameter("id"), within: request.scope(of: P.insuranceFiles)) else {
            throw Problem(InsuranceProblem.batchUnknown)
        }
        return batch
    }
}
