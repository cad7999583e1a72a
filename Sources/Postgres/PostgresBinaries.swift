import FoundationEssentials
import Glibc
import Runtime

/// The server programs of one PostgreSQL version on this machine.
package struct PostgresBinaries: Hashable, Sendable {
    /// The oldest major version that Waystation works with.
    package static let versionMin = 15

    package let folder: String
    package let version: Int

    /// The path of a program, such as `psql`.
    package func path(_ program: String) -> String { "\(folder)/\(program)" }

    /// What is installed, newest first: Debian's folders, then PATH. Runs programs: for threads, never for loops.
    package static func installed(
        debianRoot: String = "/usr/lib/postgresql", searchPath: String = ProcessInfo.processInfo.environment["PATH"] ?? ""
    ) -> [PostgresBinaries] {
        var found: [PostgresBinaries] = []
        let names: [String]
        // A missing folder is a machine without Debian's packages, which is no fault here.
        do { names = try FileManager.default.contentsOfDirectory(atPath: debianRoot) } catch { names = [] }
        for name in names {
            guard let version = Int(name) else { continue }
            let candidate = PostgresBinaries(folder: "\(debianRoot)/\(name)/bin", version: version)
            if candidate.isComplete { found.append(candidate) }
        }
        for folder in searchPath.split(separator: ":").map(String.init) {
            let unversioned = PostgresBinaries(folder: folder, version: 0)
            guard unversioned.isComplete, !found.contains(where: { $0.folder == folder }),
                let version = version(of: unversioned.path("postgres"))
            else { continue }
            found.append(PostgresBinaries(folder: folder, version: version))
        }
        return found.sorted { $0.version > $1.version }
    }

    /// The programs for a cluster of major version `cluster`, or the newest when there is no cluster yet.
    package static func choose(
        cluster: Int?, from installed: [PostgresBinaries]
    ) throws(EmbeddedServerError) -> PostgresBinaries {
        let usable = installed.filter { $0.version >= versionMin }
        guard let newest = usable.first else { throw .notInstalled(found: installed.map(\.version)) }
        guard let cluster else { return newest }
        guard let match = usable.first(where: { $0.version == cluster }) else {
            throw .otherVersion(cluster: cluster, installed: usable.map(\.version))
        }
        return match
    }

    private var isComplete: Bool {
        ["postgres", "initdb"].allSatisfy { access(path($0), X_OK) == 0 }
    }

    /// 15 for `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`.
    private static func version(of program: String) -> Int? {
        do {
            let (_, output) = try ChildProcess.run(program, ["--version"])
            let number = output.split(separator: " ").dropFirst(2).first ?? ""
            return Int(number.prefix(while: \.isNumber))
        } catch {
            // A program that cannot be started is not an installation.
            return nil
        }
    }
}
