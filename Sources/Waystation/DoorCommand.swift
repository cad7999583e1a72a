import Controller
import FoundationEssentials
import Glibc
import Runtime

extension Command {
    static let door = Command("door", summary: DoorOptions.summary, options: DoorOptions.all) { settings in
        // The small program takes this one's place; where it was not installed, this one does the same with more memory.
        execSmallProgram()
        try DoorOptions.run(settings.configuration, environment: ProcessInfo.processInfo.environment)
    }
}

/// Replaces this process by `waystation-door` beside it, with the same settings; returns if there is none.
private func execSmallProgram() {
    let own: String
    do { own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") } catch { return }
    let program = own.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/") + "/waystation-door"
    guard access(program, X_OK) == 0 else { return }
    let words = [program] + CommandLine.arguments.dropFirst(2)
    var pointers = words.map { strdup($0) } + [nil]
    execv(program, &pointers)
    for pointer in pointers { free(pointer) }
}
