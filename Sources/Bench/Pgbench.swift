import FoundationEssentials
import Postgres
import Runtime

/// PostgreSQL's own load generator, the peer of everything that writes.
struct Pgbench: Sendable {
    let program: String
    let connection: String

    /// The same with a setting of PostgreSQL's for each session, as `plan_cache_mode=force_generic_plan`.
    func with(_ setting: String) -> Pgbench { Pgbench(program: program, connection: "\(connection) options='-c \(setting)'") }

    /// Runs `script` with 32 clients and gives transactions a second.
    func run(_ script: String, defines: [String: String] = [:], clients: Int = 32, seconds: Int, folder: String) async throws -> Double {
        try await run(script, defines: defines, clients: clients, until: ["-T", String(seconds)], folder: folder)
    }

    /// Runs `script` so many times in all, by 32 clients, and gives transactions a second.
    func run(_ script: String, defines: [String: String] = [:], transactions: Int, folder: String) async throws -> Double {
        try await run(script, defines: defines, clients: 32, until: ["-t", String(transactions / 32)], folder: folder)
    }

    private func run(
        _ script: String, defines: [String: String], clients: Int, until end: [String], folder: String
    ) async throws -> Double {
        let file = "\(folder)/pgbench-\(clients).sql"
        try Data(script.utf8).write(to: URL(filePath: file))
        var arguments = ["-n", "-M", "prepared", "-c", String(clients), "-j", "2"] + end + ["-f", file]
        for (name, value) in defines.sorted(by: { $0.key < $1.key }) { arguments += ["-D", "\(name)=\(value)"] }
        arguments.append(connection)
        let (end, output) = try await onThread(name: "pgbench") {
            [program, arguments] () -> Result<(ChildProcess.End, String), SystemError> in
            do throws(SystemError) {
                let ran = try ChildProcess.run(program, arguments)
                return .success((ran.end, ran.output))
            } catch {
                return .failure(error)
            }
        }.get().get()
        let line = output.split(separator: "\n").first { $0.hasPrefix("tps = ") }
        guard end == .status(0), let number = line?.split(separator: " ").dropFirst(2).first, let rate = Double(number) else {
            throw BenchError(description: "pgbench: \(end): \(output.suffix(800))")
        }
        return rate
    }
}
