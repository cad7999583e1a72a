package import HTTP
import Postgres
import Registry
import Runtime

extension InsurerFileForm: APIType {
    private static func column(_ name: String, _ fields: [String]) -> Schema {
        Schema.object(
            name, "A column of a file", [.required("field", .oneOf(fields), "What stands there"), .required("title", .string(1...40))])
    }

    package static let schema = Schema.object(
        "InsurerFileForm", "How an insurer's files are written: CSV with one line of titles, columns in this order",
        [
            .required("encoding", .oneOf(Encoding.allCases.map(\.rawValue))),
            .required(
                "roster", .array(of: column("RosterColumn", RosterField.allCases.map(\.rawValue)), 1...20),
                "What goes out: only what is named here"),
            .required("result", .array(of: column("ResultColumn", ResultField.allCases.map(\.rawValue)), 1...20), "What comes back"),
            .required("issuedWords", .array(of: .string(1...20), 1...10), "What stands for: written"),
            .required("rejectedWords", .array(of: .string(1...20), 1...10), "What stands for: not written"),
        ])

    /// What is wrong with it as a whole.
    package func faults(at pointer: String) -> [Violation] {
        var faults: [Violation] = []
        func twice(_ names: [String], _ place: String) {
            if Set(names).count != names.count {
                faults.append(
                    Violation("insurance.column_twice", pointer: "\(pointer)/\(place)", zh: "列重复", en: "A column or word is named twice"))
            }
        }
        twice(roster.map(\.field.rawValue), "roster")
        twice(roster.map(\.title), "roster")
        twice(result.map(\.field.rawValue), "result")
        twice(result.map(\.title), "result")
        twice(issuedWords + rejectedWords, "issuedWords")
        func missing(_ isThere: Bool, _ place: String, _ name: String) {
            if !isThere {
                faults.append(
                    Violation(
                        "insurance.column_missing", pointer: "\(pointer)/\(place)", zh: "缺少必需的列 \(name)", en: "The column \(name) is needed"
                    ))
            }
        }
        missing(roster.contains { $0.field == .reference }, "roster", "reference")
        for field in [InsurerFileForm.ResultField.reference, .status, .number] {
            missing(result.contains { $0.field == field }, "result", field.rawValue)
        }
        return faults
    }
}

/// What an organizer writes of an insurer.
struct InsurerBody: Codable, Sendable, APIType {
    let organizationId: ID<Organization>
    let name: String
    let hotline: String
    let fileForm: InsurerFileForm?

    var facts: InsurerFacts { InsurerFacts(name: name, hotline: hotline, form: fileForm ?? InsurerFileForm()) }

    static let schema = Schema.object(
        "InsurerBody", "An insurer to be made, or what it is to be",
        [
            .required("organizationId", .id, "Whose organizers see to it"), .required("name", .string(1...100)),
            .required("hotline", .string(3...40), "Where members ask and claim"),
            .optional("fileForm", InsurerFileForm.schema, "A usual one when absent"),
        ])
}

/// An insurer as organizers see it.
struct InsurerAnswer: Codable, Sendable, APIType {
    let id: ID<Insurer>
    let organizationId: ID<Organization>
    let name: String
    let hotline: String
    let fileForm: InsurerFileForm

    init(_ insurer: Insurer) {
        id = insurer.id
        organizationId = insurer.organizationID
        name = insurer.facts.name
        hotline = insurer.facts.hotline
        fileForm = insurer.facts.form
    }

    static let schema = Schema.object(
        "Insurer", "Who writes policies",
        [
            .required("id", .id), .required("organizationId", .id), .required("name", .string(1...100)),
            .required("hotline", .string(3...40)), .required("fileForm", InsurerFileForm.schema),
        ])
}

struct InsurerList: Codable, Sendable, APIType {
    let items: [InsurerAnswer]
    let next: String?

    static let schema = Schema.object(
        "InsurerList", "A page of insurers", [.required("items", .array(of: InsurerAnswer.schema, 0...200)), PageCursor.next])
}

/// What an organizer writes of a product, and how it is read.
struct ProductFactsBody: Codable, Sendable {
    static let cover = Schema.object(
        "InsuranceCover", "One thing that is paid for",
        [
            .required("name", .string(1...100)), .optional("nameEn", .string(1...100)), .required("fen", .integer(1...100_000_000_000)),
        ])

