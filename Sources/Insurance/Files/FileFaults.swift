import HTTP

/// What is wrong with a file, line by line: the first thousand are told, all are counted.
struct FileFaults: Sendable {
    static let toldMax = 1_000

    private(set) var count = 0
    private var told: [(line: Int, violation: Violation)] = []

    var isEmpty: Bool { count == 0 }

    /// - Parameters:
    ///   - line: counted from 1, the titles among them.
    ///   - column: its title.
    mutating func add(_ code: String, line: Int, column: String, zh: String, en: String) {
        count += 1
        guard told.count < Self.toldMax else { return }
        let name = column.split(separator: "~", omittingEmptySubsequences: false).joined(separator: "~0")
            .split(separator: "/", omittingEmptySubsequences: false).joined(separator: "~1")
        let violation = Violation(
            code, pointer: "/\(line)/\(name)", zh: "第 \(line) 行“\(column)”：\(zh)", en: "line \(line), “\(column)”: \(en)")
        told.append((line, violation))
    }

    /// The refusal that tells them.
    func problem(_ type: ProblemType) -> Problem {
        let detail =
            count > told.count
            ? Localized(zh: "共 \(count) 处，列出前 \(told.count) 处", en: "\(count) in all, of which the first \(told.count) are told")
            : Localized(zh: "共 \(count) 处", en: "\(count) in all")
        return Problem(type, detail: detail, violations: told.sorted { $0.line < $1.line }.map(\.violation))
    }
}
