import Crypto
import HTTP
import Postgres
import Programs
import Registry
import Runtime

/// What a batch came to: for organizers by floor, class, organization, kind and source; for everybody the run's sheet.
struct BatchFigureRoutes: Sendable {
    let life: InsuranceBatchLife
    let figures: BatchFigureStore
    let previews: PreviewStore

    private typealias P = RegistryPermission

    var all: [Route] { [preview, read, sheet] }

    private var preview: Route {
        Route(
            .get, "/v1/insurance-batches/{id}/preview",
            summary: "Counts the members whom a batch's rules and its product let in, and those who are covered already",
            tag: ProductRoutes.tag, access: .permission(P.insuranceRead), parameters: [BatchRoutes.id],
            responses: [.json(200, BatchPreviewAnswer.self, "The counts")],
            problems: [InsuranceProblem.batchUnknown, RegistryProblem.databaseUnavailable]
        ) { request in
            let (batch, product) = try await find(request)
            let rules = GiftRun.rules(of: batch, product)
            let facts = batch.facts
            let covered = try await life.batches.database.inTransaction { transaction in
                try await life.policies.covered(product.facts.family, from: facts.coverFrom, until: facts.coverUntil, in: transaction)
            }
            let preview = try await previews.preview(rules, within: request.scope(of: P.insuranceRead))
            return .json(BatchPreviewAnswer(preview, rules, covered: Int64(Set(covered).count), request.language))
        }
    }

    private var read: Route {
        Route(
            .get, "/v1/insurance-batches/{id}/figures", summary: "A batch's policies, by where they are and what they are counted by",
            tag: ProductRoutes.tag, access: .permission(P.insuranceRead),
            parameters: [
                BatchRoutes.id,
                .query("by", .oneOf(BatchFigureStore.Grouping.allCases.map(\.rawValue)), "floor when absent"),
            ],
            responses: [.json(200, BatchFigureList.self, "A line each")],
            problems: [InsuranceProblem.batchUnknown, RegistryProblem.databaseUnavailable]
        ) { request in
            let (batch, _) = try await find(request)
            let by: String? = request.optionalParameter("by")
            let lines = try await figures.lines(of: batch, by: by.flatMap(BatchFigureStore.Grouping.init(rawValue:)) ?? .floor)
            return .json(BatchFigureList(items: lines.map(BatchFigureLine.init)))
        }
    }

    private func find(_ request: Request) async throws -> (InsuranceBatch, InsuranceProduct) {
        guard let batch = try await life.batches.find(request.parameter("id"), within: request.scope(of: P.insuranceRead)),
            let product = try await life.products.product(batch.productID)
        else { throw Problem(InsuranceProblem.batchUnknown) }
        return (batch, product)
    }

    private var sheet: Route {
        Route(
            .get, "/v1/public/insurance-batches/{id}",
            summary: "What everybody may know of a batch: rules, the lottery's commitment, and once confirmed the secret and the result",
            tag: ProductRoutes.tag, access: .anyone, parameters: [BatchRoutes.id],
            responses: [.json(200, BatchSheet.self, "The sheet, without anything of a person")],
            problems: [InsuranceProblem.batchUnknown, RegistryProblem.databaseUnavailable]
        ) { request in
            guard let batch = try await life.batches.find(request.parameter("id")), batch.state != .draft,
                batch.state != .cancelled || batch.commitment != nil,
                let product = try await life.products.product(batch.productID)
            else { throw Problem(InsuranceProblem.batchUnknown) }
            var secret: [UInt8]?
            let isTold = batch.state == .confirmed || batch.state == .closed
            if isTold, let sealed = try await life.batches.sealedSecret(of: batch.id) {
                secret = try life.sealer.open(sealed, in: InsuranceBatchLife.secretColumn, row: batch.id.rawValue)
            }
            return .json(BatchSheet(batch, product, secret: secret, isTold: isTold))
        }
    }
}

/// How many members a batch's rules mean.
struct BatchPreviewAnswer: Codable, Sendable, APIType {
    struct Step: Codable, Sendable {
        let condition: String
        let alone: Int
        let left: Int
    }

    struct Part: Codable, Sendable {
        let name: String
        let members: Int
    }

    let members: Int
    let conditions: [Step]
    let eligible: Int
    let covered: Int64
    let classes: [Part]
    let groups: [Part]

    init(_ preview: ProgramPreview, _ rules: ProgramRules, covered: Int64, _ language: Language) {
        members = preview.members
        conditions = zip(preview.steps, rules.eligibility).map { step, condition in
            Step(condition: condition.text([:])[language], alone: step.alone, left: step.left)
        }
        eligible = preview.eligible
        self.covered = covered
        classes = zip(rules.classes, preview.classes).map { Part(name: $0.name, members: $1) }
        groups = zip(rules.groups, preview.groups).map { Part(name: $0.name, members: $1) }
    }

