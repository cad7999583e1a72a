import FoundationEssentials
import Runtime
import Testing

/// The path of a program of this package, built beside the tests.
func programPath(_ name: String) throws -> String {
    let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let path = own.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/") + "/" + name
    // `swift test` may run the bundle through a tool of the toolchain; then the build folder is found by the test's own name.
    if FileManager.default.fileExists(atPath: path) { return path }
    let bundle = try #require(CommandLine.arguments.first { $0.hasSuffix(".xctest") })
    return bundle.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/") + "/" + name
}

/// Runs a program of this package to its end.
func runProgram(_ name: String, _ arguments: [String]) async throws -> (end: ChildProcess.End, output: String) {
    let path = try programPath(name)
    return try await onThread(name: name) { () -> Result<(end: ChildProcess.End, output: String), SystemError> in
        do throws(SystemError) {
            return .success(try ChildProcess.run(path, arguments, environment: programEnvironment))
        } catch {
            return .failure(error)
        }
    }.get().get()
}

/// The programs under test run under the same sanitizer as the tests, so they need its options too.
let programEnvironment = ChildProcess.plainEnvironment.merging(
    ProcessInfo.processInfo.environment.filter { $0.key.hasSuffix("SAN_OPTIONS") }, uniquingKeysWith: { $1 })
