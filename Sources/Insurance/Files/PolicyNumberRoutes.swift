import HTTP
import Postgres
import Programs
import Registry
import Runtime

/// Numbers that the insurer gives before anybody has a policy.
struct PolicyNumberRoutes: Sendable {
    let life: InsuranceBatchLife
    let numbers: PolicyNumberStore

    private typealias P = RegistryPermission

    var all: [Route] { [add] }

    private var add: Route {
        Route(
            .post, "/v1/insurance-batches/{id}/numbers",
            summary: "Takes a file of numbers that the insurer gives beforehand, as a whole or not at all: CSV with the title number",
            tag: ProductRoutes.tag, access: .permission(P.insuranceFiles), parameters: [BatchRoutes.id],
            body: .stream(["text/csv"], limitBytes: ResultRoutes.fileBytesMax),
            responses: [.json(201, PolicyNumbersAnswer.self, "How many were added")],
            problems: [
                InsuranceProblem.batchUnknown, InsuranceProblem.wrongState, InsuranceFileProblem.beyondSize,
                InsuranceFileProblem.numbersNotPermitted, RegistryProblem.databaseUnavailable,
            ] + InsuranceFileProblem.ofFiles
        ) { request in
            let id: ID<InsuranceBatch> = request.parameter("id")
            let scope = request.scope(of: P.insuranceFiles)
            guard let batch = try await life.batches.find(id, within: scope) else { throw Problem(InsuranceProblem.batchUnknown) }
            guard batch.state == .draft || batch.state == .announced else { throw Problem(InsuranceProblem.wrongState) }
            // A number is one policy's among all batches of the insurer: who sees to the batch alone does not speak for the insurer.
            guard let product = try await life.products.product(batch.productID),
                try await life.products.insurer(product.insurerID, within: scope) != nil
            else { throw Problem(InsuranceFileProblem.numbersNotPermitted) }
            // One more than fits shows that there are too many, without reading on.
            var file = try PolicyNumberFile(linesMax: Int(batch.facts.size))
            let stream = request.stream
            while let piece = try await stream.next() { try file.read(piece) }
            let (given, lines) = try file.finish()
            return try await numbers.database.inTransaction { transaction in
                let (batch, product) = try await life.hold(id, in: [.draft, .announced], within: scope, in: transaction)
                let used = try await numbers.add(given, to: id, of: product.insurerID, in: transaction)
                guard used.isEmpty else { throw PolicyNumberFile.used(used, lines) }
                let count = try await numbers.free(of: id, in: transaction)
                guard count <= Int64(batch.facts.size) else { throw Problem(InsuranceFileProblem.beyondSize) }
                try await life.told(
                    "numbers_given", batch, details: ["added": "\(given.count)", "numbers": "\(count)"], by: ProgramLife.Actor(request),
                    in: transaction)
                return Response.json(PolicyNumbersAnswer(added: given.count, numbers: Int(count)), status: 201)
            }
        }
    }
}

struct PolicyNumbersAnswer: Codable, Sendable, APIType {
    let added: Int
    let numbers: Int

    static let schema = Schema.object(
        "PolicyNumbers", "Numbers that were given beforehand",
        [
            .required("added", .integer(1...Int64(InsuranceBatchFacts.sizeMax))),
            .required("numbers", .integer(1...Int64(InsuranceBatchFacts.sizeMax)), "That the batch has now"),
        ])
}
