import FoundationEssentials

extension EmbeddedServer {
    /// The connection string of the cluster in `dataFolder` if it runs and accepts connections: for commands that work beside a server.
    ///
    /// Line 5 of `postmaster.pid` names the folder of the socket (miscadmin.h, LOCK_FILE_LINE_SOCKET_DIR).
    package static func runningConnectionString(dataFolder: String) -> String? {
        let cluster = "\(dataFolder)/postgres"
        guard let bytes = FileManager.default.contents(atPath: "\(cluster)/postmaster.pid"),
            let file = PostmasterFile(cluster: cluster), file.status == "ready", FileManager.default.fileExists(atPath: "/proc/\(file.process)")
        else { return nil }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count > 4, !lines[4].isEmpty else { return nil }
        let folder = lines[4].map { $0 == "'" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined()
        return "host='\(folder)' port=5432 dbname=waystation user=\(role)"
    }
}