    static let fields: [Schema.Field] = [
        .required("name", .string(1...100)), .optional("nameEn", .string(1...100)),
        .required(
            "family",
            .string(
                1...40,
                pattern: Pattern("^[a-z][a-z0-9_]{0,39}$") { text in
                    text.first.map { (0x61...0x7A).contains($0) } ?? false
                        && text.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x5F }
                }), "Nobody holds two policies of a family over the same days"),
        .required("sumInsuredFen", .integer(1...100_000_000_000)), .optional("covers", .array(of: cover, 0...30)),
        .required("ageMin", .integer(0...120), "In full years on the first day"), .required("ageMax", .integer(0...120)),
        .optional("sex", .oneOf(Sex.allCases.map(\.rawValue)), "Both when absent"),
        .optional("workerKinds", .array(of: .oneOf(WorkerKind.allCases.map(\.rawValue)), 0...20), "All when absent"),
        .optional("acceptDays", .integer(1...366), "Days that a member has to accept; it covers without that when absent"),
        .optional(
            "beneficiary", .oneOf(InsuranceProductFacts.Beneficiary.allCases.map(\.rawValue)), "statutory, the heirs by law, when absent"),
        .optional(
            "onLeaving", .oneOf(InsuranceProductFacts.Going.allCases.map(\.rawValue)), "Cover of who leaves the union; keeps when absent"),
        .optional(
            "onTransfer", .oneOf(InsuranceProductFacts.Going.allCases.map(\.rawValue)),
            "Cover of who moves out of the batch's organizations; keeps when absent"),
        .required("claimAdvice", .string(1...2_000), "What to do when it happened"), .optional("claimAdviceEn", .string(1...2_000)),
    ]
}

struct ProductBody: Codable, Sendable, APIType {
    let insurerId: ID<Insurer>
    let name: String
    let nameEn: String?
    let family: String
    let sumInsuredFen: Int64
    let covers: [InsuranceProductFacts.Cover]?
    let ageMin: Int
    let ageMax: Int
    let sex: Sex?
    let workerKinds: [WorkerKind]?
    let acceptDays: Int?
    let beneficiary: InsuranceProductFacts.Beneficiary?
    let onLeaving: InsuranceProductFacts.Going?
    let onTransfer: InsuranceProductFacts.Going?
    let claimAdvice: String
    let claimAdviceEn: String?

    /// - Throws: `insurance.invalid`.
    func facts() throws -> InsuranceProductFacts {
        guard ageMin <= ageMax else {
            throw InsuranceProblem.invalid([
                Violation("insurance.ages_invalid", pointer: "/ageMax", zh: "最大年龄不能小于最小年龄", en: "The greatest age is not below the least")
            ])
        }
        let facts = InsuranceProductFacts(
            name: name, nameEn: nameEn, family: family, sumInsuredFen: sumInsuredFen, covers: covers ?? [], ages: ageMin...ageMax,
            sex: sex, workerKinds: workerKinds ?? [], acceptDays: acceptDays, beneficiary: beneficiary ?? .statutory,
            onLeaving: onLeaving ?? .keeps, onTransfer: onTransfer ?? .keeps, claimAdvice: claimAdvice, claimAdviceEn: claimAdviceEn)
        let faults = facts.faults()
        guard faults.isEmpty else { throw InsuranceProblem.invalid(faults) }
        return facts
    }

    static let schema = Schema.object(
        "InsuranceProductBody", "A product to be made, or what it is to be", [.required("insurerId", .id)] + ProductFactsBody.fields)
}

/// A product as organizers see it.
struct ProductAnswer: Codable, Sendable, APIType {
    let id: ID<InsuranceProduct>
    let insurerId: ID<Insurer>
    let name: String
    let nameEn: String?
    let family: String
    let sumInsuredFen: Int64
    let covers: [InsuranceProductFacts.Cover]
    let ageMin: Int
    let ageMax: Int
    let sex: Sex?
    let workerKinds: [WorkerKind]
    let acceptDays: Int?
    let beneficiary: InsuranceProductFacts.Beneficiary
    let onLeaving: InsuranceProductFacts.Going
    let onTransfer: InsuranceProductFacts.Going
    let claimAdvice: String
    let claimAdviceEn: String?

    init(_ product: InsuranceProduct) {
        let facts = product.facts
        id = product.id
        insurerId = product.insurerID
        name = facts.name
        nameEn = facts.nameEn
        family = facts.family
        sumInsuredFen = facts.sumInsuredFen
        covers = facts.covers
        ageMin = facts.ages.lowerBound
        ageMax = facts.ages.upperBound
        sex = facts.sex
        workerKinds = facts.workerKinds
        acceptDays = facts.acceptDays
        beneficiary = facts.beneficiary
        onLeaving = facts.onLeaving
        onTransfer = facts.onTransfer
        claimAdvice = facts.claimAdvice
        claimAdviceEn = facts.claimAdviceEn
    }

    static let schema = Schema.object(
        "InsuranceProduct", "What a policy covers, and for whom",
        [.required("id", .id), .required("insurerId", .id)] + ProductFactsBody.fields)
}

struct ProductList: Codable, Sendable, APIType {
    let items: [ProductAnswer]
    let next: String?

    static let schema = Schema.object(
        "InsuranceProductList", "A page of products", [.required("items", .array(of: ProductAnswer.schema, 0...200)), PageCursor.next])
}
