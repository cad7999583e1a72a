package import Crypto
package import Postgres

/// Replaces the master key that everybody's data key is wrapped with, and destroys the one of before: then no old backup of the database
/// tells who was erased since, even to whoever has the key file.
///
/// What is erased is gone from the database at once, but not from its backups: a backup from before holds the person's wrapped data key,
/// and the key file of today unwraps it. Only when the master key of that time exists no longer, in no copy of the key file, is it
/// unreadable. So keys are rotated as often as erasures are to be final: monthly, say, with backups of the key file kept no longer.
///
/// Three steps, each of which every server must know before the next, so that none meets an envelope that it cannot open: a new key is
/// added; it comes into force; all envelopes are sealed anew under it and the old key is destroyed. What is done stands in the key file
/// alone, so a step that was cut off is taken up by the next call. Before the old key goes, constraints refuse whatever is sealed under
/// it, by a server that was forgotten, say, and prove that nothing is left.
///
/// What it does not change: blind indexes of national ids and phones are keyed by the key file's other secret, which stays. Whoever holds
/// an old backup and the key file can still test whether a given national id was in it.
package struct KeyRotation: Sendable {
    /// What is to be done next, as the key file says.
    package enum Step: Hashable, Sendable {
        case add, promote
        case reseal

        package init(_ keys: Keys) {
            if keys.masterKeys.keys.max() != keys.currentMasterKeyID {
                self = .promote
            } else {
                self = keys.masterKeys.count > 1 ? .reseal : .add
            }
        }
    }

    /// Why it does not go on: sentences for the operator.
    package enum Refusal: Error, CustomStringConvertible {
        case otherKey(UInt16)
        case noNumberLeft

        package var description: String {
            switch self {
            case .otherKey(let id):
                "another master key \(id) was made elsewhere: copy the key file from that machine here, and call this again"
            case .noNumberLeft: "there have been 65,535 master keys, more than an envelope can number"
            }
        }
    }

    private let store: MasterKeyStore
    private let path: String
    /// Rows sealed anew in one transaction.
    var batchRows = 1_000

    /// - Parameter path: the key file, which is written anew.
    package init(database: Database, keyFile path: String) {
        store = MasterKeyStore(database)
        self.path = path
    }

    /// Does the next step.
    /// - Parameter told: how many rows were sealed anew, after each batch.
    /// - Returns: the step that was done.
    package func runOnce(told: (Int) throws -> Void = { _ in }) async throws -> Step {
        let keys = try KeyFile.open(path: path)
        let step = Step(keys)
        switch step {
        case .add:
            guard let more = keys.addingMasterKey(), let id = more.masterKeys.keys.max() else { throw Refusal.noNumberLeft }
            try KeyFile.replace(path: path, with: more)
            guard try await store.note(id, more) else {
                try KeyFile.replace(path: path, with: keys)
                throw Refusal.otherKey(id)
            }
        case .promote:
            let next = keys.promotingNewestMasterKey()
            // Where the step before was cut off between file and database.
            guard try await store.note(next.currentMasterKeyID, next) else { throw Refusal.otherKey(next.currentMasterKeyID) }
            try await store.allowAll()
            try KeyFile.replace(path: path, with: next)
        case .reseal:
            // Twice: what is there already, and then, when nothing more can come, what came meanwhile.
            try await reseal(keys, told)
            try await store.allowOnly(keys.currentMasterKeyID)
            try await reseal(keys, told)
            try await store.proveOnly()
            // Noted first: a file that lacks a key which is not noted as destroyed is an old copy, and no server takes it.
            try await store.noteDestroyed(keys.masterKeys.keys.filter { $0 != keys.currentMasterKeyID })
            try KeyFile.replace(path: path, with: keys.destroyingOtherMasterKeys())
        }
        return step
    }

    private func reseal(_ keys: Keys, _ told: (Int) throws -> Void) async throws {
        let (vault, sealer, id) = (PersonalDataVault(keys), Sealer(keys), keys.currentMasterKeyID)
        var done = 0
        var cursor: Int64 = 0
        while let progress = try await store.rewrapDataKeys(after: cursor, limit: batchRows, under: id, vault) {
            cursor = progress.last
            done += progress.count
            try told(done)
        }
        // Programs stand above this target; their lottery's secret is bound to table and column as every one is.
        for (table, key, column, sealed) in [
            ("outbox_event", "event_id", "data_sealed", OutboxStore.dataColumn),
            ("program", "program_id", "lottery_secret_sealed", SealedColumn(table: "program", column: "lottery_secret_sealed")),
            (
                "coupon_round", "round_id", "lottery_secret_sealed",
                SealedColumn(table: "coupon_round", column: "lottery_secret_sealed")
            ),
            (
                "insurance_batch", "batch_id", "lottery_secret_sealed",
                SealedColumn(table: "insurance_batch", column: "lottery_secret_sealed")
            ),
            (
                "school_draw", "draw_id", "lottery_secret_sealed", SealedColumn(table: "school_draw", column: "lottery_secret_sealed")
            ),
        ] {
            cursor = 0
            while let progress = try await store.reseal(
                table, key, column, as: sealed, after: cursor, limit: batchRows, under: id, sealer)
            {
                cursor = progress.last
                done += progress.count
                try told(done)
            }
        }
        for part in [store.resealSecrets, store.resealAnswers] {
            while true {
                let count = try await part(batchRows, id, sealer)
                if count == 0 { break }
                done += count
                try told(done)
            }
        }
    }
}
