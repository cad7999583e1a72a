import HTTP
import Runtime

/// A file of numbers that an insurer gives beforehand: one a line, under the title `number`.
struct PolicyNumberFile: ~Copyable {
    static let title = "number"

    private var table: FileTable
    private var faults = FileFaults()
    private var lines: [String: Int] = [:]
    private var numbers: [String] = []

    /// - Parameter linesMax: the batch's size.
    init(linesMax: Int) throws(Problem) {
        table = try FileTable(.utf8, titles: [Self.title], linesMax: linesMax)
    }

    mutating func read(_ bytes: [UInt8]?) throws(Problem) {
        for line in try table.read(bytes, &faults) {
            guard let number = line.cells[0] else { continue }
            if !FileNumber.isWellFormed(number) {
                faults.add(
                    "insurance.number_malformed", line: line.number, column: Self.title, zh: "保单号有误", en: "no number of a policy")
            } else if let first = lines[number] {
                faults.add(
                    "insurance.number_repeated", line: line.number, column: Self.title, zh: "与第 \(first) 行重复",
                    en: "stands in line \(first) already")
            } else {
                lines[number] = line.number
                numbers.append(number)
            }
        }
    }

    /// The numbers with their lines, once the file has ended.
    /// - Throws: what the file is refused for.
    consuming func finish() throws(Problem) -> (numbers: [String], lines: [String: Int]) {
        try read(nil)
        guard faults.isEmpty else { throw faults.problem(InsuranceFileProblem.faulty) }
        guard !numbers.isEmpty else { throw Problem(InsuranceFileProblem.empty) }
        return (numbers, lines)
    }

    /// The refusal of numbers that the insurer gave before.
    static func used(_ numbers: [String], _ lines: [String: Int]) -> Problem {
        var faults = FileFaults()
        for number in numbers.sorted(by: { lines[$0] ?? 0 < lines[$1] ?? 0 }) {
            faults.add(
                "insurance.number_used", line: lines[number] ?? 0, column: title, zh: "该承保单位已给过此号码",
                en: "the insurer gave this number before")
        }
        return faults.problem(InsuranceFileProblem.faulty)
    }
}
