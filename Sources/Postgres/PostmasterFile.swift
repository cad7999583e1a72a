import FoundationEssentials
import Glibc
import Runtime

/// What `postmaster.pid` in a cluster's folder tells: line 1 the process, line 5 the folder of its socket, line 8 its state
/// (miscadmin.h, LOCK_FILE_LINE_PM_STATUS).
struct PostmasterFile: Hashable, Sendable {
    let process: pid_t
    /// `starting`, `stopping`, `ready` or `standby`; empty while the file is being written.
    let status: String
    let socketFolder: String

    init?(text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard let first = lines.first, let process = pid_t(first), process > 0 else { return nil }
        self.process = process
        socketFolder = lines.count >= 5 ? String(lines[4]) : ""
        status = lines.count >= 8 ? lines[7].split(separator: " ").first.map(String.init) ?? "" : ""
    }

    init?(cluster: String) {
        guard let bytes = FileManager.default.contents(atPath: "\(cluster)/postmaster.pid") else { return nil }
        self.init(text: String(decoding: bytes, as: UTF8.self))
    }

    /// The running postmaster of the cluster, left over by a Waystation that was killed.
    ///
    /// A stranger who has got the number meanwhile is told apart by command line and owner, so nobody else is ever signalled.
    static func orphan(cluster: String, user: EmbeddedUser) -> ChildProcess? {
        guard let file = PostmasterFile(cluster: cluster) else { return nil }
        do {
            // Held before it is looked at: what is checked is what will be signalled.
            let process = try ChildProcess.attach(to: file.process)
            var information = stat()
            guard stat("/proc/\(file.process)", &information) == 0, information.st_uid == user.id,
                let line = FileManager.default.contents(atPath: "/proc/\(file.process)/cmdline")
            else { return nil }
            let words = line.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
            guard words.count > 2, words[0].hasSuffix("/postgres"), words[1] == "-D", words[2] == cluster else { return nil }
            return process
        } catch {
            // It has ended since it wrote the file.
            return nil
        }
    }
}
