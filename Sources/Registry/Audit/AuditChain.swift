package import Crypto
package import Runtime

/// What is wrong with a chain, and where.
package struct AuditFault: Error, Hashable, Sendable {
    package enum Reason: String, Hashable, Sendable, CaseIterable {
        /// A link's place is empty: it was deleted, or the ones after it were renumbered.
        case linkMissing
        /// The link is there and its entry is not.
        case entryMissing
        /// The entry or the link is not what was sealed: changed, re-dated, swapped or put in between.
        case changed
        /// The links of a batch were hashed anew after its end was signed; which of them changed cannot be told any more.
        case rewritten
        /// The batch has no seal, or its seal begins elsewhere.
        case sealMissing
        /// The seal is not signed by this key file's key.
        case sealForged
        /// Links stand behind the last seal.
        case sealCut
        /// An entry of a time that was sealed stands in no link.
        case neverSealed
        /// A checkpoint names a place that the chain does not reach any more.
        case tailCut
        /// A checkpoint has another hash for this place: the chain was written anew after it.
        case checkpointDiffers
        /// A checkpoint that speaks against the chain is not signed by this key file's key.
        case checkpointForged
    }

    package let chainID: Int16
    /// The first place that is bad; of an entry in no link, the end of the chain.
    package let position: Int64
    package let entryID: ID<AuditEntry>?
    package let reason: Reason

    /// The fault that `check` finds first.
    static func first(_ check: () throws(AuditFault) -> Void) -> AuditFault? {
        do throws(AuditFault) {
            try check()
            return nil
        } catch {
            return error
        }
    }
}

/// Checks a chain link by link: give it every row in order, then ask for the end. A value without I/O that holds no more than one row.
package struct AuditChain: Sendable {
    /// A link with its entry, as the database has them.
    package struct Row: Hashable, Sendable {
        package var position: Int64
        package var entryID: ID<AuditEntry>
        package var hash: [UInt8]
        /// Nil when there is none of this number.
        package var entry: AuditEntry?
    }

    private let chainID: Int16
    private let key: PublicKey
    private var seals: ArraySlice<AuditSeal>
    private var checkpoints: ArraySlice<AuditSeal>
    private var hash: [UInt8]
    private var batchStart: Int64 = 1
    private var horizon: Int64 = 0

    /// How many links were right so far.
    package private(set) var count: Int64 = 0

    /// - Parameters:
    ///   - seals: the chain's, in the order of their last positions.
    ///   - checkpoints: those of this chain; in any order.
    package init(_ chainID: Int16, key: PublicKey, seals: [AuditSeal], checkpoints: [AuditSeal]) {
        self.chainID = chainID
        self.key = key
        self.seals = seals[...]
        self.checkpoints = checkpoints.sorted { $0.lastPosition < $1.lastPosition }[...]
        hash = AuditEntry.origin(of: chainID)
    }

    /// Checks the next row.
    package mutating func check(_ row: Row) throws(AuditFault) {
        let position = count + 1
        guard row.position == position else { throw fault(.linkMissing, position) }
        guard let entry = row.entry else { throw fault(.entryMissing, position, row.entryID) }
        let expected = entry.hash(at: position, after: hash)
        guard entry.id == row.entryID, entry.chainID == chainID, expected == row.hash else { throw fault(.changed, position, row.entryID) }
        hash = expected
        count = position
        try checkSeal()
        while let checkpoint = checkpoints.first, checkpoint.lastPosition == position {
            guard checkpoint.lastHash == hash else { throw fault(reason(checkpoint, .checkpointDiffers), position, row.entryID) }
            checkpoints = checkpoints.dropFirst()
        }
    }

    private mutating func checkSeal() throws(AuditFault) {
        guard let seal = seals.first else { throw fault(.sealCut, count) }
        guard seal.lastPosition >= count, seal.firstPosition == batchStart, seal.chainID == chainID else {
            throw fault(.sealMissing, batchStart)
        }
        guard seal.lastPosition == count else { return }
        guard seal.isSigned(by: key) else { throw fault(.sealForged, count) }
        guard seal.lastHash == hash else { throw fault(.rewritten, batchStart) }
        // Horizons only grow within one cluster; a restored one starts anew.
        horizon = seal.horizon
        batchStart = count + 1
        seals = seals.dropFirst()
    }

    /// Checks what stands in no link.
    /// - Parameter isSealedHere: whether the chain is one that anybody seals.
    package func checkUnlinked(_ entry: AuditEntry, isSealedHere: Bool = true) throws(AuditFault) {
        if entry.transactionID < horizon || !isSealedHere { throw fault(.neverSealed, count, entry.id) }
    }

    /// Checks that nothing is missing behind the last row.
    package func finish() throws(AuditFault) {
        if seals.first != nil || batchStart != count + 1 { throw fault(.linkMissing, count + 1) }
        if let checkpoint = checkpoints.first { throw fault(reason(checkpoint, .tailCut), count + 1) }
    }

    /// Only a checkpoint that speaks against the chain must prove itself.
    private func reason(_ checkpoint: AuditSeal, _ reason: AuditFault.Reason) -> AuditFault.Reason {
        checkpoint.chainID == chainID && checkpoint.isSigned(by: key) ? reason : .checkpointForged
    }

    private func fault(_ reason: AuditFault.Reason, _ position: Int64, _ entryID: ID<AuditEntry>? = nil) -> AuditFault {
        AuditFault(chainID: chainID, position: position, entryID: entryID, reason: reason)
    }

    /// The first fault of a whole chain at hand; nil for a sound one.
    package static func verify(
        _ chainID: Int16, rows: some Sequence<Row>, seals: [AuditSeal], checkpoints: [AuditSeal], unlinked: [AuditEntry] = [],
        key: PublicKey
    ) -> AuditFault? {
        var chain = AuditChain(chainID, key: key, seals: seals, checkpoints: checkpoints)
        return AuditFault.first { () throws(AuditFault) in
            for row in rows { try chain.check(row) }
            for entry in unlinked { try chain.checkUnlinked(entry) }
            try chain.finish()
        }
    }
}