    private static let count = Schema.integer(0...Int64.max)
    private static let step = Schema.object(
        "InsurancePreviewStep", "One condition",
        [
            .required("condition", .string(1...20_000), "In words"), .required("alone", count, "Members of whom it holds"),
            .required("left", count, "Members of whom it and all before it hold"),
        ])
    private static let part = Schema.object(
        "InsurancePreviewPart", "A class or group", [.required("name", .string(1...100)), .required("members", count)])

    static let schema = Schema.object(
        "InsurancePreview", "How many members a batch's rules and its product let in",
        [
            .required("members", count, "Whose membership is active"), .required("conditions", .array(of: step, 0...100)),
            .required("eligible", count, "Of whom all conditions hold, covered ones among them"),
            .required("covered", count, "Persons anywhere who hold a policy of the family on some of the days"),
            .required("classes", .array(of: part, 0...100), "Of the eligible, the first class that fits"),
            .required("groups", .array(of: part, 0...8), "Of the eligible; a member may be in several"),
        ])
}

/// Policies by where they are.
struct BatchFigureLine: Codable, Sendable {
    let key: String
    let name: String
    let policies: Int64
    let states: [String: Int64]

    init(_ line: BatchFigureStore.Line) {
        key = line.key
        name = line.name
        policies = line.states.filter { $0.key.holds }.values.reduce(0, +)
        states = Dictionary(uniqueKeysWithValues: line.states.filter { $0.value > 0 }.map { ($0.key.rawValue, $0.value) })
    }

    static let schema = Schema.object(
        "InsuranceFigureLine", "Policies of one floor, class, organization, kind or source",
        [
            .required("key", .string(0...40)), .required("name", .string(0...100)),
            .required("policies", .integer(0...Int64.max), "Those not refused, returned or cancelled"),
            .required("states", .map(of: .integer(0...Int64.max)), "By state; those with none are left out"),
        ])
}

struct BatchFigureList: Codable, Sendable, APIType {
    let items: [BatchFigureLine]

    static let schema = Schema.object(
        "InsuranceFigureList", "A line each", [.required("items", .array(of: BatchFigureLine.schema, 0...100_000))])
}

/// A batch as everybody may see it.
struct BatchSheet: Codable, Sendable, APIType {
    let id: ID<InsuranceBatch>
    let title: String
    let donor: String
    let product: String
    let state: InsuranceBatch.State
    let size: Int32
    let coverFrom: String
    let coverTo: String
    let rules: ProgramRules
    let rulesHash: String?
    let lotteryCommitment: String?
    let lotterySecret: String?
    let lotteryName: String
    let inputsHash: String?
    let figures: RunFigures?
    let places: InsuranceBatch.Places?

    init(_ batch: InsuranceBatch, _ product: InsuranceProduct, secret: [UInt8]?, isTold: Bool) {
        let facts = batch.facts
        id = batch.id
        title = facts.title
        donor = facts.donor
        self.product = product.facts.name
        state = batch.state
        size = facts.size
        coverFrom = facts.coverFrom.description
        coverTo = CalendarDate(daysSince1970: facts.coverUntil.daysSince1970 - 1).description
        rules = facts.rules
        rulesHash = batch.rulesHash.map { Hex.encode($0) }
        lotteryCommitment = batch.commitment.map { Hex.encode($0) }
        lotterySecret = secret.map { Hex.encode($0) }
        lotteryName = InsuranceBatch.lotteryName(batch.id)
        inputsHash = isTold ? batch.inputsHash.map { Hex.encode($0) } : nil
        figures = isTold ? batch.figures : nil
        places = isTold ? batch.places : nil
    }

    private static let hash = Schema.string(64...64)

    static let schema = Schema.object(
        "InsuranceSheet", "A batch as everybody may see it",
        [
            .required("id", .id), .required("title", .string(1...100)), .required("donor", .string(1...100)),
            .required("product", .string(1...100)), .required("state", .oneOf(InsuranceBatch.State.allCases.map(\.rawValue))),
            .required("size", .integer(1...Int64(InsuranceBatchFacts.sizeMax))), .required("coverFrom", .date), .required("coverTo", .date),
            .required("rules", ProgramRules.schema), .optional("rulesHash", hash), .optional("lotteryCommitment", hash),
            .optional(
                "lotterySecret", hash, "Once the run is confirmed: its SHA-256, after alloc-commit-v1 and a zero byte, is the commitment"),
            .required("lotteryName", .string(1...60), "What the lottery is drawn for"),
            .optional(
                "inputsHash", hash, "SHA-256 of whom the run looked at: of each, by rising number, number (8 bytes), class and groups"),
            .optional("figures", RunFigures.schema), .optional("places", PlacesAnswer.schema),
        ])
}
