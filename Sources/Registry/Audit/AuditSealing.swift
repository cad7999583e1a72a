import Runtime
package import Scheduler

/// Seals what was written down, every second, and tells the second sink.
package struct AuditSealing: Sendable {
    let chains: AuditChainStore
    /// Nil keeps no checkpoints.
    let checkpoints: AuditCheckpointFile?
    let chainID: Int16

    init(_ chains: AuditChainStore, checkpoints: AuditCheckpointFile?, chainID: Int16 = 1) {
        self.chains = chains
        self.checkpoints = checkpoints
        self.chainID = chainID
    }

    package var job: Job {
        Job("audit.seal", every: .seconds(1)) { () async throws -> JobResult in try await run() }
    }

    /// A seal stands in the database before its checkpoint does; one that was missed is made up here.
    func run() async throws -> JobResult {
        let sealed = try await chains.seal(chainID)
        if let checkpoints, let newest = try await newest(sealed?.seal, checkpoints) {
            let outcome = await onThread(name: "checkpoint") { Result { () throws(SystemError) in try checkpoints.append(newest) } }
            try outcome.get().get()
        }
        return sealed?.isFull == true ? .more : .idle
    }

    /// What is to be appended: the new seal, or the newest one where the file has not been told of it.
    private func newest(_ sealed: AuditSeal?, _ checkpoints: AuditCheckpointFile) async throws -> AuditSeal? {
        if let sealed { return sealed }
        return checkpoints.isUpToDate ? nil : try await chains.newestSeal(chainID)
    }
}
