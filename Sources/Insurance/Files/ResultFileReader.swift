import Crypto
import HTTP
import Postgres
import Registry
import Runtime

/// A file of results as it was read: well formed in every line, about policies of one batch, each once.
struct ResultFile: Sendable {
    let contentHash: [UInt8]
    /// One a line.
    let moves: [PolicyMove]
    /// Where each stands in the file.
    let lines: [Int32]
}

/// Reads a file of results by the insurer's form, piece by piece. It is taken as a whole or not at all: a file with one bad day in it says
/// that whoever made it made more mistakes.
struct ResultFileReader: ~Copyable {
    /// What is known before a line is read.
    struct Frame: Sendable {
        let form: InsurerFileForm
        let batchID: ID<InsuranceBatch>
        /// Of the batch: for files that tell one end only.
        let coverFrom: CalendarDate
        let coverUntil: CalendarDate

        init(form: InsurerFileForm, batchID: ID<InsuranceBatch>, coverFrom: CalendarDate, coverUntil: CalendarDate) {
            self.form = form
            self.batchID = batchID
            self.coverFrom = coverFrom
            self.coverUntil = coverUntil
        }
    }

    /// More lines than that come in several files.
    static let linesMax = 500_000

    private let rule: ResultLine.Rule
    private let titles: [String]
    /// Where each field stands.
    private let columns: [InsurerFileForm.ResultField: Int]
    private var table: FileTable
    private var hash = SHA256()
    private var faults = FileFaults()
    private var foreign = FileFaults()
    private var moves: [PolicyMove] = []
    private var lines: [Int32] = []
    private var policies: [ID<Policy>: Int32] = [:]
    private var numbers: [String: Int32] = [:]

    init(_ frame: Frame) throws(Problem) {
        rule = ResultLine.Rule(frame)
        titles = frame.form.result.map(\.title)
        columns = Dictionary(uniqueKeysWithValues: frame.form.result.enumerated().map { ($1.field, $0) })
        table = try FileTable(frame.form.encoding, titles: titles, linesMax: Self.linesMax)
    }

    mutating func read(_ bytes: [UInt8]) throws(Problem) {
        hash.update(bytes)
        try take(bytes)
    }

    /// - Throws: what the file as a whole is refused for.
    consuming func finish() throws(Problem) -> ResultFile {
        try take(nil)
        guard foreign.isEmpty else { throw foreign.problem(InsuranceFileProblem.otherBatch) }
        guard faults.isEmpty else { throw faults.problem(InsuranceFileProblem.faulty) }
        guard !moves.isEmpty else { throw Problem(InsuranceFileProblem.empty) }
        let (moves, lines) = (self.moves, self.lines)
        return ResultFile(contentHash: hash.finish(), moves: moves, lines: lines)
    }

    private mutating func take(_ bytes: [UInt8]?) throws(Problem) {
        for line in try table.read(bytes, &faults) { take(line) }
    }

    private mutating func take(_ line: FileTable.Line) {
        let read = rule.read { field in columns[field].flatMap { line.cells[$0] } }
        switch read {
        case .foreign(let batch):
            foreign.add(
                "insurance.line_of_other_batch", line: line.number, column: title(.reference), zh: "属于批次 \(batch)",
                en: "belongs to batch \(batch)")
        case .faulty(let found):
            for fault in found { faults.add(fault.code, line: line.number, column: title(fault.field), zh: fault.zh, en: fault.en) }
        case .move(let move):
            let number = Int32(clamping: line.number)
            if let first = policies.updateValue(number, forKey: move.policyID) {
                faults.add(
                    "insurance.reference_repeated", line: line.number, column: title(.reference), zh: "与第 \(first) 行重复",
                    en: "stands in line \(first) already")
            } else if let text = move.number, let first = numbers.updateValue(number, forKey: text) {
                faults.add(
                    "insurance.number_repeated", line: line.number, column: title(.number), zh: "与第 \(first) 行重复",
                    en: "stands in line \(first) already")
            } else {
                moves.append(move)
                lines.append(number)
            }
        }
    }

    private func title(_ field: InsurerFileForm.ResultField) -> String { columns[field].map { titles[$0] } ?? field.rawValue }
}
