import FoundationEssentials
import Glibc
import Runtime

/// `waystation-bench [WORK …] [--seconds N] [--runs N] [--members N] [--part NAME] [--json]`: measures this machine, each work beside a
/// peer in the same call.
@main
struct Bench {
    static let works: [any Work.Type] = [
        ScansWork.self, JoinWork.self, HTTPWork.self, ImportWork.self, JournalWork.self, SearchWork.self, StormWork.self,
        DoorStormWork.self, FlowWork.self, AllocationWork.self, ProgramsWork.self, CouponsWork.self,
        InsuranceWork.self, EnrolmentWork.self, PagesWork.self,
        JobStormWork.self, JobPeer.self,
    ]
    /// Those that take minutes run only when named.
    private static let onlyNamed = [
        StormWork.name, DoorStormWork.name, FlowWork.name, ProgramsWork.name, CouponsWork.name, InsuranceWork.name,
        EnrolmentWork.name, PagesWork.name, JobStormWork.name, JobPeer.name,
    ]

    static func main() async {
        do {
            let options = try BenchOptions(Array(CommandLine.arguments.dropFirst()), known: works.map { $0.name })
            if options.isHelp { return print(BenchOptions.help(works.map { ($0.name, $0.summary) })) }
            let report = Report(asJSON: options.asJSON)
            for work in works where options.works.contains(work.name) || (options.works.isEmpty && !onlyNamed.contains(work.name)) {
                try await work.init(options).run(report)
            }
        } catch {
            Output.error("waystation-bench: \(error)\n")
            exit(error is UsageError ? 2 : 1)
        }
    }
}

/// One thing that is measured.
protocol Work: Sendable {
    static var name: String { get }
    static var summary: String { get }
    init(_ options: BenchOptions)
    func run(_ report: Report) async throws
}

struct UsageError: Error, CustomStringConvertible { let description: String }

/// A measurement that could not be made; says what is missing.
struct BenchError: Error, CustomStringConvertible { let description: String }

/// What was asked for on the command line.
struct BenchOptions: Sendable {
    private(set) var works: [String] = []
    /// Of each measured run; nil leaves it to the work, whose default keeps it within a minute.
    private(set) var seconds: Int?
    private(set) var runs = 5
    /// For works that look among many; nil leaves it to the work.
    private(set) var members: Int?
    /// The only part wanted of a work that has several.
    private(set) var part: String?
    private(set) var asJSON = false
    private(set) var isHelp = false

    init(_ arguments: [String], known: [String]) throws(UsageError) {
        var rest = arguments[...]
        func number(_ name: String, _ text: String?, _ range: ClosedRange<Int>) throws(UsageError) -> Int {
            guard let text, let value = Int(text), range.contains(value) else {
                throw UsageError(description: "\(name) needs a number from \(range.lowerBound) to \(range.upperBound)")
            }
            return value
        }
        while let argument = rest.popFirst() {
            switch argument {
            case "--seconds": seconds = try number(argument, rest.popFirst(), 1...86_400)
            case "--members": members = try number(argument, rest.popFirst(), 10_000...100_000_000)
            case "--runs": runs = try number(argument, rest.popFirst(), 1...1_000)
            case "--part":
                part = rest.popFirst()
                if part == nil { throw UsageError(description: "--part needs a name") }
            case "--json": asJSON = true
            case "--help", "-h", "help": isHelp = true
            default:
                guard known.contains(argument) else {
                    throw UsageError(description: "there is no work \(argument); known: \(known.joined(separator: ", "))")
                }
                works.append(argument)
            }
        }
    }

    static func help(_ works: [(name: String, summary: String)]) -> String {
        var text = """
            usage: waystation-bench [WORK …] [--seconds N] [--runs N] [--members N] [--part NAME] [--json]

            Measures on a PostgreSQL of its own, with durable defaults, in a temporary folder. Medians of --runs (5).

            """
        for work in works { text += "\n  \(work.name)" + String(repeating: " ", count: max(1, 10 - work.name.count)) + work.summary }
        return text
    }
}

/// Text for the terminal, written whole.
enum Output {
    static func error(_ text: String) { write(text, 2) }
    static func line(_ text: String) { write(text + "\n", 1) }

    private static func write(_ text: String, _ descriptor: CInt) {
        let bytes = Array(text.utf8)
        // A terminal that is gone has nobody to tell.
        _ = Glibc.write(descriptor, bytes, bytes.count)
    }
}

/// The middle of an odd number of values, the mean of the two in the middle of an even one; 0 of none.
func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    let middle = sorted.count / 2
    if sorted.isEmpty { return 0 }
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
