import Glibc

extension EmbeddedServer {
    /// The connection string of the cluster in `dataFolder` if it runs and accepts connections: for commands that work beside a server.
    package static func runningConnectionString(dataFolder: String) -> String? {
        guard let file = PostmasterFile(cluster: "\(dataFolder)/postgres"), file.status == "ready", !file.socketFolder.isEmpty,
            access("/proc/\(file.process)", F_OK) == 0
        else { return nil }
        return connectionString(socketFolder: file.socketFolder, database: "waystation", user: role)
    }
}
