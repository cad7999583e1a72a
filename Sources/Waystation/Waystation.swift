import FoundationEssentials
import Glibc
import Runtime

/// The program: finds the command, reads its settings, runs it. Status 0 when it did what was asked, 1 when it could not, 2 when the
/// request itself was wrong.
@main
struct Waystation {
    static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        do {
            try await run(arguments)
        } catch let error as ConfigurationError {
            fail("\(error)\nTry: waystation help", status: 2)
        } catch let error as UsageError {
            fail("\(error.description)\nTry: waystation help", status: 2)
        } catch let error as any CustomStringConvertible {
            fail(error.description, status: 1)
        } catch {
            fail("\(type(of: error))", status: 1)
        }
    }

    /// Of the program; the API's own stands in its paths.
    static let version = "0.3.0"

    private static func run(_ arguments: [String]) async throws {
        if arguments == ["--version"] || arguments == ["version"] { return print("waystation \(version)") }
        if arguments.isEmpty || ["help", "--help", "-h"].contains(arguments[0]) {
            let named = Array(arguments.dropFirst())
            if named.isEmpty { return print(Help.text, terminator: "") }
            guard let (command, _) = Command.find(named) else { throw unknown(named) }
            return print(Help.text(for: command), terminator: "")
        }
        guard let (command, rest) = Command.find(arguments) else {
            throw unknown(arguments)
        }
        if rest.contains("--help") { return print(Help.text(for: command), terminator: "") }
        let environment = ProcessInfo.processInfo.environment
        let known = Set(command.options.map(\.name))
        let elsewhere = Command.all.flatMap(\.options).filter { !known.contains($0.name) }
        let configuration = try Configuration(
            options: command.options, arguments: rest, environment: environment, elsewhere: elsewhere
        ) { path in
            guard let bytes = FileManager.default.contents(atPath: path) else { throw CommandError("cannot read \(path)") }
            return String(decoding: bytes, as: UTF8.self)
        }
        guard command.operandCount.contains(configuration.operands.count) else {
            let usage = "usage: waystation \(command.name)\(command.operands.isEmpty ? "" : " ")\(command.operands)"
            let family = family(of: command.name)
            throw UsageError(family.isEmpty ? usage : "\(usage), or \(family.joined(separator: ", "))")
        }
        try await command.run(Settings(configuration, environment: environment))
    }

    /// Names the commands that begin so, or the one that is nearest.
    private static func unknown(_ words: [String]) -> UsageError {
        let family = family(of: words[0])
        if !family.isEmpty { return UsageError("the commands of \(words[0]) are \(family.joined(separator: ", "))") }
        let nearest = nearestName(to: words[0], among: Command.all.map(\.name))
        return UsageError("there is no command \(words[0])" + (nearest.map { "; did you mean \($0)?" } ?? ""))
    }

    private static func family(of word: String) -> [String] { Command.all.map(\.name).filter { $0.hasPrefix(word + " ") } }

    private static func fail(_ message: String, status: CInt) -> Never {
        Terminal.error("waystation: \(message)\n")
        exit(status)
    }
}

/// A request that makes no sense as typed.
struct UsageError: Error {
    let description: String
    init(_ description: String) { self.description = description }
}
