import Crypto
import Postgres
import Registry
import Runtime

extension Command {
    static let verifyAudit = Command(
        "audit verify", summary: "Checks the audit's chain, its seals and its checkpoints; names the first bad row (status 1)",
        options: Settings.database + [Settings.auditCheckpoints]
    ) { settings in
        let log = try settings.makeLog(level: .warning)
        let keys: Keys
        do throws(KeyFileError) {
            keys = try KeyFile.open(path: settings.keyFile)
        } catch {
            throw CommandError("\(error)")
        }
        let checkpoints = try AuditVerification.checkpoints(settings)
        try await DatabaseOnly.run(settings, log: log) { database in
            let start = MonotonicTime.current
            let chains = AuditChainStore(database: database, key: AuditSeal.key(keys))
            let verdict = try await chains.verify(checkpoints: checkpoints)
            let seconds = max((MonotonicTime.current - start).secondsValue, 0.001)
            Terminal.output(
                "\(grouped(Int(verdict.links))) rows sound, \(grouped(Int(verdict.waiting))) wait for their seal, "
                    + "\(grouped(checkpoints.count)) checkpoints; \(grouped(Int(Double(verdict.links) / seconds))) rows/s\n")
            guard let fault = verdict.fault else { return Terminal.output("The audit is sound.\n") }
            throw CommandError("The audit is not sound: \(AuditVerification.sentence(fault))")
        }
    }
}

/// What `audit verify` reads and says.
enum AuditVerification {
    /// The file given must be there; the standard one may not have been begun.
    static func checkpoints(_ settings: Settings) throws(CommandError) -> [AuditSeal] {
        guard let (checkpoints, damaged) = AuditCheckpointFile.read(settings.auditCheckpointFile) else {
            if settings.configuration.text(Settings.auditCheckpoints.name) == nil { return [] }
            throw CommandError("there is no file \(settings.auditCheckpointFile)")
        }
        for line in damaged { Terminal.error("line \(line) of the checkpoints is damaged and passed over\n") }
        return checkpoints
    }

    static func sentence(_ fault: AuditFault) -> String {
        let place = "chain \(fault.chainID), position \(fault.position)" + (fault.entryID.map { ", entry \($0)" } ?? "")
        return switch fault.reason {
        case .linkMissing: "\(place): the row is missing"
        case .entryMissing: "\(place): the entry is missing"
        case .changed: "\(place): the row is not what was sealed"
        case .rewritten: "\(place): from here on the batch was changed and hashed anew"
        case .sealMissing: "\(place): the seal of the batch that starts here is missing"
        case .sealForged: "\(place): the seal is not signed by this key file"
        case .sealCut: "\(place): rows stand behind the last seal"
        case .neverSealed: "\(place): an entry of a sealed time stands outside the chain"
        case .tailCut: "\(place): the chain ends before a checkpoint: its tail was cut off"
        case .checkpointDiffers: "\(place): a checkpoint has another hash: the chain was written anew"
        case .checkpointForged: "\(place): a checkpoint is not signed by this key file"
        }
    }
}
