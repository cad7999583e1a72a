import Controller
import FoundationEssentials
import Glibc
import Runtime

/// `waystation-door`: the controller as a program of its own, without PostgreSQL's library and what that brings, for boards with little
/// memory. `waystation door` runs it in its own place.
@main
struct Door {
    static func main() {
        do {
            if CommandLine.arguments.contains("--help") {
                print("waystation-door\n\nThe controller of a door\n\nSettings\n\n\(Option.lines(DoorOptions.all))", terminator: "")
                return
            }
            let environment = ProcessInfo.processInfo.environment
            let known = Set(DoorOptions.all.map(\.environmentName).flatMap { [$0, $0 + "_FILE"] })
            let configuration = try Configuration(
                options: DoorOptions.all, arguments: Array(CommandLine.arguments.dropFirst()),
                // Those of the other commands are theirs to check.
                environment: environment.filter { known.contains($0.key) }
            ) { path in
                guard let bytes = FileManager.default.contents(atPath: path) else { throw ControllerError("cannot read \(path)") }
                return String(decoding: bytes, as: UTF8.self)
            }
            try DoorOptions.run(configuration, environment: environment)
        } catch {
            let text = "waystation door: \(error)\n"
            _ = write(2, text, text.utf8.count)
            exit(error is ConfigurationError ? 2 : 1)
        }
    }
}
