import Crypto
import HTTP
import Postgres
import Registry
import Runtime

/// What became of a file of results.
struct ResultAnswer: Codable, Sendable, APIType {
    let number: Int32
    let sha256: String
    let lines: Int32
    let issued: Int32
    let rejected: Int32
    let unchanged: Int32
    let faulty: Int32
    let dryRun: Bool?
    let takenBy: String
    let takenAt: String

    init(_ result: InsuranceResult, isDryRun: Bool = false) {
        number = result.number
        sha256 = Hex.encode(result.contentHash)
        lines = result.lines
        issued = result.issued
        rejected = result.rejected
        unchanged = result.unchanged
        faulty = result.faulty
        dryRun = isDryRun ? true : nil
        takenBy = result.takenBy
        takenAt = result.takenAt.description
    }

    private static let count = Schema.integer(0...Int64(ResultFileReader.linesMax))

    static let schema = Schema.object(
        "InsuranceResult", "What became of a file of results",
        [
            .required("number", .integer(1...Int64(Int32.max)), "Within the batch"),
            .required("sha256", .string(64...64), "Of the file"), .required("lines", count, "The four below together"),
            .required("issued", count), .required("rejected", count), .required("unchanged", count, "Lines that said what was known"),
            .required("faulty", count, "Lines that changed nothing, see the faults"),
            .optional("dryRun", .boolean, "Nothing was written: there are no faults to read"),
            .required("takenBy", .string(1...100)), .required("takenAt", .dateTime),
        ])
}

struct ResultList: Codable, Sendable, APIType {
    let items: [ResultAnswer]
    let next: String?

    static let schema = Schema.object(
        "InsuranceResultList", "A page of files of results",
        [.required("items", .array(of: ResultAnswer.schema, 0...200)), PageCursor.next])
}

/// A line of a file that changed nothing, and why.
struct ResultFaultAnswer: Codable, Sendable, APIType {
    let line: Int32
    let code: String
    let field: String?
    let shown: String?
    let reason: String

    init(_ fault: ResultFault, _ language: Language) {
        line = fault.line
        code = fault.code
        field = fault.field
        shown = fault.shown
        let known = ResultFault.Code(rawValue: fault.code)?.reason ?? (zh: fault.code, en: fault.code)
        reason = Localized(zh: known.zh, en: known.en)[language]
    }

    static let schema = Schema.object(
        "InsuranceResultFault", "A line that changed nothing",
        [
            .required("line", .integer(1...Int64(Int32.max)), "Counted from 1, the titles among them"),
            .required("code", .string(1...100), "Stable"), .optional("field", .string(1...100)), .optional("shown", .string(0...200)),
            .required("reason", .string(1...200), "In the language asked for"),
        ])
}

struct ResultFaultList: Codable, Sendable, APIType {
    let items: [ResultFaultAnswer]
    let next: String?

    static let schema = Schema.object(
        "InsuranceResultFaultList", "A page of lines that changed nothing",
        [.required("items", .array(of: ResultFaultAnswer.schema, 0...200)), PageCursor.next])
}
