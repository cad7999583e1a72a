package import Runtime

extension EmbeddedServer {
    /// Deletes the cluster of a data folder, its log and its settings, for starting over; other files in the folder stay.
    ///
    /// A postmaster left over by a killed Waystation is stopped first. Fails when a Waystation works on the folder.
    package static func erase(dataFolder: String, log: Log) async throws(EmbeddedServerError) {
        let outcome = await onThread(name: "postgres-erase") {
            Result { () throws(EmbeddedServerError) in
                let user = try EmbeddedUser.current()
                let folder = try DataFolder(dataFolder)
                if let orphan = PostmasterFile.orphan(cluster: "\(folder.path)/postgres", user: user) {
                    EmbeddedStarter.stop(orphan, allowance: .seconds(10), log: log)
                }
                let names = [
                    "postgres", "postgres.new", "log", "socket", "postgres.start.log", "postgresql.conf", "pg_hba.conf", "pg_ident.conf",
                ]
                let paths = names.map { "\(folder.path)/\($0)" } + [EmbeddedCluster.socketFolder(for: folder.path)]
                try EmbeddedCluster.delete(paths)
            }
        }
        switch outcome {
        case .success(let result): try result.get()
        case .failure(let error): throw .system(error)
        }
    }
}
